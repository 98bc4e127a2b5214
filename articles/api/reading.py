"""Articles as the API answers them, made of plain rows: of a hundred, the model instances for each, its author and its
tags, and the serializer's fields for each value, would be most of the work.

What an article has is said by ArticleSerializer; a test holds what is made here against what it shows.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, lru_cache, partial
from operator import itemgetter
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, DateTimeField, Field, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from orjson import Fragment
from rest_framework.request import Request

from accounts.models import User
from articles import access
from articles.api.paging import BIGINT, Keyset, Order
from articles.api.serializers import ArticleSerializer
from articles.api.texts import SAME, TEXTS, remembered, written
from articles.models import Article, Image, SlugHistory, Tag
from articles.models.article import reading_minutes, state_at
from articles.models.tally import EVERYTHING, Kind, Stream
from blogsite.prepared import Prepared, Slot

Row = tuple[Any, ...]
Shown = dict[str, Any]
KnownTexts = dict[str, dict[int, Fragment]]  # by the name of the field and the id of the article
FIELDS = ArticleSerializer.Meta.fields
SOURCES = {  # of each field that is not named as its column is; those of others are made of what they refer to
    "published": "published_at",
    "summary": "excerpt",
    "status": "published_at",
    "tags": "id",
    "cover": "cover_id",
    "author": "author_id",
    "url": "slug",
    "translation_of": "translation_of_id",
    "series": "series__slug",
    "reading_minutes": "word_count",
}
NEAR = {
    "author": ("author_id", "author__username", "author__name"),
    "cover": ("cover_id", "cover__file", "cover__alt", "cover__width", "cover__height"),
}
KNOWN_BY = ("id", "version", "updated_at")  # what a writer changes, changes these
NAMES = "names"  # of the tags, where they come along
PLACE = "-"  # in an address, where a name stands
NOW = Slot("now", DateTimeField())


class Reading:
    """Which columns are read for these fields, besides those that whoever asks needs, and what is made of a row."""

    def __init__(self, only: Collection[str] = (), *besides: str, knows_texts: bool = False) -> None:
        self.fields = [name for name in FIELDS if not only or name in only]
        self.sources = SOURCES | (dict.fromkeys(TEXTS, "id") if knows_texts else {})
        near = [column for name in self.fields for column in NEAR.get(name, ())]
        shown = [self.sources.get(name, name) for name in self.fields]
        self.columns = list(dict.fromkeys(shown + near + list(besides)))

    def of(self, articles: QuerySet[Article]) -> QuerySet[Article, Row]:
        return articles.prefetch_related(None).values_list(*self.columns)

    def pick(self, *columns: str) -> Callable[[Row], Any]:
        return itemgetter(*(self.columns.index(column) for column in columns))

    @cached_property
    def values(self) -> Callable[[Row], Row]:
        pick = self.pick(*(self.sources.get(name, name) for name in self.fields))
        return pick if len(self.fields) > 1 else lambda row: (pick(row),)

    def row(self, article: Article) -> Row:
        """What would be read of an article that is at hand."""
        return tuple(_at_hand(article, column) for column in self.columns)

    def shown(
        self, rows: Sequence[Row], request: Request, person: access.Person, texts: KnownTexts | None = None
    ) -> list[Shown]:
        """Made column by column: a step for each value of a hundred articles is most of the work."""
        if not self.fields:
            return [{} for _ in rows]
        makers = dict(self.makers(rows, request, person))
        if texts is not None:
            makers |= {name: texts[name].__getitem__ for name in TEXTS}
        columns = zip(self.fields, zip(*map(self.values, rows), strict=True), strict=False)  # no rows have no columns
        made = [map(makers[name], column) if name in makers else column for name, column in columns]
        return [dict(zip(self.fields, values, strict=True)) for values in zip(*made, strict=True)]

    def makers(
        self, rows: Sequence[Row], request: Request, person: access.Person
    ) -> list[tuple[str, Callable[[Any], Any]]]:
        """Of each field that shows something else than its column, what makes it of that."""
        now, address = timezone.now(), Addresses(request)
        known: dict[str, Callable[[], Callable[[Any], Any]]] = {
            "published": lambda: lambda moment: moment is not None,
            "status": lambda: lambda moment: state_at(moment, now),
            "tags": lambda: self.names_of_tags(rows),
            "cover": lambda: self.near("cover", rows, address.cover).get,
            "author": lambda: self.near("author", rows, address.byline).__getitem__,
            "url": lambda: address.article,
            "translation_of": lambda: visible(map(self.pick("translation_of_id"), rows), person),
            "reading_minutes": lambda: reading_minutes,
        }
        return [(name, known[name]()) for name in self.fields if name in known]

    def names_of_tags(self, rows: Sequence[Row]) -> Callable[[int], list[str]]:
        if NAMES in self.columns:
            return dict(map(self.pick("id", NAMES), rows)).__getitem__
        return names_of_tags(list(map(self.pick("id"), rows)))

    def near(self, name: str, rows: Iterable[Row], make: Callable[..., Shown]) -> dict[int, Shown]:
        """By its id, each author or cover of these rows."""
        found = {row[0]: row for row in map(self.pick(*NEAR[name]), rows) if row[0] is not None}
        return {pk: make(*row) for pk, row in found.items()}


def _at_hand(article: Article, column: str) -> Any:
    if column == NAMES:
        return [tag.name for tag in (article.tags.all() if article.tags_known is None else article.tags_known)]
    value: Any = article
    for name in column.split("__"):
        value = getattr(value, name, None)  # of no cover and no series there is nothing
    return value


@lru_cache(maxsize=256)
def of_written(only: frozenset[str]) -> Reading:
    """What is answered of an article that a verb has just let go of."""
    return Reading(only, "id", NAMES)


class Addresses:
    """What is shown with an absolute address, for whoever asks."""

    def __init__(self, request: Request) -> None:
        self.origin = request.build_absolute_uri("/")[:-1]
        self.articles, self.authors = (
            [self.origin + before, after]
            for before, after in (_around(name, get_script_prefix()) for name in ("article", "author"))
        )
        self.absolute = request.build_absolute_uri

    def article(self, slug: str) -> str:
        return _quoted(slug).join(self.articles)

    def byline(self, pk: int, username: str, name: str) -> Shown:
        url = _quoted(username).join(self.authors)
        return {"id": pk, "username": username, "name": name or username, "url": url}

    def cover(self, pk: int, file: str, alt: str, width: int, height: int) -> Shown:
        url = self.absolute(Image._meta.get_field("file").storage.url(file))
        return {"id": pk, "url": url, "alt": alt, "width": width, "height": height}


@lru_cache(maxsize=1024)
def _quoted(name: str) -> str:
    return quote(name, "!$&'()*+,;=/~:@")  # as reverse() has it


@lru_cache
def _around(name: str, prefix: str) -> tuple[str, str]:
    """The beginning and the end of the address of an article or an author."""
    before, _, after = reverse(f"articles:{name}", args=[PLACE]).rpartition(PLACE)
    return before, after


@lru_cache
def _tags(vendor: str) -> Prepared[Row]:
    column = '"articles_article_tags"."article_id"'
    given = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}[vendor]
    among = RawSQL(f"{column} {given}", [Slot("articles", Keys())], BooleanField())  # noqa: S611  # our own words
    return Prepared(lambda: _through().filter(among).values_list("article_id", "tag__name"))


def _through() -> QuerySet[Any]:
    return Article.tags.through._base_manager.order_by("tag__name")


class Keys(Field[Any, Any]):
    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        keys = ",".join(map(str, value))
        return f"{{{keys}}}" if connection.vendor == "postgresql" else f"[{keys}]"


@lru_cache(maxsize=256)
def page_for_strangers(
    only: frozenset[str], order: Order, descending: bool, is_behind: bool, rows: int
) -> tuple[Reading, list[Prepared[Row]]]:
    """What reads the rows; or where texts may be remembered, first what reads all else, and then what reads all."""
    knows_texts = connection.vendor == "postgresql" and bool(not only or only & set(TEXTS))
    articles, besides = _seen_by_strangers(), [*KNOWN_BY, order.name]
    if knows_texts:
        articles, besides = articles.annotate(**SAME), [*besides, *SAME]
    reading = Reading(only, *besides, knows_texts=knows_texts)
    if is_behind:
        field: Any = Article._meta.get_field(order.name)
        value = Slot("value", field)
        articles = articles.filter(order.behind(value, Slot("pk", Article._meta.pk), descending))
    articles = articles.prefetch_related(None).order_by(*order.by(descending))[:rows]
    asked = [reading.columns, reading.columns + list(TEXTS)] if knows_texts else [reading.columns]
    return reading, [Prepared(partial(articles.values_list, *columns)) for columns in asked]


@lru_cache(maxsize=256)
def one_for_strangers(only: frozenset[str], by: str) -> tuple[Reading, Prepared[Row]]:
    articles, besides = _seen_by_strangers(), ["id", "version"]
    if connection.vendor == "postgresql":  # for one article it is not worth a second query
        names = _through().filter(article=OuterRef("pk")).values("tag__name")
        articles, besides = articles.annotate(**{NAMES: ArraySubquery(names)}), [*besides, NAMES]
    reading = Reading(only, *besides)
    field: Any = Article._meta.pk if by == "pk" else SlugHistory._meta.get_field("slug")
    return reading, Prepared(lambda: reading.of(articles.filter(**{by: Slot("name", field)})))


def _seen_by_strangers() -> QuerySet[Article]:
    """At a moment that is told each time."""
    return Article.objects.filter(access.viewable(AnonymousUser(), NOW))


def one(by: str, name: Any, *, only: Collection[str], person: access.Person) -> tuple[Reading, Sequence[Row]]:
    """The article of this id or slug, if there is one that the person may see."""
    if person.is_authenticated or (by == "pk" and name > BIGINT):
        reading = Reading(only, "id", "version")
        return reading, list(reading.of(Article.objects.viewable_by(person).filter(**{by: name}))[:1])
    reading, statement = one_for_strangers(frozenset(only), by)
    return reading, statement(now=timezone.now(), name=name)


def _of(kind: Kind, whose: QuerySet[Any, Any]) -> Stream | None:
    key = whose.values_list("pk", flat=True).first()
    return None if key is None else Stream(kind, key)


class Pages(Keyset):
    """Of articles, as rows. What strangers ask for most, the beginning of the list and what follows on it, is compiled
    once.
    """

    texts: KnownTexts | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.only, self.is_filtered = frozenset(view.only), view.is_filtered
        self.filters = view.filterset_class.base_filters.keys()
        return super().paginate_queryset(queryset, request, view)

    def field_of(self, queryset: Any, name: str) -> Any:
        return Article._meta.get_field(name)

    def count(self, queryset: Any, request: Request) -> int | None:
        stream = self.stream(request)
        return super().count(queryset, request) if stream is None else stream.total()

    def stream(self, request: Request) -> Stream | None:
        """The list that this is, where one is kept count of: for strangers, all, and those of one author or tag."""
        if not self.is_filtered:
            return EVERYTHING
        asked = self.filters & request.query_params.keys()
        if request.user.is_authenticated or len(asked) != 1:
            return None
        values = request.query_params.getlist(next(iter(asked)))
        match *asked, *values:
            case ["author", username] if username:
                return _of(Kind.AUTHOR, User.objects.filter(username__lower=username.lower()))
            case ["tag", slug] if slug.strip():
                return _of(Kind.TAG, Tag.objects.filter(slug=slug))
        return None

    def found(
        self, queryset: QuerySet[Any], descending: bool, *, start: int = 0, behind: tuple[Any, Any] | None = None
    ) -> Iterable[Row]:
        if self.is_filtered or start:
            self.reading = Reading(self.only, *KNOWN_BY, self.order.name)
            return self.reading.of(super().found(queryset, descending, start=start, behind=behind))
        value, pk = behind or (None, None)
        which = (self.only, self.order, descending, behind is not None, self.limit + 1)
        self.reading, statements = page_for_strangers(*which)
        asked = {"now": timezone.now(), "value": value, "pk": pk}
        return self.found_by_texts(statements, asked) if len(statements) > 1 else statements[0](**asked)

    def found_by_texts(self, statements: list[Prepared[Row]], asked: dict[str, Any]) -> list[Row]:
        rows, known = statements[0](**asked), self.reading.pick(*KNOWN_BY, *SAME)
        texts = remembered.of(list(map(known, rows)))
        if texts is None:
            rows = statements[1](**asked)
            texts = [written(row[-len(TEXTS) :]) for row in rows]
            remembered.keep(dict(zip(map(known, rows), texts, strict=True)))
        ids = list(map(self.reading.pick("id"), rows))
        self.texts = {
            name: {pk: Fragment(each[column]) for pk, each in zip(ids, texts, strict=True)}
            for column, name in enumerate(TEXTS)
        }
        return rows

    def shown(self, request: Request, person: access.Person) -> list[Shown]:
        return self.reading.shown(self.rows, request, person, self.texts)

    def told_apart_by(self) -> object:
        return list(map(self.reading.pick(*KNOWN_BY), self.rows))

    def place(self, row: Row) -> tuple[str, int]:
        value, pk = self.reading.pick(self.order.name, "id")(row)
        return self.field.value_to_string(SimpleNamespace(**{self.field.attname: value})), pk


def names_of_tags(articles: list[int]) -> Callable[[int], list[str]]:
    names: dict[int, list[str]] = {article: [] for article in articles}
    for article, name in _tags(connection.vendor)(articles=articles) if articles else ():
        names[article].append(name)
    return names.__getitem__


def visible(articles: Iterable[int | None], person: access.Person) -> Callable[[int | None], int | None]:
    """Of what is translated, what this person may see."""
    asked = {article for article in articles if article is not None}
    seen = set(Article.objects.viewable_by(person).filter(pk__in=asked).values_list("pk", flat=True)) if asked else ()
    return lambda article: article if article in seen else None
