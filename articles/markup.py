"""Markdown in, safe HTML out: the only renderer and the only sanitizer. Runs once, when an article is saved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from html import escape, unescape
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
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from articles import slugs

EXCERPT_MAX_LENGTH = 300  # characters
HIGHLIGHT_MAX_LENGTH = 10_000  # characters; a highlighter may take a hundred times as long for ten times the code
REFERENCES_MIN, REFERENCES_GROWTH = 100_000, 10  # characters that all addresses may have, and for each of the text's
Size = tuple[int, int]  # width and height in pixels

_HIGHLIGHTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_NOSCRIPT = re.compile(r"</?noscript\b[^>]*>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\]\s")
_IMAGE = re.compile(r'<img\b[^>]*? src="([^"]*)"')
# A word is a run of letters and digits; scripts that put no spaces between words count by character.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|(?:(?![\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])\w)+")

_sanitizer = nh3.Cleaner(
    tags=nh3.ALLOWED_TAGS | {"input", "progress", "section"},
    attributes={
        **nh3.ALLOWED_ATTRIBUTES,
        "*": {"id", "lang", "dir", "title"},
        "a": {"href", "hreflang", "name", "aria-label"},
        "img": {"src", "alt", "width", "height"},
        "input": {"checked"},
        "ol": {"start"},
        "pre": {"data-language"},
        "progress": {"max", "value"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    tag_attribute_values={"pre": {"tabindex": {"0"}}, "div": {"tabindex": {"0"}}, "input": {"type": {"checkbox"}}},
    set_tag_attribute_values={"input": {"disabled": ""}},  # one a tag at most: nh3 puts several in a random order
    allowed_classes={
        "a": {"anchor", "footnote-backref"},
        "div": {"table"},
        "hr": {"footnotes-sep"},
        "input": {"task-list-item-checkbox"},
        "li": {"task-list-item", "footnote-item"},
        "ol": {"footnotes-list"},
        "section": {"footnotes"},
        "span": {name for name in STANDARD_TYPES.values() if name},
        "sup": {"footnote-ref"},
        "td": {"left", "center", "right"},
        "th": {"left", "center", "right"},
        "ul": {"contains-task-list"},
    },
    link_rel=None,
)


def parse(content: str) -> "Document":
    return Document(content)


class Document:
    """One article's Markdown, read once, and what is made of it."""

    def __init__(self, content: str) -> None:
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

    def html(self, sizes: Mapping[str, Size] | None = None) -> str:
        """Sanitised HTML. Pictures load when they come near; those of a known size keep their place on the page."""
        known = sizes or {}

        def with_attributes(match: re.Match[str]) -> str:
            # the sanitizer's output has one form: double quotes, attributes escaped, none of those added here
            size = known.get(unescape(match[1]))
            place = f' width="{size[0]}" height="{size[1]}"' if size and " width=" not in match[0] else ""
            return f'{match[0]}{place} loading="lazy" decoding="async"'

        return _IMAGE.sub(with_attributes, self._safe)

    @cached_property
    def text(self) -> str:
        """The words alone: no code blocks, pictures, raw HTML or footnote marks."""
        return " ".join(_text(token) for token in self._tokens if token.type == "inline")

    @property
    def words(self) -> int:
        return len(_WORD.findall(self.text))

    @property
    def excerpt(self) -> str:
        """The beginning of the text, paragraphs first, at most EXCERPT_MAX_LENGTH characters."""
        paragraphs = [
            _text(token)
            for before, token in zip(self._tokens, self._tokens[1:], strict=False)
            if token.type == "inline" and before.type == "paragraph_open" and before.level == 0
        ]
        text = " ".join(" ".join(paragraphs or [self.text]).split())
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
    """A block of code, highlighted where the language is known; reachable by keyboard, as it may scroll."""
    code = tokens[index].content
    name = re.split(r"[\s,{:]", tokens[index].info.strip())[0]  # "rust,ignore" is Rust
    label = f' data-language="{escape(name)}"' if name else ""
    return f'<pre{label} tabindex="0"><code>{_highlighted(code, name)}</code></pre>\n'


def _highlighted(code: str, language: str) -> str:
    try:
        if language and len(code) <= HIGHLIGHT_MAX_LENGTH:
            return highlight(code, get_lexer_by_name(language, stripnl=False), _HIGHLIGHTER)
    except ClassNotFound:
        pass
    return escape(code)


def _add_anchors(state: StateCore) -> None:
    """Give every heading an id and a link to itself."""
    taken: set[str] = set()
    candidates: dict[str, Iterator[str]] = {}  # of each slug, gone through once however often it occurs
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and inline.children is not None:
            text = _text(inline)
            wanted = slugs.make(text, fallback="section")
            slug = next(s for s in candidates.setdefault(wanted, slugs.candidates(wanted)) if s not in taken)
            taken.add(slug)
            opening.attrSet("id", slug)
            link = Token("html_inline", "", 0)
            link.content = f' <a class="anchor" href="#{escape(slug)}" aria-label="{escape(text)}">#</a>'
            inline.children.append(link)


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
                box = Token("html_inline", "", 0)
                box.content = f'<input class="task-list-item-checkbox"{checked} type="checkbox">'
                first.content = first.content[3:]
                inline.children.insert(0, box)


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


def _open_table(renderer: RendererHTML, *args: Any) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _close_table(renderer: RendererHTML, *args: Any) -> str:
    return "</table></div>\n"


def make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    parser.core.ruler.push("references", _bound_references)
    parser.core.ruler.push("tasks", _mark_tasks)
    parser.core.ruler.push("anchors", _add_anchors)
    parser.core.ruler.push("align", _align_by_class)
    for name, rule in {
        "fence": _code_block,
        "code_block": _code_block,
        "table_open": _open_table,
        "table_close": _close_table,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


_markdown = make_parser()
