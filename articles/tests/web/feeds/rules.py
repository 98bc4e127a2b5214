"""What RSS 2.0, Atom 1.0 (RFC 4287) and JSON Feed 1.1 ask of a feed: `broken(text, format)` names what is not kept."""

import json
import re
from collections import Counter
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from itertools import chain
from xml.etree import ElementTree

import feedparser

ATOM, CONTENT, XML = (
    "{http://www.w3.org/2005/Atom}",
    "{http://purl.org/rss/1.0/modules/content/}encoded",
    "{http://www.w3.org/XML/1998/namespace}",
)
WHOLE = re.compile(r"https?://[^/\s]+\S*|urn:uuid:[0-9a-f-]{36}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")  # RFC 3339
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")  # RFC 822
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def broken(text, format):
    rules = {"rss": rss, "atom": atom, "json": json_feed}[format]
    broken = [name for name, kept in rules(text) if not kept]
    if format != "json":
        read = feedparser.parse(
            text.encode(), sanitize_html=False, resolve_relative_uris=False
        )  # these change, not read
        broken += [f"feedparser: {read.bozo_exception}"] if read.bozo else []
    return broken


def rss(text):
    root = ElementTree.fromstring(text)
    yield "the root is rss 2.0", (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    yield from counts(
        channel, once={"title", "link", "description"}, most_once={"language", "copyright"}, more={"item"}
    )
    yield "its own address", whole(channel.find(f"{ATOM}link[@rel='self']").get("href"))
    yield "its page's address", whole(channel.findtext("link"))
    yield "its language", LANGUAGE.fullmatch(channel.findtext("language"))
    yield "when it was built", date(channel.findtext("lastBuildDate"))
    yield "ids are unique", unique(guid.text for guid in channel.iter("guid"))
    for item in channel.iter("item"):
        yield from counts(
            item,
            once={"title", "link", "description", "guid", "pubDate", CONTENT},
            most_once={"enclosure"},
            more={"category"},
        )
        yield "its page's address", whole(item.findtext("link"))
        yield "it was published", date(item.findtext("pubDate"))
        yield "its id is no address", item.find("guid").get("isPermaLink") == "false"
        for enclosure in item.iter("enclosure"):
            yield "an enclosure", whole(enclosure.get("url"))
            yield "an enclosure's type", MIME.fullmatch(enclosure.get("type"))
            yield "an enclosure's length", enclosure.get("length").isdecimal()
        yield from leads(item.findtext(CONTENT))


def atom(text):
    feed = ElementTree.fromstring(text)
    yield "the root is feed", feed.tag == f"{ATOM}feed"
    yield "its language", LANGUAGE.fullmatch(feed.get(f"{XML}lang"))
    more = {"entry", "link", "category", "author"}
    yield from counts(feed, once={"id", "title", "updated"}, most_once={"subtitle", "rights"}, more=more, ns=ATOM)
    yield from links(feed, {"self": 1, "alternate": 1})
    yield "ids are unique", unique(each.findtext(f"{ATOM}id") for each in [feed, *feed.iter(f"{ATOM}entry")])
    for entry in feed.iter(f"{ATOM}entry"):
        once = {"id", "title", "updated", "published", "author", "summary", "content"}
        yield from counts(entry, once=once, most_once={"rights"}, more={"link", "category"}, ns=ATOM)
        yield from links(entry, {"alternate": 1})
        yield "its author's name", entry.findtext(f"{ATOM}author/{ATOM}name")
        yield "its author's address", whole(entry.findtext(f"{ATOM}author/{ATOM}uri"))
        yield "its categories", all(each.get("term") for each in entry.iter(f"{ATOM}category"))
        yield from leads(entry.findtext(f"{ATOM}content"))
    for each in [feed, *feed.iter(f"{ATOM}entry")]:
        yield "an id is an address", whole(each.findtext(f"{ATOM}id"))
        yield (
            "a moment",
            all(moment(each.findtext(f"{ATOM}{name}", "2026-01-01T00:00:00Z")) for name in ("updated", "published")),
        )


def links(element, wanted):
    found = element.findall(f"{ATOM}link")
    rels = Counter(link.get("rel") for link in found)
    yield f"its links {dict(rels)}", all(rels[rel] == number for rel, number in wanted.items())
    yield "its links are whole", all(whole(link.get("href")) for link in found)
    for link in found:
        if link.get("rel") == "enclosure":
            yield "an enclosure", MIME.fullmatch(link.get("type")) and link.get("length").isdecimal()


def json_feed(text):
    feed = json.loads(text)
    known = "version title home_page_url feed_url description icon favicon authors language hubs items"
    yield from members(feed, known)
    yield "the version", feed["version"] == "https://jsonfeed.org/version/1.1"
    yield "its title", isinstance(feed["title"], str)
    yield "its addresses", whole(feed["home_page_url"]) and whole(feed["feed_url"])
    yield "its language", LANGUAGE.fullmatch(feed["language"])
    yield "its hubs", all(hub.keys() == {"type", "url"} and whole(hub["url"]) for hub in feed.get("hubs", []))
    yield "ids are unique", unique(item["id"] for item in feed["items"])
    known = "id url external_url title content_html summary image date_published date_modified authors tags language"
    for item in feed["items"]:
        yield from members(item, f"{known} attachments")
        yield "its content", isinstance(item["content_html"], str)
        yield "its addresses", all(whole(item[name]) for name in ("id", "url", "image") if name in item)
        yield "its moments", moment(item["date_published"]) and moment(item["date_modified"])
        yield (
            "its authors",
            item["authors"] and all(each.keys() <= {"name", "url", "avatar"} for each in item["authors"]),
        )
        yield "its authors' addresses", all(whole(each["url"]) for each in item["authors"])
        yield "its tags", all(isinstance(tag, str) for tag in item.get("tags", []))
        for file in item.get("attachments", []):
            yield "an attachment", whole(file["url"]) and MIME.fullmatch(file["mime_type"])
            yield "an attachment's length", isinstance(file.get("size_in_bytes", 0), int)
        yield from leads(item["content_html"])


def members(found, known):
    unknown = {name for name in found if not name.startswith("_")} - set(known.split())
    yield f"names of the format alone: {unknown}", not unknown
    yield "nothing is said to be empty", all(found[name] not in ("", None) for name in found.keys() - {"content_html"})


def counts(element, *, once, most_once, more, ns=""):
    """Of the children: those that are there once, at most once, any number of times; others only of other names."""
    found = Counter(child.tag.removeprefix(ns) if ns else child.tag for child in element)
    others = {tag for tag in found if not tag.startswith("{")} - once - most_once - more - {"lastBuildDate"}
    yield f"there are others: {others}", not others
    yield f"each once: {found}", all(found[tag] == 1 for tag in once)
    yield f"at most once: {found}", all(found[tag] <= 1 for tag in most_once)


def whole(address):
    return WHOLE.fullmatch(address)


def moment(text):
    return MOMENT.fullmatch(text)


def date(text):
    return DATE.fullmatch(text) and parsedate_to_datetime(text).strftime("%a") == text[:3]


def unique(ids):
    return max(Counter(ids).values(), default=1) == 1


def leads(html):
    """What an article's HTML leads to or shows begins with a scheme, such as https:, whatever its writer wrote then."""
    reader = Addresses()
    reader.feed(html)
    parts = [address for address in reader.found if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address)]
    yield f"all addresses in it are whole: {parts}", not parts


class Addresses(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        candidates = (said.get("srcset") or "").split(", ")
        sources = (candidate.split(" ")[0] for candidate in candidates)
        self.found += filter(None, chain(sources, (said.get(name) for name in ("href", "src", "cite"))))
