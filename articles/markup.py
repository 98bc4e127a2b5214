"""Markdown in, safe HTML out: the only renderer and the only sanitizer. Runs once, when an article is saved."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache
from html import escape, unescape
from itertools import islice
from threading import Lock
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from articles import slugs
from articles.tidy import OBSOLETE, Picture, tidy

VERSION = 6  # one more whenever the same text is to become something else; `manage.py render_again` sees to the rest
EXCERPT_MAX_LENGTH = 300  # characters
HEADINGS_MAX, HEADING_MAX_LENGTH = 200, 200  # in a table of contents: how many, and characters of each
HIGHLIGHT_MAX_LENGTH = 10_000  # characters; a highlighter may take a hundred times as long for ten times the code
REFERENCES_MIN, REFERENCES_GROWTH = 100_000, 10  # characters that all addresses may have, and for each of the text's
Heading = tuple[int, str, str]  # its level, id and text

_HIGHLIGHTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_NOSCRIPT = re.compile(r"</?noscript\b[^>]*>", re.IGNORECASE)
_HEADING_TAG = re.compile(r"<(/?)h([1-6])\b", re.IGNORECASE)
_ID = re.compile(r"""\s(?:id|name)\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
_NO_PART_OF_A_LINK = {"link_open", "html_inline", "footnote_ref"}
_TASK = re.compile(r"\[([ xX])\]\s")
_IMAGE = re.compile(r'<img\b[^>]*? src="([^"]*)"')
# A word is a run of letters and digits; scripts that put no spaces between words count by character.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")

_SPAN = {"colspan", "rowspan"}
_SIDES = {"left", "center", "right"}
_FORGOTTEN = {"area", "center", "hgroup", "map", "rtc"}  # elements that no browser needs, or that need others

_sanitizer = nh3.Cleaner(
    tags=(nh3.ALLOWED_TAGS - _FORGOTTEN) | OBSOLETE.keys() | {"input", "label", "progress"},
    attributes={
        "*": {"id", "lang", "dir", "title"},
        "a": {"href", "hreflang", "name", "aria-label"},
        "blockquote": {"cite"},
        "col": {"span"},
        "colgroup": {"span"},
        "del": {"cite", "datetime"},
        "details": {"open"},
        "img": {"src", "alt", "width", "height"},
        "input": {"checked"},
        "ins": {"cite", "datetime"},
        "ol": {"start", "reversed"},
        "pre": {"data-language"},
        "progress": {"max", "value"},
        "q": {"cite"},
        "td": _SPAN,
        "th": _SPAN,
        "time": {"datetime"},
    },
    tag_attribute_values={
        "a": {"role": {"doc-noteref", "doc-backlink"}},
        "div": {"role": {"doc-endnotes"}},
        "input": {"type": {"checkbox"}},
        "td": {"align": _SIDES},
        "th": {"align": _SIDES, "scope": {"col", "row", "colgroup", "rowgroup"}},
    },
    set_tag_attribute_values={"input": {"disabled": ""}},  # one a tag at most: nh3 puts several in a random order
    allowed_classes={
        "a": {"anchor", "footnote-backref"},
        "div": {"footnotes"},
        "hr": {"footnotes-sep"},
        "input": {"task-list-item-checkbox"},
        "li": {"task-list-item", "footnote-item"},
        "ol": {"footnotes-list"},
        "span": {name for name in STANDARD_TYPES.values() if name},
        "sup": {"footnote-ref"},
        "td": _SIDES,
        "th": _SIDES,
        "ul": {"contains-task-list"},
    },
    link_rel=None,
)


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def parse(content: str) -> "Document":
    document = _ahead.get()
    return document if document and document.content == content else Document(content)


@contextmanager
def ahead(content: str) -> Iterator[None]:
    """Within, this text need not be read and rendered any more: for what is to hold no lock as long as that takes."""
    document = parse(content)
    _ = document.images, document.words
    before = _ahead.set(document)
    try:
        yield
    finally:
        _ahead.reset(before)


_ahead: ContextVar["Document | None"] = ContextVar("ahead", default=None)


