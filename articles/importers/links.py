"""Where a Markdown text points to: its links, its pictures, its reference definitions, and those of HTML inside it.

The Markdown parser says what is a link, so that code stays as it is; and each is known by its place in the text, so
that another address can be put there with everything else left alone, letter for letter.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import accumulate
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore, block
from markdown_it.rules_inline import StateInline, html_inline, image, link

from articles import markup

TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)|<(?P<name>a|img)\s(?P<rest>(?:[^<>"']|"[^"]{0,5000}"|'[^']{0,5000}')*+)>""",
    re.IGNORECASE | re.DOTALL,
)
ATTRIBUTE = re.compile(r"""(?P<name>[^\s"'<>/=]+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'=<>`]+)""")
# Where a link within the site may be: parsing is slow, and most texts point to other sites alone
HINT = re.compile(r"(?:\]\(|\]:)\s*+<?+(?!https?:|mailto:|#)|<(?:a|img)\s", re.IGNORECASE)
DEFINITION = re.compile(r"\]:\s*")


@dataclass(frozen=True)
class Link:
    target: str
    start: int  # where in the text the target stands
    end: int
    is_picture: bool = False
    alt: str = ""
    in_html: bool = False


def rewrite(text: str, new_target: Callable[[Link], str | None]) -> str:
    """The text with the targets that `new_target` answers; None leaves one as it is. Lines of the text end with \\n."""
    pieces, done = [], 0
    for found in sorted(find(text), key=lambda found: found.start):
        new = new_target(found)
        if new is not None and found.start >= done:
            pieces += [text[done : found.start], f'"{escape(new)}"' if found.in_html else new]
            done = found.end
    return "".join([*pieces, text[done:]])


def find(text: str) -> Iterator[Link]:
    """Every link of the text that may lead within its site, and some others, in the order of nothing."""
    if not HINT.search(text):
        return
    lines = _Lines(text)
    state = StateCore(text, _parser, {})
    block(state)
    for token in state.tokens:
        if token.type == "html_block" and token.map:
            yield from _in_html(*lines.between(*token.map))
        elif token.type == "inline" and token.map:
            seen: list[Link] = []
            if HINT.search(token.content):
                _parser.inline.parse(token.content, _parser, {**state.env, "seen": seen, "content": token.content}, [])
            yield from lines.placed(seen, token.content, token.map[0])
    for definition in state.env.get("references", {}).values():
        yield from _in_definition(*lines.between(*definition["map"]), definition["href"])


class _Lines:
    """Knows for each paragraph, which the parser freed of its indents and quotation marks, where it was in the text."""

    def __init__(self, text: str) -> None:
        self._text, self._lines = text, text.split("\n")
        self._starts = [*accumulate((len(line) + 1 for line in self._lines), initial=0)]
        self._read: dict[int, int] = {}  # how far each line is read: the cells of a table share one

    def between(self, first: int, last: int) -> tuple[str, int]:
        """The text of these lines, and where it starts."""
        return self._text[self._starts[first] : self._starts[last]], self._starts[first]

    def placed(self, links: list[Link], content: str, first: int) -> Iterator[Link]:
        """The links of a paragraph, whose places are those in its content, with their places in the text."""
        offset = 0
        for number, part in enumerate(content.split("\n"), start=first):
            column = self._lines[number].find(part.strip(), self._read.get(number, 0))
            # a cell with \| in it is not found: its content has lost the backslash
            moved = self._starts[number] + column - (offset + len(part) - len(part.lstrip()))
            for found in links if column >= 0 else ():
                if offset <= found.start < offset + len(part):
                    yield replace(found, start=found.start + moved, end=found.end + moved)
            self._read[number] = max(column, 0) + len(part.strip())
            offset += len(part) + 1


def _in_html(html: str, offset: int) -> Iterator[Link]:
    for tag in TAG.finditer(html):
        attributes = {match["name"].lower(): match for match in ATTRIBUTE.finditer(tag["rest"] or "")}
        values = {name: unescape(match["value"].strip("\"'")) for name, match in attributes.items()}
        is_picture = (tag["name"] or "").lower() == "img"
        if match := attributes.get("src" if is_picture else "href"):
            start, end = (offset + tag.start("rest") + place for place in match.span("value"))
            target = values["src" if is_picture else "href"].strip()
            yield Link(target, start, end, is_picture, values.get("alt", ""), in_html=True)


def _in_definition(definition: str, offset: int, href: str) -> Iterator[Link]:
    for match in DEFINITION.finditer(definition):
        found = _parser.helpers.parseLinkDestination(definition, match.end(), len(definition))
        if found.ok and _parser.normalizeLink(found.str) == href:
            yield Link(found.str, offset + match.end(), offset + found.pos)
            return


def _noticing(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """The parser's own rule, which besides notes down what it found and where."""

    def notice(state: StateInline, silent: bool) -> bool:
        start = state.pos
        found = rule(state, silent)
        if found and not silent:
            # inside a picture's description or a footnote's, a part of the paragraph is parsed on its own
            offset = 0 if state.src == state.env["content"] else state.env["content"].find(state.src)
            state.env["seen"] += [
                replace(link, start=link.start + offset, end=link.end + offset)
                for link in _of_rule[rule](state, start)
                if offset >= 0
            ]
        return found

    return notice


def _at_bracket(state: StateInline, start: int) -> Iterator[Link]:
    """The link or picture that ends where the parser is now; one by reference has its target in the definition."""
    is_picture = state.src[start] == "!"
    end_of_label = state.md.helpers.parseLinkLabel(state, start + is_picture, not is_picture)
    if state.src[end_of_label + 1 : state.pos].startswith("("):
        inside = state.src[end_of_label + 2 : state.pos]
        opening = state.pos - len(inside.lstrip())
        found = state.md.helpers.parseLinkDestination(state.src, opening, state.pos)
        if found.ok:
            label = state.src[start + 1 + is_picture : end_of_label]
            yield Link(found.str, opening, found.pos, is_picture, label if is_picture else "")


def _at_tag(state: StateInline, start: int) -> Iterator[Link]:
    return _in_html(state.src[start : state.pos], start)


_of_rule: dict[Any, Callable[[StateInline, int], Iterator[Link]]] = {
    link: _at_bracket,
    image: _at_bracket,
    html_inline: _at_tag,
}


def _make_parser() -> MarkdownIt:
    parser = markup.make_parser()
    for rule in _of_rule:
        parser.inline.ruler.at(rule.__name__, _noticing(rule))
    return parser


_parser = _make_parser()
