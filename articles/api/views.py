"""What all answers of articles have in common, and those that are no list of one model."""

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from articles import access
from articles.api import serializers
from articles.api.filters import ArticleFilter
from articles.api.paging import SkipLimit
from articles.api.reading import Reading
from articles.models import Article
from articles.search.query import Hit, Results, search
from articles.search.question import MAX_LENGTH
from blogsite.rendering import JSONRenderer
from blogsite.rest import NDJSON, NOT_BLANK, ApiView, described

AT_ONCE = 200  # articles whose texts an export holds in memory
CUT_OFF = {"detail": "Something went wrong here: this is not all."}
TEXTS = {"content", "content_html"}
IN_SNIPPET = ("content_html", "excerpt")


def fields_of(serializer: type[serializers.ArticleSerializer]) -> OpenApiParameter:
    return OpenApiParameter(
        "fields",
        {"type": "array", "minItems": 1, "items": {"type": "string", "enum": serializer.Meta.fields}},
        description="The fields to answer, separated by commas. All, where left out.",
        style="form",
        explode=False,
        examples=[OpenApiExample("Two of them", ["id", "title"])],
    )


FIELDS = fields_of(serializers.ArticleSerializer)


# Articles as far as whoever asks may see them, and of each the `fields` that they ask for. (A docstring would be
# published, as that of each operation below it.)
class ArticleView(ApiView, generics.GenericAPIView[Article]):
    serializer_class: type[serializers.ArticleSerializer] = serializers.ArticleSerializer
    filterset_class: type[ArticleFilter] | None = None
    only: Collection[str] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        asked = request.query_params.get("fields")
        only = {name.strip() for name in (asked or "").split(",")} - {""}
        if asked is not None and not only:
            raise ValidationError({"fields": ["Name some, with a comma between two, or leave it out."]})
        if unknown := only.difference(self.serializer_class.Meta.fields):
            raise ValidationError({"fields": [f"An article has no {', '.join(sorted(unknown))}."]})
        self.only = only

    @property
    def is_filtered(self) -> bool:
        """Whether this is a list of other articles than strangers see."""
        filters = self.filterset_class.base_filters if self.filterset_class else {}
        return self.request.user.is_authenticated or not filters.keys().isdisjoint(self.request.query_params)

    @property
    def person(self) -> User:
        return cast(User, self.request.user)  # or AnonymousUser, where the permissions let one in

    def viewable(self) -> QuerySet[Article]:
        return Article.objects.viewable_by(self.person)

    def get_queryset(self) -> QuerySet[Article]:
        articles = self.viewable().select_related("author", "cover", "series")
        return articles.prefetch_related(*self.near()).defer("toc", *TEXTS.difference(self.asked(*TEXTS)))

    def near(self) -> list[Any]:
        """What is read in a query of its own: the tags, and of what it translates what one may see."""
        near = {"tags": "tags", "translation_of": self.original()}
        return [near[name] for name in self.asked(*near)]

    def original(self) -> Any:
        return Prefetch("translation_of", Article.objects.viewable_by(self.person).only("pk"))

    def asked(self, *names: str) -> list[str]:
        """Those of these fields that are to be answered."""
        return [name for name in names if not self.only or name in self.only]

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Article]:
        return super().get_serializer(*args, only=self.only, **kwargs)


class Search(ArticleView):
    serializer_class = serializers.FoundSerializer
    pagination_class = SkipLimit
    filter_backends = []
    public = {"get": {"q", "fields", "skip", "limit"}}

    @described(
        "Search articles",
        serializers.FoundSerializer(many=True),
        parameters=[
            OpenApiParameter(
                "q",
                {"type": "string", "pattern": NOT_BLANK, "maxLength": MAX_LENGTH},
                required=True,
                examples=[OpenApiExample("Words", 'harbour "low tide" -storm')],
                description='All words have to be there; "words in quotes" stand together; -words must not be there; '
                f"the last word may be the beginning of a longer one. At most {MAX_LENGTH} characters.",
            ),
            fields_of(serializers.FoundSerializer),
        ],
        filters=False,
        operation_id="search_articles",
    )
    def get(self, request: Request) -> Response:
        """The live articles that match, the best first. With a token too: what is not live is not searched.

        Of words that very many articles have, only the newest of these are ranked; `X-Total-Count` says how many
        can be paged through.
        """
        results = self.found(request.query_params.get("q", ""))
        page: Any = self.paginate_queryset(cast(Any, results.hits))
        return self.get_paginated_response(self.shown(page, results))

    def shown(self, hits: list[Hit], results: Results) -> list[dict[str, Any]]:
        """Those that are still there, in one query, and one for their tags."""
        is_marked = bool(self.asked("highlight"))
        reading = Reading(self.only, "id", *(IN_SNIPPET if is_marked else ()))
        rows = reading.of(self.viewable().filter(access.live(), pk__in=[hit.article for hit in hits]))
        by_id = {reading.pick("id")(row): row for row in rows}
        hits = [hit for hit in hits if hit.article in by_id]
        found = [by_id[hit.article] for hit in hits]
        shown = reading.shown(found, self.request, self.person)
        if self.asked("score"):
            for each, hit in zip(shown, hits, strict=True):
                each["score"] = hit.score
        if is_marked:
            for each, texts in zip(shown, map(reading.pick(*IN_SNIPPET), found), strict=True):
                each["highlight"] = results.snippet(*texts)
        return shown

    def found(self, text: str) -> Results:
        if not text.strip():
            raise ValidationError({"q": ["Say what to look for."]})
        if len(text) > MAX_LENGTH:
            raise ValidationError({"q": [f"Give at most {MAX_LENGTH} characters."]})
        if "\0" in text:
            raise ValidationError({"q": ["Null characters are not allowed."]})
        return search(text).among(self.viewable())


# Read in pieces, each by the ids behind those of the last: no piece waits for what nobody has asked for yet, none holds
# a transaction open for as long as a client takes, and what is written meanwhile moves no article to where it is missed
# or met again.
class Export(ArticleView):
    filterset_class = ArticleFilter
    pagination_class = None

    @described(
        "Export all articles",
        OpenApiResponse(OpenApiTypes.STR, "An article a line, as JSON."),
        status=(200, NDJSON),
        parameters=[FIELDS],
        filters=True,
        operation_id="export_articles",
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every article that one may see, each as it is answered and on a line of its own, by id from the lowest.

        It is sent as it is read, and takes the filters of the list. An article that nobody changes meanwhile is in it
        exactly once; what is written meanwhile is in it as it was or as it is. Where it has to break off, the last line
        has a `detail` instead of an article, and the transfer ends as one that was cut off does.
        """
        pieces = self.pieces(self.filter_queryset(self.get_queryset()).order_by("pk"))
        first = next(pieces, [])  # an error here is still answered as one
        return StreamingHttpResponse(self.lines(chain([first], pieces)), content_type=NDJSON)

    def pieces(self, articles: QuerySet[Article]) -> Iterator[list[Article]]:
        piece = list(articles[:AT_ONCE])
        while piece:
            yield piece
            piece = list(articles.filter(pk__gt=piece[-1].pk)[:AT_ONCE]) if len(piece) == AT_ONCE else []

    def lines(self, pieces: Iterator[list[Article]]) -> Iterator[bytes]:
        renderer = JSONRenderer()
        try:
            for piece in pieces:
                for shown in self.get_serializer(piece, many=True).data:
                    yield renderer.render(shown) + b"\n"
        except Exception:
            yield renderer.render(CUT_OFF) + b"\n"
            raise  # so that the server closes the connection in the middle of the answer