class Document:
    """One article's Markdown, read once, and what is made of it."""

    def __init__(self, content: str) -> None:
        self.content = content
        self._env: dict[str, Any] = {}
        self._tokens = _markdown.parse(content, self._env)

    @cached_property
    def _safe(self) -> str:
        html = str(_markdown.renderer.render(self._tokens, _markdown.options, self._env))
        # no script of a text runs here, so what it holds for that case is shown; the sanitizer would print it as text
        return _sanitizer.clean(_NOSCRIPT.sub("", html))

    @cached_property
    def images(self) -> set[str]:
        """The addresses of all pictures shown, in the order of nothing."""
        return {unescape(src) for src in _IMAGE.findall(self._safe)}

    def html(self, pictures: Mapping[str, Picture] | None = None) -> str:
        """Safe and valid HTML. Of pictures in the library, all that is known is told, by address."""
        return tidy(self._safe, pictures or {})

    @cached_property
    def text(self) -> str:
        """The words alone: no code blocks, pictures, raw HTML or footnote marks."""
        return " ".join(_text(token) for token in self._tokens if token.type == "inline")

    @cached_property
    def words(self) -> int:
        return len(words(self.text))

    @property
    def headings(self) -> list[Heading]:
        """Those of levels 2 and 3 that stand in the text itself, and not in a quotation or a list."""
        found = (
            (int(opening.tag[1]), str(opening.attrGet("id")), " ".join(_text(inline).split())[:HEADING_MAX_LENGTH])
            for opening, inline in zip(self._tokens, self._tokens[1:], strict=False)
            if opening.type == "heading_open" and opening.level == 0 and opening.tag in {"h2", "h3"}
        )
        return list(islice((heading for heading in found if heading[2]), HEADINGS_MAX))

    @property
    def excerpt(self) -> str:
        """The beginning of the text, paragraphs first, at most EXCERPT_MAX_LENGTH characters."""
        paragraphs = [
            _text(token)
            for before, token in zip(self._tokens, self._tokens[1:], strict=False)
            if token.type == "inline" and before.type == "paragraph_open" and before.level == 0
        ]
        return shortened(" ".join(paragraphs or [self.text]))


def shortened(text: str) -> str:
    """Its beginning, at most EXCERPT_MAX_LENGTH characters, in one line."""
    text = " ".join(text.split())
    if len(text) <= EXCERPT_MAX_LENGTH:
        return text
    cut = text[:EXCERPT_MAX_LENGTH]
    return (cut.rpartition(" ")[0] or cut[:-1]) + "…"


def _text(inline: Token) -> str:
    return "".join(
        token.content if token.type in {"text", "code_inline"} else " " if token.type.endswith("break") else ""
        for token in inline.children or []
    )


