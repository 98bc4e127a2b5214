"""The newest live articles, whole: of the site, of a tag, of an author, of a series.

A reader shows an entry again as new when its id changes. So it is made of what never does, the article's row and the
moment that began it: no new title or address, and no move of the site to another host, brings everything up again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import escape

from articles.models import Article, Series, SiteSettings, Tag, authors, with_live
from articles.models.announcement import FEEDS
from articles.models.article import ArticleQuerySet
from articles.models.tally import Kind, Stream
from articles.paths import path_to
from articles.web.addresses import origin
from articles.web.feeds.formats import FORMATS
from articles.web.middleware import SiteRequest

NEWEST = 20
IDS = UUID("2daaf007-5d53-4076-aef3-de5667f87f9b")  # changing it makes every article new to every reader


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a feed is of."""

    site: SiteSettings
    origin: str  # the site's own address, with no slash at its end
    page: str  # of what the feed is of, from the root on
    of: str = ""  # what the feed is of, whatever its page's address is
    name: str = ""
    about: str
    articles: Iterable[Article]


class SiteFeed(Feed[Article, Channel]):
    item_guid_is_permalink = False

    def __init__(self, format: str) -> None:
        self.feed_type = FORMATS[format]
        self.file = FEEDS[format]

    def __call__(self, request: SiteRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """With an ETag, made of its bytes by Django's middleware, but no Last-Modified.

        No date that we keep says when a feed last changed. The newest one in it is no newer when an article is
        withdrawn or deleted, or when its author, a tag or the site gets another name: who asks by date alone would be
        told that nothing is new, and go on showing it.
        """
        channel = self.get_object(request, *args, **kwargs)
        feed: Any = self.get_feed(channel, request)
        response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
        if settings.WEBSUB_HUB:
            response["Link"] = f'<{settings.WEBSUB_HUB}>; rel="hub", <{feed.feed["feed_url"]}>; rel="self"'
        return response

    def get_object(self, request: SiteRequest) -> Channel:  # type: ignore[override]
        site = request.site
        about = site.tagline or site.description
        return _channel(request, page=path_to("articles:home"), about=about, articles=_newest()[:NEWEST])

    def title(self, channel: Channel) -> str:
        return f"{channel.name} · {channel.site.title}" if channel.name else channel.site.title

    def link(self, channel: Channel) -> str:
        return f"{channel.origin}{channel.page}"

    def feed_url(self, channel: Channel) -> str:
        return f"{channel.origin}{channel.page}{self.file}"

    def feed_guid(self, channel: Channel) -> str:
        return f"{channel.origin}/#{channel.of}" if channel.of else f"{channel.origin}/"

    def feed_copyright(self, channel: Channel) -> str | None:
        return channel.site.license_name or None

    def feed_extra_kwargs(self, channel: Channel) -> dict[str, Any]:
        return {"hub": settings.WEBSUB_HUB, "license_url": channel.site.license_url}

    def description(self, channel: Channel) -> str:
        return channel.about or self.title(channel)  # RSS asks for one

    def subtitle(self, channel: Channel) -> str | None:
        return channel.about or None

    def items(self, channel: Channel) -> Iterable[Article]:
        return channel.articles

    def item_title(self, article: Article) -> str:
        return article.title

    def item_link(self, article: Article) -> str:
        return (
            f"{settings.SITE_URL}{article.get_absolute_url()}"  # Django adds the host that was asked where it is bare
        )

    def item_description(self, article: Article) -> str:
        return escape(article.excerpt)

    def item_guid(self, article: Article) -> str:
        return uuid5(IDS, f"{article.pk} {article.created_at.isoformat()}").urn

    def item_pubdate(self, article: Article) -> datetime | None:
        return article.published_at

    def item_updateddate(self, article: Article) -> datetime:
        return article.modified_at

    def item_author_name(self, article: Article) -> str:
        return article.author.display_name

    def item_author_link(self, article: Article) -> str:
        return path_to("articles:author", article.author.username)

    def item_categories(self, article: Article) -> list[str]:
        return [tag.name for tag in article.tags.all()]

    def item_enclosure_url(self, article: Article) -> str | None:
        """Of the cover alone: all other pictures are in the content."""
        return article.cover.url if article.cover else None

    def item_enclosure_length(self, article: Article) -> int:
        return _bytes_of(str(article.cover and article.cover.file))

    def item_enclosure_mime_type(self, article: Article) -> str:
        kind = str(article.cover and article.cover.file).rpartition(".")[2]
        return f"image/{kind}".replace("jpg", "jpeg")

    def item_extra_kwargs(self, article: Article) -> dict[str, Any]:
        return {
            "content": article.content_html,
            "summary": article.excerpt,
            "language": article.language,
            "author_picture": article.author.avatar and article.author.avatar.url,
        }


class TagFeed(SiteFeed):
    def get_object(self, request: SiteRequest, slug: str) -> Channel:  # type: ignore[override]
        tag = get_object_or_404(Tag.objects.live(), slug=slug)
        return _channel(
            request,
            page=tag.get_absolute_url(),
            of=f"tag-{tag.pk}",
            name=tag.name,
            about=tag.description,
            articles=_newest().filter(pk__in=Stream(Kind.TAG, tag.pk).page(0, NEWEST)),
        )


class AuthorFeed(SiteFeed):
    def get_object(self, request: SiteRequest, username: str) -> Channel:  # type: ignore[override]
        author = get_object_or_404(authors(), username__lower=username.lower())
        return _channel(
            request,
            page=path_to("articles:author", author.username),
            of=f"author-{author.pk}",
            name=author.display_name,
            about=author.bio,
            articles=_newest().filter(author=author)[:NEWEST],
        )


class SeriesFeed(SiteFeed):
    """The newest first, as in every feed: who follows a series waits for its next part."""

    def get_object(self, request: SiteRequest, slug: str) -> Channel:  # type: ignore[override]
        series = get_object_or_404(with_live(Series.objects.all(), "series"), slug=slug)
        return _channel(
            request,
            page=series.get_absolute_url(),
            of=f"series-{series.pk}",
            name=series.title,
            about=series.description,
            articles=_newest().filter(series=series)[:NEWEST],
        )


def _channel(request: SiteRequest, **of: Any) -> Channel:
    return Channel(site=request.site, origin=origin(request), **of)


def _newest() -> ArticleQuerySet:
    return Article.objects.live().newest().for_reading()


@lru_cache(maxsize=1000)  # a picture's file never changes, and in object storage each question is a request
def _bytes_of(name: str) -> int:
    try:
        return default_storage.size(name)
    except OSError:
        return 0  # what RSS asks for where it isn't known
