"""The newest live articles, whole, as RSS 2.0 and Atom 1.0: of the site, of a tag, of an author.

A reader shows an entry again as new when its id changes. So it is made of what never does, the article's row and the
moment that began it: no new title or address, and no move of the site to another host, brings everything up again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid5

from django.contrib.auth import get_user_model
from django.contrib.syndication.views import Feed
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape

from articles.models import Article, Tag
from articles.models.article import ArticleQuerySet
from articles.web.middleware import SiteRequest

NEWEST = 20
IDS = UUID("2daaf007-5d53-4076-aef3-de5667f87f9b")  # changing it makes every article new to every reader
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries changed: "now" would change it at each request
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The sanitizer's output has one form: attributes in double quotes, and "<" and ">" for nothing but tags.
TAG = re.compile(r"<[a-z][^<>]*>")
ADDRESS = re.compile(r'(?<= )(href|src|cite)="([^"]*)"')
HEADING_ANCHOR = re.compile(r' <a class="anchor"[^>]*>#</a>')


class Format(SyndicationFeed):
    """What both formats need beyond Django's: text that XML can hold, and addresses that work away from our pages."""

    def __init__(self, *args: Any, **feed: Any) -> None:
        super().__init__(*args, **_writable(feed))

    def add_item(self, *args: Any, **item: Any) -> None:
        page = item["link"]
        item["author_link"] = _absolute(item["author_link"], page)
        item["content"] = _standing_alone(item["content"], page)
        item["enclosures"] = [Enclosure(_absolute(e.url, page), e.length, e.mime_type) for e in item["enclosures"]]
        super().add_item(*args, **_writable(item))

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else NEVER


class Rss(Format, Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": "http://purl.org/rss/1.0/modules/content/"}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])


class Atom(Format, Atom1Feed):
    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a feed is of."""

    title: str
    about: str
    link: str
    articles: Iterable[Article]


class SiteFeed(Feed[Article, Channel]):
    item_guid_is_permalink = False

    def __init__(self, feed_type: type[Format]) -> None:
        self.feed_type = feed_type

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With an ETag, but no date: the newest one left is no newer when an article is withdrawn."""
        response = super().__call__(request, *args, **kwargs)
        response.headers.pop("Last-Modified", None)
        return response

    def get_object(self, request: SiteRequest) -> Channel:  # type: ignore[override]
        site = request.site
        about = site.tagline or site.description
        return Channel(title=site.title, about=about, link=reverse("articles:home"), articles=_newest()[:NEWEST])

    def title(self, channel: Channel) -> str:
        return channel.title

    def link(self, channel: Channel) -> str:
        return channel.link

    def description(self, channel: Channel) -> str:
        return channel.about or channel.title  # RSS asks for one

    def subtitle(self, channel: Channel) -> str | None:
        return channel.about or None

    def items(self, channel: Channel) -> Iterable[Article]:
        return channel.articles

    def item_title(self, article: Article) -> str:
        return article.title

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
        return reverse("articles:author", args=[article.author.username])

    def item_categories(self, article: Article) -> list[str]:
        return [tag.name for tag in article.tags.all()]

    def item_enclosure_url(self, article: Article) -> str | None:
        return article.cover.url if article.cover else None

    def item_enclosure_length(self, article: Article) -> int:
        return _bytes_of(str(article.cover and article.cover.file))

    def item_enclosure_mime_type(self, article: Article) -> str:
        kind = str(article.cover and article.cover.file).rpartition(".")[2]
        return f"image/{kind}".replace("jpg", "jpeg")

    def item_extra_kwargs(self, article: Article) -> dict[str, Any]:
        return {"content": article.content_html}


class TagFeed(SiteFeed):
    def get_object(self, request: SiteRequest, slug: str) -> Channel:  # type: ignore[override]
        tag = get_object_or_404(Tag, slug=slug)
        return Channel(
            title=f"{tag.name} · {request.site.title}",
            about=tag.description,
            link=tag.get_absolute_url(),
            articles=get_list_or_404(_newest().filter(tags=tag)[:NEWEST]),
        )


class AuthorFeed(SiteFeed):
    def get_object(self, request: SiteRequest, username: str) -> Channel:  # type: ignore[override]
        author = get_object_or_404(get_user_model(), username__lower=username.lower())
        return Channel(
            title=f"{author.display_name} · {request.site.title}",
            about=author.bio,
            link=reverse("articles:author", args=[author.username]),
            articles=get_list_or_404(_newest().filter(author=author)[:NEWEST]),
        )


def _newest() -> ArticleQuerySet:
    return Article.objects.live().newest().for_reading()


@lru_cache(maxsize=1000)  # a picture's file never changes, and in object storage each question is a request
def _bytes_of(name: str) -> int:
    try:
        return default_storage.size(name)
    except OSError:
        return 0  # what RSS asks for where it isn't known


def _standing_alone(html: str, page: str) -> str:
    """An article's HTML for elsewhere: whole addresses, and headings without the link to themselves."""

    def whole(address: re.Match[str]) -> str:
        return f'{address[1]}="{escape(_absolute(unescape(address[2]), page))}"'

    return TAG.sub(lambda tag: ADDRESS.sub(whole, tag[0]), HEADING_ANCHOR.sub("", html))


def _absolute(address: str, page: str) -> str:
    try:
        return urljoin(page, address)
    except ValueError:  # no address at all, such as http://[
        return address


def _writable(value: Any) -> Any:
    """The same without the control characters that a text may hold and XML may not."""
    match value:
        case str():
            return NOT_IN_XML.sub("", value)
        case list():
            return [_writable(each) for each in value]
        case dict():
            return {name: _writable(each) for name, each in value.items()}
    return value
