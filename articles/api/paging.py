"""Lists are bare arrays. How many there are in all, and where the others stand, is said in headers."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from blogsite import etags

MOST = 100  # on one page
PAGED = {"skip", "limit", "cursor", "ordering"}  # the parameters of a list
BIGINT = 2**63 - 1  # the largest number that a database counts with


def parameter(name: str, kind: str, description: str, *examples: Any, **schema: Any) -> dict[str, Any]:
    """As the OpenAPI document shows it."""
    shown = {"type": kind, "examples": examples, **schema} if examples else {"type": kind, **schema}
    return {"name": name, "in": "query", "description": description, "schema": shown}


def whole(request: Request, name: str, *, default: int, least: int) -> int:
    value = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,19}", value) or not least <= int(value) <= BIGINT:
        raise ValidationError({name: [f"Give a whole number from {least} on, not beyond 64 bits."]})
    return int(value)


class SkipLimit(BasePagination):
    skip: int
    limit: int
    total: int
    rows: list[Any]
    before: bool  # whether there are rows before these
    more: bool  # and after them

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.skip = whole(request, "skip", default=0, least=0)
        self.limit = min(whole(request, "limit", default=MOST, least=1), MOST)
        self.total = queryset.count() if isinstance(queryset, QuerySet) else len(queryset)
        self.read(queryset, request)
        return self.rows

    def read(self, queryset: Any, request: Request) -> None:
        start = min(self.skip, self.total)
        self.rows, self.more = self.cut(queryset[start : start + self.limit + 1])
        self.before = self.skip > 0

    def cut(self, found: Iterable[Any]) -> tuple[list[Any], bool]:
        """A page of rows, and whether one more was found."""
        rows = list(found)
        return rows[: self.limit], len(rows) > self.limit

    def get_paginated_response(self, data: Any) -> Response:
        links = {"first": {"skip": 0}, "last": {"skip": max(0, self.total - 1) // self.limit * self.limit}}
        if self.before:
            links["prev"] = self.prev()
        if self.more:
            links["next"] = self.next()
        link = ", ".join(f'<{self.at(**place)}>; rel="{relation}"' for relation, place in links.items())
        response = Response(data, headers={"X-Total-Count": str(self.total), "Link": link})
        # a 304 leaves old headers standing
        return etags.tag(response, f"{'+' if self.before else ''}{self.total}{'+' if self.more else ''}")

    def prev(self) -> dict[str, Any]:
        return {"skip": max(0, min(self.skip, self.total) - self.limit)}

    def next(self) -> dict[str, Any]:
        return {"skip": self.skip + self.limit}

    def at(self, **place: Any) -> str:
        url = remove_query_param(remove_query_param(self.url, "skip"), "cursor")
        for name, value in place.items():
            url = replace_query_param(url, name, value)
        return url

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            parameter("skip", "integer", "How many to leave out.", 20, minimum=0, maximum=BIGINT, default=0),
            parameter(
                "limit",
                "integer",
                f"How many to give. More than {MOST} is taken as {MOST}.",
                20,
                minimum=1,
                maximum=BIGINT,
                default=MOST,
            ),
        ]


class Keyset(SkipLimit):
    """The next page begins behind the last row of this one, the one before ends before its first: both are found by an
    index, however far down the list they are.

    The view names its `orderings`, the first of them the default.
    """

    signer = signing.Signer(salt="articles.api.paging")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.ordering = request.query_params.get("ordering", view.orderings[0])
        if self.ordering not in (known := both_ways(view.orderings)):
            raise ValidationError({"ordering": [f"Give one of {', '.join(known)}."]})
        self.name = self.ordering.removeprefix("-")
        self.field = queryset.model._meta.get_field(self.name)
        self.descending = self.ordering != self.name
        # what strangers see has all its dates; not to look for rows without keeps their way through the index straight
        self.nullable = self.field.null and request.user.is_authenticated
        return super().paginate_queryset(queryset, request, view)

    def read(self, queryset: Any, request: Request) -> None:
        if cursor := request.query_params.get("cursor"):
            return self.read_from(cursor, queryset)
        return super().read(queryset.order_by(*self.order(self.descending)), request)

    def read_from(self, cursor: str, queryset: QuerySet[Any]) -> None:
        """The rows behind the one that the cursor tells of; or those before it, which is the same the other way."""
        value, pk, back = self.opened(cursor)
        descending = self.descending != back
        behind = queryset.filter(self.behind(value, pk, descending)).order_by(*self.order(descending))
        self.rows, further = self.cut(behind[: self.limit + 1])
        self.before, self.more = (further, True) if back else (True, further)
        if back:
            self.rows.reverse()
        if not self.rows:  # all of them are gone: what is left of the list lies on the other side
            self.skip, self.more = 0 if back else self.total, False

    def order(self, descending: bool) -> Sequence[Any]:
        """Rows without a date, which are drafts, come as if theirs were far in the future."""
        by = F(self.name)
        if descending:
            return [by.desc(nulls_first=self.nullable or None), "-pk"]
        return [by.asc(nulls_last=self.nullable or None), "pk"]

    def opened(self, cursor: str) -> tuple[Any, Any, bool]:
        try:
            ordering, value, pk, back = self.signer.unsign_object(cursor)
        except signing.BadSignature:
            ordering = None
        if ordering != self.ordering:
            raise ValidationError({"cursor": ["Take it from a Link header, with the same ordering."]})
        return self.field.to_python(value or None), pk, back

    def behind(self, value: Any, pk: Any, descending: bool) -> Q:
        way, name = "lt" if descending else "gt", self.name
        further = Q(**{f"pk__{way}": pk})
        if value is None:
            further &= Q(**{name: None})
            return further | Q(**{f"{name}__isnull": False}) if descending else further
        # said so that the index is entered at the right place
        further = Q(**{f"{name}__{way}e": value}) & (Q(**{f"{name}__{way}": value}) | further)
        return further | Q(**{name: None}) if self.nullable and not descending else further

    def next(self) -> dict[str, Any]:
        return self.cursor(self.rows[-1], back=False)

    def prev(self) -> dict[str, Any]:
        return self.cursor(self.rows[0], back=True) if self.rows else super().prev()

    def cursor(self, row: Model, *, back: bool) -> dict[str, Any]:
        place = [self.ordering, self.field.value_to_string(row), row.pk, back]
        return {"cursor": self.signer.sign_object(place)}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orderings = both_ways(view.orderings)
        return [
            *super().get_schema_operation_parameters(view),
            parameter(
                "cursor",
                "string",
                "Where the page begins, instead of `skip`: from the `Link` header, as it stands there.",
            ),
            parameter(
                "ordering",
                "string",
                "By what the list is ordered; with a `-` the newest, or the last in the alphabet, first.",
                view.orderings[0],
                enum=orderings,
                default=view.orderings[0],
            ),
        ]


def both_ways(orderings: Sequence[str]) -> list[str]:
    names = [ordering.removeprefix("-") for ordering in orderings]
    return [*names, *(f"-{name}" for name in names)]
