"""What crawlers ask for: which pages there are, and where not to go.

However many articles there are, no sitemap reads more of them than it lists. Articles are listed in parts of so many
ids: a part is read by the index, and no article ever moves from one to another. When a list last changed is known of
the newest articles and of those that changed last; what was changed before them only shows the date when an article
last came to it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from articles.models import Article, Page, Series, SiteSettings, Tag
from articles.models.article import ArticleQuerySet
from articles.models.tally import Tagged, months
from articles.models.translation import families
from articles.web.addresses import absolute, origin

PART = 10_000  # ids; the protocol allows 50,000 addresses, which take too long to write in one answer
RECENT = 1000  # changes whose moments are known
LEADING = ("home", "archive", "tags", "authors", "all_series")  # pages that lead to lists
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{1}>\n{2}</{0}>\n'
)
XHTML = ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class Place(NamedTuple):
    path: str
    changed: datetime | None
    alternates: Iterable[tuple[str, str]] = ()  # languages, and addresses in them


def index(request: HttpRequest) -> HttpResponse:
    changed = _Changes()
    address = absolute(request, reverse("articles:sitemap", args=["articles"]))
    recent = changed.parts
    listed = [
        (f"{address}?p={part}" if part > 1 else address, recent.get(part)) for part in _parts(origin(request)) or [1]
    ]
    standing = Page.objects.live().aggregate(updated=Max("updated_at"), published=Max("published_at"))
    pages = absolute(request, reverse("articles:sitemap", args=["pages"]))
    listed.append((pages, _latest(changed.last, *standing.values())))
    entries = (
        f"<sitemap>{_loc(address)}{_lastmod(timezone.localtime(last).isoformat() if last else None)}</sitemap>\n"
        for address, last in listed
    )
    return _xml("sitemapindex", entries)


def section(request: HttpRequest, section: str) -> HttpResponse:
    part = re.fullmatch("[1-9][0-9]{0,9}", request.GET.get("p", "1"))
    if section not in SECTIONS or not part:
        raise Http404
    here = origin(request)
    places = list(SECTIONS[section](here, int(part[0])))
    if not places and part[0] != "1":
        raise Http404
    return _xml("urlset", (_url(here, place) for place in places), XHTML)


def robots(request: HttpRequest) -> HttpResponse:
    """All may be read; but each question to the search would be a page of its own."""
    sitemap = absolute(request, reverse("articles:sitemaps"))
    text = f"User-agent: *\nDisallow: /search/?\n\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


# How it is written: templates would take ten times as long for ten thousand addresses


def _xml(kind: str, entries: Iterable[str], more: str = "") -> HttpResponse:
    text = XML.format(kind, more, "".join(entries))
    return HttpResponse(text, content_type="application/xml", headers={"X-Robots-Tag": "noindex, noodp, noarchive"})


def _url(here: str, place: Place) -> str:
    changed = timezone.localtime(place.changed).date().isoformat() if place.changed else None
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang="{escape(language)}" href="{escape(address)}"/>'
        for language, address in place.alternates
    )
    return f"<url>{_loc(here + place.path)}{_lastmod(changed)}{alternates}</url>\n"


def _loc(address: str) -> str:
    return f"<loc>{escape(address)}</loc>"


def _lastmod(date: str | None) -> str:
    return f"<lastmod>{date}</lastmod>" if date else ""


# The articles


def _articles(here: str, part: int) -> Iterator[Place]:
    found = _first_here(Article.objects.live().filter(pk__range=_ids(part)), here).order_by("pk")
    alternates = _families(part, here)
    for article in found.only("slug", "published_at", "updated_at", "translation_of"):
        family = alternates.get(article.translation_of_id or article.pk, ())
        yield Place(article.get_absolute_url(), article.modified_at, family)


def _families(part: int, here: str) -> dict[int, list[tuple[str, str]]]:
    """By their originals, the live articles of each that has several. Two queries at most."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    language = SiteSettings.load().language
    for each in families(_originals(*_ids(part))).only("slug", "language", "translation_of"):
        address = f"{here}{each.get_absolute_url()}"
        members = found[each.translation_of_id or each.pk]
        members.setdefault("x-default", address)
        members.setdefault(each.language or language, address)
    return {original: list(members.items()) for original, members in found.items() if len(members) > 2}


def _originals(first: int, last: int) -> list[int]:
    """Of the live translations among these ids, and those among these ids that have some."""
    translations = Article.objects.live().order_by().values_list("translation_of", flat=True)
    here = translations.filter(pk__range=(first, last)).exclude(translation_of=None)
    found = here.union(translations.filter(translation_of__gte=first, translation_of__lte=last))
    return [original for original in found if original is not None]


def _ids(part: int) -> tuple[int, int]:
    return (part - 1) * PART + 1, part * PART


def _parts(here: str) -> list[int]:
    """Those that list an article: from each the index leads to the next. One query."""
    own = f"{here}/"
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [now, len(own), own])
        return [part for (part,) in cursor.fetchall()]


PARTS = f"""
WITH RECURSIVE part(number) AS (
    SELECT CAST(0 AS bigint)
    UNION ALL
    SELECT (
        SELECT (id - 1) / {PART} + 1 FROM articles_article
        WHERE id > part.number * {PART} AND kind = 'article' AND published_at <= %s
            AND (canonical_url = '' OR substr(canonical_url, 1, %s) = %s)
        ORDER BY id LIMIT 1
    ) FROM part WHERE part.number IS NOT NULL
)
SELECT number FROM part WHERE number > 0
"""  # noqa: S608  # our own number


