"""The head of a Markdown file, between two lines of "---" (YAML) or "+++" (TOML), as fields; and the text under it."""

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from typing import Any

import yaml
from django.utils.html import strip_tags

from articles.models.taxonomy import UNSTORABLE

HEAD = re.compile(
    r"\A(?:---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)|\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+)[ \t]*(?:\n|\Z)", re.M | re.S
)
OPENING = re.compile(r"\A(---|\+\+\+)[ \t]*\n")
NO = {"false", "no", "off", "0"}


class Malformed(ValueError):
    """Why a file cannot be taken in, in words for the person who wrote it."""


def decode(data: bytes) -> str:
    """The text in a file, its lines ending as ours do."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = f"byte 0x{data[error.start]:02x} at {error.start}"
        raise Malformed(f"it is not UTF-8 text ({bad}); save it as UTF-8 first") from error
    if "\0" in text:
        raise Malformed("it holds a NUL byte, so it is no text")
    if not text.strip():
        raise Malformed("it is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def split(text: str) -> tuple["Fields | None", str]:
    """The fields, or None where a text has no head, and the rest of the text."""
    match = HEAD.match(text)
    if match:
        return Fields(_yaml(match["yaml"]) if match["toml"] is None else _toml(match["toml"])), text[match.end() :]
    if opening := OPENING.match(text):
        raise Malformed(f"its front matter opens with {opening[1]} and is never closed")
    return None, text


class Fields:
    """What a head says, by name, whatever the case; Zola's [extra] and [taxonomies] come after the rest."""

    def __init__(self, head: dict[str, Any] | None = None) -> None:
        self._values: dict[str, tuple[str, Any]] = {}
        self._asked: set[str] = set()
        head = dict(head or {})
        nested = [(f"{name}.", head.pop(name)) for name in ("extra", "taxonomies") if isinstance(head.get(name), dict)]
        for prefix, fields in [("", head), *nested]:
            for name, value in fields.items():
                self._values.setdefault(str(name).lower(), (f"{prefix}{name}", value))

    def text(self, *names: str) -> str:
        """The first of these fields that says something, as one line."""
        return next((text for value in self._ask(*names) for text in [_line(value)] if text), "")

    def plain(self, *names: str) -> str:
        """The same without HTML."""
        return " ".join(unescape(strip_tags(self.text(*names))).split())

    def names(self, *names: str) -> list[str]:
        """A list, or one alone; each a text or a mapping with a name. None twice, whatever the case."""
        return _unique(text for value in self._ask(*names) for text in _each(value))

    def words(self, *names: str) -> list[str]:
        """The same, where one text may hold several: "a, b" or, as Jekyll reads it, "a b"."""
        return _unique(
            word.strip()
            for value in self._ask(*names)
            for text in _each(value)
            for word in ([text] if isinstance(value, list) else text.split("," if "," in text else None))
        )

    def picture(self, *names: str) -> tuple[str, str]:
        """Where it is, and what it shows: a text, or a mapping such as Hugo's cover: {image: …, alt: …}."""
        for value in self._ask(*names):
            fields = Fields(value if isinstance(value, dict) else {"src": value})
            if source := fields.text("src", "image", "path", "url", "relative"):
                return source, fields.text("alt", "caption")
        return "", ""

    def says_no(self, name: str) -> bool:
        return self.text(name).lower() in NO

    def number(self, *names: str) -> int | None:
        text = self.text(*names)
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None

    @property
    def unasked(self) -> list[str]:
        """The fields that say something and that nobody wanted to know."""
        return [shown for name, (shown, value) in self._values.items() if name not in self._asked and value]

    def _ask(self, *names: str) -> Iterator[Any]:
        self._asked.update(names)
        return (self._values[name][1] for name in names if name in self._values)


def _line(value: Any) -> str:
    """A value in one line: the first of a list, nothing for a mapping."""
    if isinstance(value, list):
        return _line(value[0]) if value and not isinstance(value[0], list) else ""
    text = "" if value is None or isinstance(value, dict) else " ".join(str(value).split())
    if UNSTORABLE.search(text):
        raise Malformed("its front matter holds a NUL or half an emoji")
    return text


def _each(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if text := Fields(item).text("name", "title", "username") if isinstance(item, dict) else _line(item):
            yield text


def _unique(texts: Iterator[str]) -> list[str]:
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.casefold(), text)
    return list(first.values())


class _AsWritten(yaml.CSafeLoader):
    """YAML that leaves words alone: a title of `1.10`, `yes` or `2014-05-06` stays just that. Only null is special."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _toml(head: str) -> dict[str, Any]:
    try:
        return tomllib.loads(head)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(f"its front matter is not valid TOML: {error}") from error


def _yaml(head: str) -> dict[str, Any]:
    try:
        fields = yaml.load(head, Loader=_AsWritten)  # noqa: S506, as safe as the loader that it is made from
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Malformed(f"its front matter is not valid YAML: {_in_one_line(error)}") from error
    if not isinstance(fields, dict | None):
        raise Malformed("its front matter is not a list of fields")
    return fields or {}


def _in_one_line(error: Exception) -> str:
    """PyYAML itself says it in five lines."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    # lines are counted from nought, and the head's opening line comes before them
    return f"{problem} in line {mark.line + 2}" if mark and problem else " ".join(str(error).split())