def _code_block(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A block of code, highlighted where the language is known."""
    code = tokens[index].content
    name = re.split(r"[\s,{:]", tokens[index].info.strip())[0]  # "rust,ignore" is Rust
    label = f' data-language="{escape(name)}"' if name else ""
    return f"<pre{label}><code>{_highlighted(code, name)}</code></pre>\n"


def _highlighted(code: str, language: str) -> str:
    if language and len(code) <= HIGHLIGHT_MAX_LENGTH and (lexer := _lexer(language)):
        with _ALONE:
            return highlight(code, lexer(stripnl=False), _HIGHLIGHTER)
    return escape(code)


_ALONE = Lock()  # Pygments prepares each language when it is first used, which two at once would do wrong


@lru_cache
def _lexer(language: str) -> type[Lexer] | None:
    """Pygments looks through hundreds of names for one."""
    try:
        return type(get_lexer_by_name(language))
    except ClassNotFound:
        return None


def _order_levels(state: StateCore) -> None:
    """Let headings begin below the page's own, which is the title, and leave no level out."""
    above: list[int] = []

    def level(written: int) -> int:
        while above and above[-1] >= written:
            above.pop()
        above.append(written)
        return min(len(above) + 1, 6)

    def in_html(tag: re.Match[str]) -> str:
        return f"<{tag[1]}h{min(len(above) + 1, 6) if tag[1] else level(int(tag[2]))}"

    for token in state.tokens:
        if token.type == "heading_open":
            token.tag = f"h{level(int(token.tag[1]))}"
        elif token.type == "heading_close":
            token.tag = f"h{min(len(above) + 1, 6)}"
        for each in (token, *(token.children or [])):
            if each.type.startswith("html_"):
                each.content = _HEADING_TAG.sub(in_html, each.content)


def _add_anchors(state: StateCore) -> None:
    """Give every heading an id, and make it the link to itself; where it holds links of its own, a sign behind it."""
    taken = _ids_in_html(state.tokens)
    candidates: dict[str, Iterator[str]] = {}  # of each slug, gone through once however often it occurs
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and inline.children is not None:
            text = _text(inline)
            wanted = slugs.make(text, fallback="section")
            slug = next(s for s in candidates.setdefault(wanted, slugs.candidates(wanted)) if s not in taken)
            taken.add(slug)
            opening.attrSet("id", slug)
            link = f'<a class="anchor" href="#{escape(slug)}"'
            if {child.type for child in inline.children} & _NO_PART_OF_A_LINK:
                inline.children.append(_html(f' {link} aria-label="#">#</a>'))
            elif text.strip():
                inline.children = [_html(f"{link}>"), *inline.children, _html("</a>")]


def _ids_in_html(tokens: list[Token]) -> set[str]:
    """Those that an author gave, which stay."""
    pieces = (each for token in tokens for each in (token, *(token.children or [])))
    return {unescape(id) for each in pieces if each.type.startswith("html_") for id in _ID.findall(each.content)}


def _html(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)


def _make_figures(state: StateCore) -> None:
    """A picture that has a paragraph for itself, and a title, is a figure with a caption."""
    for opening, inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opening.type == "paragraph_open" and not opening.hidden and inline.children:
            shown = [child for child in inline.children if child.type not in {"link_open", "link_close"}]
            if [child.type for child in shown] == ["image"] and (title := shown[0].attrs.pop("title", "")):
                opening.tag = closing.tag = "figure"
                inline.children.append(_html(f"<figcaption>{escape(str(title))}</figcaption>"))


def _mark_tasks(state: StateCore) -> None:
    """Give the items of a list that begin with [ ] or [x] a box."""
    lists: list[Token] = []
    for token, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if token.type.endswith("_list_open"):
            lists.append(token)
        elif token.type.endswith("_list_close"):
            lists.pop()
        elif token.type == "list_item_open" and paragraph.type == "paragraph_open" and inline.children:
            first = inline.children[0]
            if first.type == "text" and (task := _TASK.match(first.content)):
                token.attrSet("class", "task-list-item")
                lists[-1].attrSet("class", "contains-task-list")
                checked = "" if task[1] == " " else ' checked="checked"'
                box = f'<label><input class="task-list-item-checkbox"{checked} type="checkbox">'
                first.content = first.content[3:]
                inline.children = [_html(box), *inline.children, _html("</label>")]


def _bound_references(state: StateCore) -> None:
    """Refuse a text in which a few long addresses, each named often and briefly, would grow to gigabytes."""
    links = (child.attrs for token in state.tokens for child in token.children or [])
    written = sum(len(str(value)) for attributes in links for value in attributes.values())
    if written > REFERENCES_MIN + REFERENCES_GROWTH * len(state.src):
        raise ValidationError({"content": _("Its addresses are repeated too often.")})


def _align_by_class(state: StateCore) -> None:
    """Our content security policy refuses style attributes."""
    for token in state.tokens:
        if token.type in {"th_open", "td_open"} and (match := _ALIGNMENT.match(str(token.attrGet("style") or ""))):
            token.attrSet("class", match[1])


def _footnote_ref(renderer: RendererHTML, tokens: Sequence[Token], index: int, *args: Any) -> str:
    number, id = _footnote(tokens[index])
    return f'<sup class="footnote-ref"><a href="#fn{number}" id="fnref{id}" role="doc-noteref">[{number}]</a></sup>'


def _footnote_anchor(renderer: RendererHTML, tokens: Sequence[Token], index: int, *args: Any) -> str:
    """Leads back to where the note was called; to each of the places where there are several."""
    _number, id = _footnote(tokens[index])
    # the arrow is written such that no system makes an emoji of it
    back = f'<a class="footnote-backref" href="#fnref{id}" role="doc-backlink" aria-label="[{id}]">\u21a9\ufe0e</a>'
    return f" {back}"


def _footnote(token: Token) -> tuple[int, str]:
    """Its number, and that with which of its references this is, where it isn't the first."""
    number, repeated = token.meta["id"] + 1, token.meta.get("subId", 0)
    return number, f"{number}:{repeated}" if repeated > 0 else f"{number}"


def _footnotes(renderer: RendererHTML, *args: Any) -> str:
    return '<hr class="footnotes-sep">\n<div class="footnotes" role="doc-endnotes">\n<ol class="footnotes-list">\n'


def _footnotes_end(renderer: RendererHTML, *args: Any) -> str:
    return "</ol>\n</div>\n"


_RULES: dict[str, Callable[..., str]] = {
    "fence": _code_block,
    "code_block": _code_block,
    "footnote_ref": _footnote_ref,
    "footnote_anchor": _footnote_anchor,
    "footnote_block_open": _footnotes,
    "footnote_block_close": _footnotes_end,
}


def make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    parser.core.ruler.push("references", _bound_references)
    parser.core.ruler.push("tasks", _mark_tasks)
    parser.core.ruler.push("levels", _order_levels)
    parser.core.ruler.push("anchors", _add_anchors)
    parser.core.ruler.push("figures", _make_figures)
    parser.core.ruler.push("align", _align_by_class)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


_markdown = make_parser()
