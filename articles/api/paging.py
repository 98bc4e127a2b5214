"""Lists are bare arrays. How many there are in all, and where the others stand, is said in headers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blogsite import etags

MOST = 100  # on one page
PAGED = {"skip", "limit", "cursor", "ordering"}  # the parameters of a list
COUNTED = 1000  # of a list for which no count is kept: more only for who asks for it
EXACT = "count=exact"
FAR = 1000  # rows to skip: the end is nearer from behind
END = False  # in a cursor, instead of a value; that of a row may be empty
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


PREFER = {
    **parameter(
        "Prefer",
        "string",
        f"`{EXACT}` has the rows counted of a list in which there are more than {COUNTED:,}. Else such a list has no "
        "`X-Total-Count` and no link to its `last` page, unless it is known how many there are.",
        EXACT,
    ),
    "in": "header",
}


def wants_all(request: Request) -> bool:
    """RFC 7240: Prefer may come several times, with several preferences each, and these with parameters."""
    asked = re.split(r"[,;]", request.headers.get("Prefer", "").replace('"', ""))
    return any(re.sub(r"\s", "", preference).lower() == EXACT for preference in asked)


class SkipLimit(BasePagination):
    skip: int
    limit: int
    total: int | None  # where so many were counted, and no more
    rows: list[Any]
    before: bool  # whether there are rows before these
    more: bool  # and after them

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.skip = whole(request, "skip", default=0, least=0)
        self.limit = min(whole(request, "limit", default=MOST, least=1), MOST)
        self.exactly = wants_all(request)
        self.total = self.count(queryset, request)
        self.read(queryset, request)
        return self.rows

    def read(self, queryset: Any, request: Request) -> None:
        start = self.start()
        self.rows, self.more = self.cut(queryset[start : start + self.limit + 1])
        self.before = self.skip > 0

    def count(self, queryset: Any, request: Request) -> int | None:
        """How many there are in all. None for more than anybody wants to wait for."""
        if not isinstance(queryset, QuerySet):
            return len(queryset)
        if self.exactly:
            return queryset.count()
        counted = queryset.order_by()[: COUNTED + 1].count()
        return counted if counted <= COUNTED else None

    def start(self) -> int:
        return self.skip if self.total is None else min(self.skip, self.total)

    def cut(self, found: Iterable[Any]) -> tuple[list[Any], bool]:
        """A page of rows, and whether one more was found."""
        rows = list(found)
        return rows[: self.limit], len(rows) > self.limit

    def get_paginated_response(self, data: Any) -> Response:
        response = Response(data, headers={"Link": self.links(), **self.counted()})
        patch_vary_headers(response, ["Prefer"])
        # a 304 leaves old headers standing
        total = "" if self.total is None else self.total
        version = f"{'+' if self.before else ''}{total}{'+' if self.more else ''}"
        return etags.tag(response, version, self.told_apart_by())

    def told_apart_by(self) -> object:
        """Of rows that say it, what changes with them."""
        return None

    def links(self) -> str:
        links: dict[str, dict[str, Any]] = {"first": {"skip": 0}}
        if self.total is not None:
            links["last"] = self.last(self.total)
        if self.before:
            links["prev"] = self.prev()
        if self.more:
            links["next"] = self.next()
        return ", ".join(f'<{self.at(**place)}>; rel="{relation}"' for relation, place in links.items())

    def counted(self) -> dict[str, str]:
        applied = {"Preference-Applied": EXACT} if self.exactly else {}
        return applied if self.total is None else {"X-Total-Count": str(self.total), **applied}

    def last(self, total: int) -> dict[str, Any]:
        return {"skip": max(0, total - 1) // self.limit * self.limit}

    def prev(self) -> dict[str, Any]:
        return {"skip": max(0, self.start() - self.limit)}

    def next(self) -> dict[str, Any]:
        return {"skip": self.skip + self.limit}

    def at(self, **place: Any) -> str:
        """The address of another page: as DRF would write it, in one go."""
        address, query = self.asked
        return f"{address}?{urlencode(sorted([*query, *place.items()], key=itemgetter(0)))}"

    @cached_property
    def asked(self) -> tuple[str, list[tuple[str, str]]]:
        """The address of this page, and what of its query holds for all."""
        url = urlsplit(self.url)
        query = parse_qsl(url.query, keep_blank_values=True)
        kept = [(name, value) for name, value in query if name not in {"skip", "cursor"}]
        return urlunsplit(url._replace(query="")), kept

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


@dataclass(frozen=True)
class Order:
    """By a field, and by the id where that is the same."""

    name: str
    nullable: bool

    def by(self, descending: bool) -> Sequence[Any]:
        """Rows without a date, which are drafts, come as if theirs were far in the future."""
        if descending:
            return [F(self.name).desc(nulls_first=self.nullable or None), "-pk"]
        return [F(self.name).asc(nulls_last=self.nullable or None), "pk"]

    def behind(self, value: Any, pk: Any, descending: bool) -> Q:
        way, name = "lt" if descending else "gt", self.name
        further = Q(**{f"pk__{way}": pk})
        if value is None:
            further &= Q(**{name: None})
            return further | Q(**{f"{name}__isnull": False}) if descending else further
        # said so that the index is entered at the right place
        further = Q(**{f"{name}__{way}e": value}) & (Q(**{f"{name}__{way}": value}) | further)
        return further | Q(**{name: None}) if self.nullable and not descending else further


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
        name = self.ordering.removeprefix("-")
        self.field = self.field_of(queryset, name)
        self.descending = self.ordering != name
        # what strangers see has all its dates; not to look for rows without keeps their way through the index straight
        self.order = Order(name, self.field.null and request.user.is_authenticated)
        return super().paginate_queryset(queryset, request, view)

    def field_of(self, queryset: Any, name: str) -> Any:
        return queryset.model._meta.get_field(name)

    def read(self, queryset: Any, request: Request) -> None:
        if cursor := request.query_params.get("cursor"):
            self.read_from(cursor, queryset)
        else:
            self.rows, self.more = self.cut(self.found(queryset, self.descending, start=self.start()))
            self.before = self.skip > 0

    def read_from(self, cursor: str, queryset: QuerySet[Any]) -> None:
        """The rows behind the one that the cursor tells of; or those before it, which is the same the other way."""
        value, pk, back = self.opened(cursor)
        if value is END:
            self.read_last(pk, queryset)
            return
        self.rows, further = self.cut(self.found(queryset, self.descending != back, behind=(value, pk)))
        self.before, self.more = (further, True) if back else (True, further)
        if back:
            self.rows.reverse()
        if not self.rows:  # all of them are gone: what is left of the list lies on the other side
            self.total = queryset.count() if self.total is None else self.total
            self.skip, self.more = 0 if back else self.total, False

    def read_last(self, number: int, queryset: QuerySet[Any]) -> None:
        """So many rows from the end of the list, which is the beginning of the same the other way."""
        rows = list(self.found(queryset, not self.descending))
        self.rows = rows[: min(number, self.limit)][::-1]
        self.before, self.more = len(rows) > len(self.rows), False

    def found(
        self, queryset: QuerySet[Any], descending: bool, *, start: int = 0, behind: tuple[Any, Any] | None = None
    ) -> Any:
        """The rows of a page, and one more."""
        if behind:
            queryset = queryset.filter(self.order.behind(*behind, descending))
        return queryset.order_by(*self.order.by(descending))[start : start + self.limit + 1]

    def opened(self, cursor: str) -> tuple[Any, int, bool]:
        """A value and an id; or the END, and how many rows."""
        try:
            ordering, value, pk, back = self.signer.unsign_object(cursor)
        except signing.BadSignature:
            ordering = None
        if ordering != self.ordering:
            raise ValidationError({"cursor": ["Take it from a Link header, with the same ordering."]})
        return value if value is END else self.field.to_python(value or None), pk, back

    def last(self, total: int) -> dict[str, Any]:
        """A list may be so long that nobody waits for what is skipped to be counted off."""
        skipped = super().last(total)
        if skipped["skip"] <= FAR:
            return skipped
        return {"cursor": self.signer.sign_object([self.ordering, END, total - skipped["skip"], True])}

    def next(self) -> dict[str, Any]:
        return self.cursor(self.rows[-1], back=False)

    def prev(self) -> dict[str, Any]:
        return self.cursor(self.rows[0], back=True) if self.rows else super().prev()

    def cursor(self, row: Any, *, back: bool) -> dict[str, Any]:
        return {"cursor": self.signer.sign_object([self.ordering, *self.place(row), back])}

    def place(self, row: Any) -> tuple[str, int]:
        """Where a row stands in the order."""
        return self.field.value_to_string(row), row.pk

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
            PREFER,
        ]


def both_ways(orderings: Sequence[str]) -> list[str]:
    names = [ordering.removeprefix("-") for ordering in orderings]
    return [*names, *(f"-{name}" for name in names)]
