"""How a feed is written: RSS 2.0, Atom 1.0 and JSON Feed 1.1, all of the same entries.

Django writes the first two. What is added to each stands here, and what all three need: text that XML can hold, and
addresses that work away from our pages.
"""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.html import escape

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries changed: "now" would change it at each request
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The sanitizer's output has one form: attributes in double quotes, and "<" and ">" for nothing but tags.
TAG = re.compile(r"<[a-z][^<>]*>")
ADDRESS = re.compile(r'(?<= )(href|src|cite)="([^"]*)"')
ADDRESSES = re.compile(r'(?<= )srcset="([^"]*)"')  # as in "/a.webp 480w, /b.webp 960w"
HEADING_ANCHOR = re.compile(r'(?: <a class="anchor"[^<>]*>#|<a class="anchor"[^<>]*>(.*?))</a>(?=</h\d>)', re.DOTALL)


class Format(SyndicationFeed):
    """What each needs beyond Django's."""

    content_type: str

    def __init__(self, *args: Any, **feed: Any) -> None:
        super().__init__(*args, **_writable(feed))

    def add_item(self, *args: Any, **item: Any) -> None:
        # Django puts the host that was asked before it, which may be another than the site's own
        page = item["link"] = urljoin(self.feed["link"], urlsplit(item["link"]).path)
        for name in ("author_link", "author_picture"):
            item[name] = item[name] and _absolute(item[name], page)
        item["content"] = _standing_alone(item["content"], page)
        item["enclosures"] = [Enclosure(_absolute(e.url, page), e.length, e.mime_type) for e in item["enclosures"]]
        super().add_item(*args, **_writable(item))

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else NEVER

    def links(self) -> list[dict[str, str]]:
        """To what is neither the feed nor its page."""
        links = {"hub": self.feed["hub"], "license": self.feed["license_url"]}
        return [{"rel": rel, "href": href} for rel, href in links.items() if href]


class Rss(Format, Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for link in self.links():
            handler.addQuickElement("atom:link", None, link)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
        if item["language"]:
            handler.addQuickElement("dc:language", item["language"])
        handler.addQuickElement("content:encoded", item["content"])


class Atom(Format, Atom1Feed):
    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for link in self.links():
            handler.addQuickElement("link", None, link)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]} if item["language"] else {}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


class Json(Format):
    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: IO[str], encoding: str) -> None:
        outfile.write(json.dumps(self.document(), ensure_ascii=False))

    def document(self) -> dict[str, Any]:
        feed = self.feed
        license = _said(name=feed["feed_copyright"], url=feed["license_url"])
        return _said(
            version="https://jsonfeed.org/version/1.1",
            title=feed["title"],
            home_page_url=feed["link"],
            feed_url=feed["feed_url"],
            description=feed["subtitle"],
            language=feed["language"],
            hubs=[{"type": "WebSub", "url": feed["hub"]}] if feed["hub"] else None,
            _license=license,  # the format knows none, and leaves names with an underscore to us
        ) | {"items": [self.entry(item) for item in self.items]}

    def entry(self, item: dict[str, Any]) -> dict[str, Any]:
        author = _said(name=item["author_name"], url=item["author_link"], avatar=item["author_picture"])
        pictures = item["enclosures"]
        return {"content_html": item["content"]} | _said(
            id=item["unique_id"],
            url=item["link"],
            title=item["title"],
            summary=item["summary"],
            image=pictures[0].url if pictures else None,
            date_published=rfc3339_date(item["pubdate"]),
            date_modified=rfc3339_date(item["updateddate"]),
            authors=[author],
            tags=item["categories"],
            language=item["language"],
            attachments=[
                _said(url=each.url, mime_type=each.mime_type, size_in_bytes=int(each.length)) for each in pictures
            ],
        )


FORMATS: dict[str, type[Format]] = {"rss": Rss, "atom": Atom, "json": Json}


def _said(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _standing_alone(html: str, page: str) -> str:
    """An article's HTML for elsewhere: whole addresses, and headings without the link to themselves."""

    def whole(address: re.Match[str]) -> str:
        return f'{address[1]}="{escape(_absolute(unescape(address[2]), page))}"'

    def all_whole(addresses: re.Match[str]) -> str:
        each = (candidate.partition(" ") for candidate in unescape(addresses[1]).split(", "))
        return f'srcset="{escape(", ".join(_absolute(address, page) + gap + width for address, gap, width in each))}"'

    def with_whole_addresses(tag: re.Match[str]) -> str:
        return ADDRESSES.sub(all_whole, ADDRESS.sub(whole, tag[0]))

    return TAG.sub(with_whole_addresses, HEADING_ANCHOR.sub(r"\1", html))


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
