"""What the views of the API have in common, whichever app they belong to."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import exceptions, serializers, status, views
from rest_framework.metadata import SimpleMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from blogsite import errors, etags, limits, problems
from blogsite.parsers import JSONParser, LengthRequired, TooLarge, refuse_unreadable

logger = logging.getLogger(__name__)
NO_STORE = "x-no-store"
FORM = "application/x-www-form-urlencoded"
NDJSON = "application/x-ndjson"
NOT_BLANK = r"[^\s\x1c-\x1f\x85]"  # what Python strips is more than what JSON Schema takes for space
_SURROGATE = re.compile("[\ud800-\udfff]")
T = TypeVar("T")


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "This can't be answered at the moment. Try again soon."
    wait = errors.WAIT


class JSONAlways(DefaultContentNegotiation):
    """Whatever a client accepts, JSON is what there is; and what it sends without saying what it is, is taken for it.

    So did the service that this API replaces.
    """

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        parser = super().select_parser(request, parsers) if request.content_type else next(iter(parsers))
        if parser:
            refuse_unreadable(request, parser)
        return parser

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class FilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Makes no form for who asks for no filter."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filters = self.get_filterset_class(view, queryset)
        if filters is None or filters.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)


class Metadata(SimpleMetadata):
    """What OPTIONS tells. What may be sent is told by the OpenAPI document: DRF would take it from what is answered."""

    def determine_actions(self, request: Request, view: views.APIView) -> dict[str, Any]:
        return {}


# Answers that caches may keep, but not give to anybody without asking again. (A docstring would be published.)
class ApiView(views.APIView):
    parser_classes = [JSONParser]
    content_negotiation_class = JSONAlways
    metadata_class = Metadata

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = str(request.method).lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise exceptions.MethodNotAllowed(str(request.method))  # whoever asks: a token would not help
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            raise LengthRequired  # Django would take the body for empty
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        try:
            super().perform_authentication(request)
        except exceptions.APIException:  # who comes with a bad token is counted too
            limits.check(request)
            raise
        limits.check(request)

    def check_permissions(self, request: Request) -> None:
        if request.method != "OPTIONS":  # what an address takes is told to everybody
            super().check_permissions(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        if "Cache-Control" not in response:
            personal = {"private": True} if "Authorization" in request.headers else {}
            patch_cache_control(response, no_cache=True, **personal)
            if isinstance(response, Response) and response.data is not None and status.is_success(response.status_code):
                etags.tag(response)
        return response


class NoSurrogates(ProhibitSurrogateCharactersValidator):
    """As DRF's own, which goes through a text character by character: a long one takes it longer than all else does."""

    def __call__(self, value: Any) -> None:
        if _SURROGATE.search(value):
            super().__call__(value)


class Text(serializers.CharField):
    """Text and nothing else: a number is not taken for its digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        slow = ProhibitSurrogateCharactersValidator
        self.validators = [NoSurrogates() if type(each) is slow else each for each in self.validators]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TextInDocument(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers it
    """One that is trimmed may not be blank, which its length alone doesn't say."""

    target_class = Text

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        field: Text = self.target
        schema: dict[str, Any] = auto_schema._map_serializer_field(field, direction, bypass_extensions=True)
        return schema if field.allow_blank or not field.trim_whitespace else {**schema, "pattern": NOT_BLANK}


class AddressInDocument(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Where it may be empty, that is one thing and an address the other, also to who doesn't look at formats."""

    target_class = serializers.URLField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return {**schema, "minLength": 1}


class Flag(serializers.BooleanField):
    """True or false and nothing else, which DRF also reads out of 1, "yes" and the like."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in the API's own words. What is no refusal is our mistake, and goes on its way."""
    match error:
        case DjangoValidationError():
            error = exceptions.ValidationError(serializers.as_serializer_error(error))
        case exceptions.ValidationError(detail=dict(detail)):
            error.detail = {field: list(messages(said)) for field, said in detail.items()}
        case exceptions.ValidationError(detail=list(detail)):
            error = exceptions.ParseError(" ".join(messages(detail)))
        case PermissionDenied() | exceptions.PermissionDenied():
            error = exceptions.PermissionDenied("Not authorized")
        case exceptions.NotAuthenticated():
            error.detail = exceptions.ErrorDetail("Not authenticated", code=error.default_code)
        case RequestDataTooBig():
            error = TooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        case TooManyFieldsSent():
            error = exceptions.ParseError(f"There are more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields.")
        case TooManyFilesSent():
            error = exceptions.ParseError(f"There are more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files.")
        case _ if isinstance(error, errors.AWAY):
            logger.exception("The database or the cache does not answer")
            error = Unavailable()
        case SuspiciousOperation():
            error = exceptions.ParseError(str(error))
    return views.exception_handler(error, context)


def messages(said: Any) -> Iterator[Any]:
    """Of a field and of all that is within it, in one list."""
    match said:
        case dict():
            for within in said.values():
                yield from messages(within)
        case list():
            for within in said:
                yield from messages(within)
        case _:
            yield said


def described(
    summary: str,
    answer: Any,
    *refusals: int,
    status: int | tuple[int, str] = 200,
    no_store: bool = False,
    **more: Any,
) -> Callable[..., Any]:
    """What the OpenAPI document says of an operation: the refusals that are its own, and whether caches are told not to
    keep its answer. What follows from what it takes, what a refusal looks like and which headers come with an answer is
    said of all alike, in blogsite.document.
    """
    responses: dict[Any, Any] = {status: answer}
    responses |= {code: OpenApiResponse(description=HTTPStatus(code).phrase) for code in refusals}
    return extend_schema(summary=summary, responses=responses, extensions={NO_STORE: no_store}, **more)


def place(name: str, description: str, example: object, kind: Any = str) -> OpenApiParameter:
    """A part of an address, as the OpenAPI document shows it."""
    shown = OpenApiExample("One of them", example)
    return OpenApiParameter(name, kind, "path", description=description, examples=[shown])


def shown(example: dict[str, Any]) -> Callable[[type[T]], type[T]]:
    """What may be sent to a serializer, as the OpenAPI document shows it."""
    several = [
        OpenApiExample("For example", example, media_type=kind, request_only=True) for kind in (problems.JSON, FORM)
    ]
    return extend_schema_serializer(examples=several)
