"""The newest live articles, whole: of the site, of a tag, of an author, of a series.

A reader shows an entry again as new when its id changes. So it is made of what never does, the article's row and the
moment that began it: no new title or address, and no move of the site to another host, brings everything up again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Enclosure
from django.utils.html import escape
from django.utils.translation import get_language

from articles.models import Article, Image, Series, SiteSettings, authors, with_live
from articles.models.announcement import FEEDS
from articles.paths import path_to
from articles.web import reading
from articles.web.addresses import join, origin
from articles.web.feeds.formats import FORMATS, Format
from articles.web.middleware import SiteRequest
from articles.web.reading import newest

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


class SiteFeed:
    def __init__(self, format: str) -> None:
        self.format = FORMATS[format]
        self.file = FEEDS[format]

    def __call__(self, request: SiteRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With an ETag, made of its bytes by Django's middleware, but no Last-Modified.

        No date that we keep says when a feed last changed. The newest one in it is no newer when an article is
        withdrawn or deleted, or when its author, a tag or the site gets another name: who asks by date alone would be
        told that nothing is new, and go on showing it.
        """
        channel = self.get_object(request, *args, **kwargs)
        feed = self.written(channel)
        response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
        if settings.WEBSUB_HUB:
            response["Link"] = f'<{settings.WEBSUB_HUB}>; rel="hub", <{feed.feed["feed_url"]}>; rel="self"'
        return response

    def get_object(self, request: SiteRequest) -> Channel:
        site = request.site
        about = site.tagline or site.description
        return _channel(request, page=path_to("articles:home"), about=about, articles=newest())

    def written(self, channel: Channel) -> Format:
        title = f"{channel.name} · {channel.site.title}" if channel.name else channel.site.title
        feed = self.format(
            title=title,
            subtitle=channel.about or None,
            description=channel.about or title,  # RSS asks for one
            link=f"{channel.origin}{channel.page}",
            feed_url=f"{channel.origin}{channel.page}{self.file}",
            feed_guid=f"{channel.origin}/#{channel.of}" if channel.of else f"{channel.origin}/",
            feed_copyright=channel.site.license_name or None,
            language=get_language(),
            hub=settings.WEBSUB_HUB,
            license_url=channel.site.license_url,
        )
        for article in channel.articles:
            feed.add_item(**_entry(article, channel.origin))
        return feed


def _entry(article: Any, origin: str) -> dict[str, Any]:
    return {
        "title": article.title,
        "link": join(origin, article.get_absolute_url()),
        "description": escape(article.excerpt),
        "unique_id": uuid5(IDS, f"{article.pk} {article.created_at.isoformat()}").urn,
        "unique_id_is_permalink": False,
        "pubdate": article.published_at,
        "updateddate": article.modified_at,
        "author_name": article.author.display_name,
        "author_link": join(origin, path_to("articles:author", article.author.username)),
        "author_picture": article.author.avatar and article.author.avatar.url,
        "categories": [name for _pk, _slug, name in article.told or []],
        "enclosures": [_enclosure(article.cover)] if article.cover else [],
        "content": article.content_html,
        "summary": article.excerpt,
        "language": article.language,
    }


def _enclosure(cover: Image) -> Enclosure:
    """Of the cover alone: all other pictures are in the content."""
    name = str(cover.file)
    kind = f"image/{name.rpartition('.')[2]}".replace("jpg", "jpeg")
    return Enclosure(cover.url, str(_bytes_of(name)), kind)


class TagFeed(SiteFeed):
    def get_object(self, request: SiteRequest, slug: str) -> Channel:  # type: ignore[override]
        tag = reading.tag(slug)
        return _channel(
            request,
            page=tag.get_absolute_url(),
            of=f"tag-{tag.pk}",
            name=tag.name,
            about=tag.description,
            articles=newest(tags=tag.pk),
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
            articles=newest(author=author.pk),
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
            articles=newest(series=series.pk),
        )


def _channel(request: SiteRequest, **of: Any) -> Channel:
    return Channel(site=request.site, origin=origin(request), **of)


@lru_cache(maxsize=1000)  # a picture's file never changes, and in object storage each question is a request
def _bytes_of(name: str) -> int:
    try:
        return default_storage.size(name)
    except OSError:
        return 0  # what RSS asks for where it isn't known