def _first_here(articles: ArticleQuerySet, here: str) -> ArticleQuerySet:
    """Those whose canonical address is here: a page that names another would send a crawler on from what we listed."""
    return articles.filter(Q(canonical_url="") | Q(canonical_url__startswith=f"{here}/"))


# The other pages: the standing ones, and those that lead to articles and have some to lead to


def _pages(here: str, part: int) -> Iterator[Place]:
    if part > 1:
        return
    changed = _Changes()
    for name in LEADING:
        yield Place(reverse(f"articles:{name}"), changed.last)
    for page in _first_here(Page.objects.live(), here).order_by("pk").only("slug", "published_at", "updated_at"):
        yield Place(page.get_absolute_url(), page.modified_at)
    for name, lists, recent in (
        ("tag", _tags(), changed.tags),
        ("series", _filed(Series.objects.order_by("slug"), "series", "slug"), changed.of("series")),
        ("author", _filed(User.objects.order_by("username"), "author", "username"), changed.of("author")),
    ):
        for pk, of, latest in lists:
            if latest:
                yield Place(reverse(f"articles:{name}", args=[of]), _latest(latest, recent.get(pk)))
    yield from _archives(changed)


SECTIONS: dict[str, Callable[[str, int], Iterator[Place]]] = {"articles": _articles, "pages": _pages}


def _tags() -> QuerySet[Tag, Any]:
    """Each with the date of its newest article."""
    under = Tagged.objects.filter(tag=OuterRef("pk"), published_at__lte=timezone.now())
    latest = under.order_by("-published_at", "-article_id").values("published_at")[:1]
    return Tag.objects.order_by("slug").values_list("pk", "slug", Subquery(latest))


def _filed(things: QuerySet[Any], kind: str, name: str) -> QuerySet[Any, Any]:
    of = Article.objects.live().filter(**{kind: OuterRef("pk")})
    latest: Any
    if kind == "author":  # has an index in this order, and may have written much
        latest = of.order_by("-published_at").values("published_at")[:1]
    else:
        latest = of.order_by().values(kind).annotate(latest=Max("published_at")).values("latest")
    return things.values_list("pk", name, Subquery(latest))


def _archives(changed: "_Changes") -> Iterator[Place]:
    """Of each year and month that has live articles."""
    zone = timezone.get_current_timezone()
    recent = changed.by(lambda article: timezone.localtime(article.published_at).strftime("%Y-%m"))
    found = [each["month"] for each in months(zone)]
    latest = _latest_of_months(found, zone)
    for year, of_year in groupby(found, lambda month: month.year):
        places = [
            Place(
                reverse("articles:archive_month", args=[year, month.month]),
                _latest(latest[month], recent.get(f"{month:%Y-%m}")),
            )
            for month in of_year
        ]
        yield Place(reverse("articles:archive_year", args=[year]), _latest(*(place.changed for place in places)))
        yield from places


def _latest_of_months(found: list[date], zone: tzinfo) -> dict[date, datetime]:
    """When the newest article of each came. One query."""
    if not found:
        return {}
    adapt, now = connection.ops.adapt_datetimefield_value, timezone.now()
    ends = [min(datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone), now) for month in found]
    rows = ", ".join(["(%s, %s)"] * len(found))
    latest = "SELECT max(published_at) FROM articles_article WHERE kind = 'article' AND published_at < place.column2"
    sql = f"SELECT place.column1, ({latest}) FROM (VALUES {rows}) AS place"  # noqa: S608  # our own words
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for number, end in enumerate(ends) for value in (number, adapt(end))])
        return {found[number]: _moment(latest) for number, latest in cursor.fetchall()}


def _moment(found: Any) -> datetime:
    """As SQLite has it, text, or as it is."""
    return datetime.fromisoformat(found).replace(tzinfo=UTC) if isinstance(found, str) else found


# When they changed


class _Changes:
    """The newest of the live articles, and those that changed last: when readers last saw a change of each."""

    def __init__(self) -> None:
        live = Article.objects.live()
        some = [*_recent(live.order_by("-updated_at", "-pk")), *_recent(live.newest())]
        self._articles = {article.pk: article for article in some}

    @property
    def last(self) -> datetime | None:
        return max(map(_changed, self._articles.values()), default=None)

    def by(self, key: Callable[[Any], Any]) -> dict[Any, datetime]:
        ordered = sorted(self._articles.values(), key=_changed)
        return {key(article): _changed(article) for article in ordered}

    def of(self, field: str) -> dict[Any, datetime]:
        return self.by(attrgetter(field))

    @property
    def parts(self) -> dict[int, datetime]:
        return self.by(lambda article: (article.pk - 1) // PART + 1)

    @property
    def tags(self) -> dict[int, datetime]:
        filed = Article.tags.through.objects.filter(article__in=self._articles).values_list("article", "tag")
        ordered = sorted((_changed(self._articles[pk]), tag) for pk, tag in filed)
        return {tag: changed for changed, tag in ordered}


def _recent(articles: ArticleQuerySet) -> Iterable[Any]:
    fields = ("pk", "author", "series", "published_at", "updated_at")
    return articles.values_list(*fields, named=True)[:RECENT]


def _changed(article: Any) -> datetime:
    changed: datetime = max(article.published_at, article.updated_at)
    return changed


def _latest(*moments: datetime | None) -> datetime | None:
    return max(filter(None, moments), default=None)
