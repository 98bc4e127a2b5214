"""What crawlers ask for: which pages there are, and where not to go."""

from datetime import datetime
from itertools import chain
from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles import access
from articles.models import Article, Series, Tag, authors


class Articles(Sitemap[Article]):
    limit = 10_000  # the protocol allows 50,000, which take too long to write in one answer

    def items(self) -> QuerySet[Article]:
        # not the newest first: a new article would move all the others from page to page
        return Article.objects.live().order_by("pk").only("slug", "published_at", "updated_at")

    def lastmod(self, article: Article) -> datetime:
        return article.modified_at

    def get_latest_lastmod(self) -> datetime | None:
        latest = Article.objects.live().aggregate(Max("updated_at"), Max("published_at"))
        return max(filter(None, latest.values()), default=None)


class Pages(Sitemap[str]):
    """Those that lead to articles, and have some to lead to."""

    limit = Articles.limit

    def items(self) -> list[str]:
        live = access.live("articles__")
        tags, series = (model.objects.filter(live).distinct() for model in (Tag, Series))
        return [
            *(reverse(f"articles:{name}") for name in ("home", "archive", "tags")),
            *(page.get_absolute_url() for page in chain(tags, series)),
            *(reverse("articles:author", args=[username]) for username in authors().values_list("username", flat=True)),
        ]

    def location(self, address: str) -> str:
        return address


SECTIONS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {"articles": Articles, "pages": Pages}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return views.index(request, SECTIONS, sitemap_url_name="articles:sitemap")


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    response = views.sitemap(request, SECTIONS, section)
    response.headers.pop("Last-Modified", None)  # the newest one left is no newer when an article is withdrawn
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """All may be read; but each question to the search would be a page of its own."""
    sitemap = request.build_absolute_uri(reverse("articles:sitemaps"))
    text = f"User-agent: *\nDisallow: /search/\n\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
