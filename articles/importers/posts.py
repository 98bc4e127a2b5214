"""One Markdown file as a post, whichever of Zola, Jekyll, Eleventy, Hugo or a plain editor it was written for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.utils.translation import get_supported_language_variant

from articles import markup
from articles.importers import dates, front_matter
from articles.importers.front_matter import Fields, Malformed
from articles.models.redirect import normalize

TEMPLATE_TAG = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}", re.DOTALL)
DATE_IN_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[-_ ]|$)", re.ASCII)
PARSER = markup.make_parser()


@dataclass(frozen=True, kw_only=True)
class Post:
    title: str
    content: str
    name: str  # what its address here is to be made of
    addresses: list[str]  # where it stood on the site that it comes from; its chief address first
    date: datetime
    is_draft: bool
    authors: list[str]
    tags: list[str]
    summary: str
    series: str
    series_position: int | None
    cover: str
    cover_alt: str
    canonical_url: str
    is_page: bool  # a standing one
    menu_position: int | None
    language: str  # as Django calls it; "" where nothing is said, or nothing that is known
    left_behind: list[str]  # fields that have no place here

    @property
    def template_tags(self) -> int:
        return len(TEMPLATE_TAG.findall(self.content))


def is_section_index(path: PurePosixPath) -> bool:
    """Zola and Hugo keep what they say about a folder in such a file."""
    return path.stem.split(".")[0] == "_index"


def read(data: bytes, path: PurePosixPath, *, changed_at: datetime, zone: tzinfo) -> Post:
    """The post in a file's bytes. `path` is the file's inside its folder; a date that names no zone is in `zone`."""
    head, content = front_matter.split(front_matter.decode(data))
    fields = head or Fields()
    title = unescape(fields.text("title"))  # generators print titles as HTML
    if not title:
        title, content = _take_heading(content)
    given = _address(fields.text("path", "permalink", "url"))
    file_name = _name(path)
    name = fields.text("slug") or given.rpartition("/")[2].removesuffix(".html") or DATE_IN_NAME.sub("", file_name)
    implied = _implied_addresses(path, file_name, fields.text("slug")) if head and not given else []
    date = _date(fields, [file_name, given or str(path.parent)], zone)
    cover, cover_alt = fields.picture("image", "cover")
    return Post(
        title=title,
        content=content.strip("\n"),
        name=name or title,
        addresses=[*filter(None, [given]), *implied, *map(_address, fields.names("aliases", "redirect_from"))],
        date=date or changed_at,
        is_draft=_is_draft(fields) or "_drafts" in path.parts,
        authors=fields.names("authors", "author"),
        tags=fields.words("tags", "categories", "category"),
        summary=fields.plain("summary", "description", "excerpt"),
        series=next(iter(fields.names("series")), ""),
        series_position=fields.number("series_position", "series_order", "weight"),
        cover=cover,
        cover_alt=fields.text("image_alt", "cover_alt") or cover_alt,
        canonical_url=fields.text("canonical_url", "canonical"),
        menu_position=fields.number("menu_position"),
        language=_language(fields.text("lang", "language")),
        left_behind=fields.unasked,
        # asked last, for of posts a layout is left behind
        is_page=fields.text("type", "layout") == "page",
    )


def _date(fields: Fields, paths: Iterable[str], zone: tzinfo) -> datetime | None:
    """As the head says it, else the first of these paths that names one."""
    if said := fields.text("date", "publishdate", "pubdate"):
        return dates.parse(said, zone)
    return next(filter(None, (dates.in_path(path, zone) for path in paths)), None)


def _language(said: str) -> str:
    """de of de, de-DE and de_DE."""
    try:
        return get_supported_language_variant(said.lower().replace("_", "-")) if said else ""
    except LookupError:
        return ""


def _is_draft(fields: Fields) -> bool:
    """What says neither yes nor no, such as `draft: soon`, is not published by mistake."""
    return fields.says_no("published") or (bool(fields.text("draft")) and not fields.says_no("draft"))


def _name(path: PurePosixPath) -> str:
    """hello of hello.md, and of hello/index.md, where the post lives beside its pictures."""
    return path.parent.name if path.stem.split(".")[0] == "index" else path.stem


def _address(text: str) -> str:
    """A path on the old site, "" where there is none or it is only a pattern, such as /:year/:title/."""
    path = urlsplit(text).path if text.startswith(("http://", "https://", "/")) else text
    return "" if ":" in path else normalize(unquote(path)).rstrip("/")


def _implied_addresses(path: PurePosixPath, file_name: str, slug: str) -> list[str]:
    """Where a generator puts a post that doesn't say: Jekyll by its date, the others by its folder."""
    if match := DATE_IN_NAME.match(file_name):
        year, month, day = map(int, match.groups())
        address = normalize(f"/{year:04}/{month:02}/{day:02}/{slug or file_name[match.end() :]}")
        return [address, f"{address}.html"]
    folder = path.parent.parent if path.stem.split(".")[0] == "index" else path.parent
    return [normalize(str(folder / (slug or file_name)))]


def _take_heading(content: str) -> tuple[str, str]:
    """The first heading as the title. It leaves the text, unless it stands in the midst and heads a part of it only."""
    tokens = PARSER.parse(content)
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and (title := markup.parse(tokens[index + 1].content).text.strip()):
            lines, (first, last) = content.split("\n"), token.map or (0, 0)
            is_top = index == 0 or token.markup in {"#", "="}
            return title, "\n".join(lines[:first] + lines[last:]) if is_top else content
    raise Malformed("it has no title: neither in front matter nor as a heading")
