"""What crawlers ask for: which pages there are, and where not to go."""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from articles.models import Article, Page, SiteSettings
from articles.models.article import ArticleQuerySet
from articles.models.translation import families
from articles.web.addresses import absolute, origin
from articles.web.views import months

LATEST = Max(Greatest("updated_at", "published_at"))  # of some live articles, when readers last saw a change
LEADING = ("home", "archive", "tags", "authors", "all_series")  # pages that lead to lists
LISTS = {"tag": "tags__slug", "series": "series__slug", "author": "author__username"}  # of articles that are alike


class Section(Sitemap[Any]):
    """A sitemap, in parts."""

    limit = 10_000  # the protocol allows 50,000, which take too long to write in one answer

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        scheme, _, host = self.origin.partition("://")
        return super().get_urls(page, Namespace(domain=host), scheme)  # type: ignore[arg-type]  # it asks for no more

    def get_latest_lastmod(self) -> datetime | None:
        found: dict[str, datetime | None] = Article.objects.live().aggregate(latest=LATEST)
        return found["latest"]


class Articles(Section):
    def items(self) -> QuerySet[Article]:
        # not the newest first: a new article would move all the others from page to page
        fields = ("slug", "published_at", "updated_at", "language", "translation_of")
        return _first_here(Article.objects.live(), self.origin).order_by("pk").only(*fields)

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        urls = super().get_urls(page, site, protocol)
        families = self._families(urls[0]["item"].pk, urls[-1]["item"].pk) if urls else {}
        for url in urls:
            url["alternates"] = families.get(url["item"].translation_of_id or url["item"].pk, [])
        return urls

    def _families(self, first: int, last: int) -> dict[int, list[dict[str, str]]]:
        """By their originals, the live articles of each that has several, as the template wants them. Two queries."""
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for each in families(Article.objects.live().filter(pk__range=(first, last))).only(
            "slug", "language", "translation_of"
        ):
            address = f"{self.origin}{each.get_absolute_url()}"
            members = found[each.translation_of_id or each.pk]
            members.setdefault("x-default", address)
            members.setdefault(each.language or self.language, address)
        return {
            original: [{"lang_code": code, "location": address} for code, address in members.items()]
            for original, members in found.items()
            if len(members) > 2
        }

    @cached_property
    def language(self) -> str:
        return SiteSettings.load().language

    def lastmod(self, article: Article) -> datetime:
        return article.modified_at


class Place(NamedTuple):
    path: str
    changed: datetime | None


class Pages(Section):
    """The standing ones, and those that lead to articles and have some to lead to; changed when one of these was."""

    @cached_property
    def places(self) -> list[Place]:
        latest = super().get_latest_lastmod()
        live = _first_here(Page.objects.live(), self.origin)
        standing = live.order_by("pk").only("slug", "published_at", "updated_at")
        return [
            *(Place(reverse(f"articles:{name}"), latest) for name in LEADING),
            *(Place(page.get_absolute_url(), page.modified_at) for page in standing),
            *(
                Place(reverse(f"articles:{name}", args=[of]), changed)
                for name, field in LISTS.items()
                for of, changed in _latest_by(field)
            ),
            *_archives(),
        ]

    def items(self) -> list[Place]:
        return self.places

    def get_latest_lastmod(self) -> datetime | None:
        return max((place.changed for place in self.places if place.changed), default=None)

    def location(self, place: Place) -> str:
        return place.path

    def lastmod(self, place: Place) -> datetime | None:
        return place.changed


SECTIONS: dict[str, type[Section]] = {"articles": Articles, "pages": Pages}


def index(request: HttpRequest) -> HttpResponse:
    parts = [part for name, section in SECTIONS.items() for part in _parts(request, name, section(origin(request)))]
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": parts}, content_type="application/xml")


def section(request: HttpRequest, section: str) -> HttpResponse:
    response = views.sitemap(request, {name: made(origin(request)) for name, made in SECTIONS.items()}, section)
    response.headers.pop("Last-Modified", None)  # the newest one left is no newer when an article is withdrawn
    return response


def robots(request: HttpRequest) -> HttpResponse:
    """All may be read; but each question to the search would be a page of its own."""
    sitemap = absolute(request, reverse("articles:sitemaps"))
    text = f"User-agent: *\nDisallow: /search/?\n\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _first_here(articles: ArticleQuerySet, origin: str) -> ArticleQuerySet:
    """Those whose canonical address is here: a page that names another would send a crawler on from what we listed."""
    return articles.filter(Q(canonical_url="") | Q(canonical_url__startswith=f"{origin}/"))


def _parts(request: HttpRequest, name: str, section: Section) -> Iterable[views.SitemapIndexItem]:
    address = absolute(request, reverse("articles:sitemap", args=[name]))
    latest = section.get_latest_lastmod()
    for number in section.paginator.page_range:
        part = f"{address}?p={number}" if number > 1 else address
        yield views.SitemapIndexItem(part, latest)  # type: ignore[arg-type]  # the stubs take a date for a flag


def _archives() -> Iterable[Place]:
    """Of each year and month that has live articles. One query."""
    found = months(Article.objects.live()).annotate(latest=LATEST).values_list("month", "latest")
    for year, of_year in groupby(found, lambda each: each[0].year):
        in_year = list(of_year)
        yield Place(reverse("articles:archive_year", args=[year]), max(latest for _, latest in in_year))
        for month, latest in in_year:
            yield Place(reverse("articles:archive_month", args=[year, month.month]), latest)


def _latest_by(field: str) -> Iterable[tuple[str, datetime]]:
    """For each of those that live articles have here, when one of its articles last changed. One query."""
    filed = Article.objects.live().exclude(**{field: None})
    return filed.order_by(field).values_list(field).annotate(latest=LATEST)
