"""What an answer is known by: nothing is sent twice, and nobody's change is overwritten unseen.

Every answer of the API has an ETag: a digest of it, "1f2e…". An article's begins with its version, "7-1f2e…", and a
list's with what its headers say.

If-None-Match compares the whole, because the answer also shows what the version does not count: the author's name, a
renamed tag, which fields were asked for. If-Match asks whether the article itself was changed: the version alone; of
what has no version, the whole. No answer has a Last-Modified, so If-Unmodified-Since has nothing to compare and is not
looked at.
"""

from hashlib import sha256
from typing import Any
from zlib import crc32

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware import http
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from orjson import dumps
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from blogsite.rendering import JSONRenderer

NONE = 0  # versions begin with 1
IF_MATCH = OpenApiParameter(
    "If-Match",
    location="header",
    description="The ETag of what you have read, or several: nothing is written if it was changed since (412). `*`: "
    "whatever it is by now. Some sites demand it, and refuse a change without (428).",
    examples=[OpenApiExample("Of an article", '"7-1f2e8c0a9b3d4e5f"')],
)


class PreconditionFailed(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED

    def __init__(self, changed: str) -> None:
        super().__init__(f"The {changed} has been changed since.")


class PreconditionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "This site demands to know what you have read: send If-Match with the ETag that you were answered."


class ConditionalGetMiddleware(http.ConditionalGetMiddleware):
    """HEAD is told that nothing is new, too."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.method == "HEAD" and isinstance(response, HttpResponse) and "ETag" in response:
            conditional = get_conditional_response(request, etag=response["ETag"], response=response)
            return conditional or response
        return super().process_response(request, response)


def tag(response: Response, version: object = None, told_apart_by: object = None) -> Response:
    """Once it is rendered, that is; if it has none then.

    Of what is long, the digest takes longer than all the rest. What is `told_apart_by` something short, such as the ids
    and versions of what it shows, needs a checksum of the whole besides, for what these don't count.
    """

    def add(rendered: HttpResponse) -> None:
        if "ETag" in rendered:
            return
        beginning = "" if version is None else f"{version}-"
        content = rendered.content
        if told_apart_by is not None:
            content = b"%b %d %d" % (dumps(told_apart_by), len(content), crc32(content))
        rendered.headers["ETag"] = f'"{beginning}{_digest(content)}"'

    response.add_post_render_callback(add)
    return response


def expected_version(request: Request, version: int) -> int | None:
    """The version that If-Match insists on, if it is this one. None where any will do, NONE where this will not.

    For the verbs to compare again, once the row is locked. Raises PreconditionRequired.
    """
    expected = _expected(request)
    if expected is None:
        return None
    return version if str(version) in expected else NONE


def require(request: Request, shown: Any, called: str) -> None:
    """That If-Match, if it is sent, names an answer that shows this. Asked while the row of it is locked.

    Raises PreconditionFailed, which names what was `called` for, and PreconditionRequired.
    """
    expected = _expected(request)
    if expected is not None and _digest(JSONRenderer().render(shown)) not in expected:
        raise PreconditionFailed(called)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _expected(request: Request) -> set[str] | None:
    """The beginnings of all ETags in If-Match. None where any will do."""
    header = request.headers.get("If-Match")
    if header is None and settings.REQUIRE_IF_MATCH:
        raise PreconditionRequired
    given = parse_etags("*" if header is None else header)
    if "*" in given:
        return None
    # a proxy that compresses makes our ETags weak; what they begin with is as strong as before
    return {etag.removeprefix("W/").strip('"').partition("-")[0] for etag in given}
