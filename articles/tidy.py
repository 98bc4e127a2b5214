"""Sanitised HTML made valid, and open to everybody: one pass over its tags, whoever wrote them.

It mends what checkers of HTML and of accessibility call an error, where that is cheap and the author's meaning plain.
What comes in is the sanitizer's output, which has one form: every element closed, attributes in double quotes, and "<"
and ">" for nothing but tags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

OURS = "page_"  # what the ids of our templates begin with; no author's does
LABEL_MAX_LENGTH = 100  # characters
FIRST_ROW = 5000  # characters of a table's HTML, in which its columns' names are looked for
HIGH = 600  # characters of HTML: a picture before that is on the first screen, and had better not wait
COLUMN = 645  # pixels: what the theme's column of text is at most,
SIZES = "(min-width: 44rem) 40rem, 92vw"  # and what a picture takes of it, from which a browser chooses the file

# Most code is left alone, which spares the time for its many tags
TAG = re.compile(
    r"<pre(?P<pre>[^<>]*)>(?P<code><code>(?:[^<]++|<(?!/?pre\b|img\b|[^<>]* (?:id|name)=))*+</pre>)"
    r"|<(?P<end>/?)(?P<tag>[a-z][a-z0-9]*)(?P<attributes>[^<>]*)>"
)
ATTRIBUTE = re.compile(r' ([^\s="]+)="([^"]*)"')
CAPTION = re.compile(r"\s*<caption[^<>]*>(.*?)</caption>", re.DOTALL)
HEAD_CELL = re.compile(r"<th\b[^<>]*>(.*?)</th>", re.DOTALL)
PIXELS = re.compile(r"([1-9]\d{0,4})(?:px)?", re.ASCII)
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
NOT_IN_ADDRESS = re.compile(r"[\s\\^`{|}]|&(?:lt|gt|quot);|#.*#")
IN_ADDRESS = "%/:?[]@!$&'()*+,;=~"

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
FORMATS = "abbr b bdi bdo cite code dfn em i kbd label mark q s samp small span strong sub summary sup u var"
PHRASES = HEADINGS | set(FORMATS.split())  # hold no paragraphs
VOID = {"br", "col", "hr", "img", "input", "wbr"}
OBSOLETE = {"acronym": "abbr", "strike": "s", "tt": "code"}
ONLY_IN = {"figcaption": "figure", "summary": "details"}  # what means nothing elsewhere
NOT_EMPTY = HEADINGS | {"caption", "figcaption"}
DIRECTED = HEADINGS | {"blockquote", "dl", "figcaption", "ol", "p", "summary", "table", "td", "th", "ul"}


class Picture(NamedTuple):
    """What is known of one in the library. `srcset` are the files to choose from, "" where there is but one; they are
    of this `type`, if all are of one."""

    width: int
    height: int
    srcset: str = ""
    type: str = ""


@dataclass
class Element:
    tag: str  # "" where only what is in it stays
    attributes: dict[str, str]  # as they are written, escaped
    place: int = 0  # of its opening among the pieces
    before: str = ""
    after: str = ""
    filled: bool = False  # with words, or with a picture that has some
    pictures: list["Element"] = field(default_factory=list)
    rows: int = 0  # of a table, so far

    @property
    def opening(self) -> str:
        attributes = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"{self.before}<{self.tag}{attributes}>" if self.tag else ""

    @property
    def ending(self) -> str:
        return (f"</{self.tag}>" if self.tag and self.tag not in VOID else "") + self.after


def tidy(html: str, pictures: Mapping[str, Picture]) -> str:
    """Valid and accessible HTML, with all that is known of its pictures, by address."""
    return _Pass(html, pictures).run()


class _Pass:
    def __init__(self, html: str, pictures: Mapping[str, Picture]) -> None:
        self.html, self.pictures = html, pictures
        self.pieces: list[str] = []
        self.open = [Element("", {})]
        self.tables: list[Element] = []
        self.ids: set[str] = set()
        self.any_picture = False
        self.directed = bool(RIGHT_TO_LEFT.search(html))

    def run(self) -> str:
        done = 0
        for match in TAG.finditer(self.html):
            self.add_text(self.html[done : match.start()])
            done = match.end()
            if code := match["code"]:
                block = _scrolling(Element("pre", _attributes(match["pre"])))
                self.add_text(block.opening + code)
            elif match["end"]:
                self.close()
            else:
                self.begin(Element(match["tag"], _attributes(match["attributes"])), done)
        self.add_text(self.html[done:])
        return "".join(self.pieces)

    def add_text(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.open[-1].filled |= not text.replace("&nbsp;", " ").isspace()

    def begin(self, element: Element, end: int) -> None:
        parent = self.open[-1].tag
        is_void = element.tag in VOID
        element.tag = OBSOLETE.get(element.tag, element.tag)
        if (element.tag == "p" and parent in PHRASES) or parent != ONLY_IN.get(element.tag, parent):
            element.tag = ""
        if element.attributes:
            self.mend_attributes(element)
        # one inside another has the other's: browsers look for it in no text that finds its own
        if self.directed and element.tag in DIRECTED and not any("dir" in each.attributes for each in self.open):
            element.attributes.setdefault("dir", "auto")
        if mend := getattr(self, f"begin_{element.tag}", None):
            mend(element, end)
        element.place = len(self.pieces)
        if is_void:
            self.pieces.append(element.opening + element.ending)
        else:
            self.pieces.append("")  # what it is becomes certain where it ends
            self.open.append(element)

    def close(self) -> None:
        element, parent = self.open.pop(), self.open[-1]
        if mend := getattr(self, f"end_{element.tag}", None):
            mend(element)
        if element.tag in NOT_EMPTY and not element.filled:
            element.tag = ""
        self.pieces[element.place] = element.opening
        self.pieces.append(element.ending)
        parent.filled |= element.filled
        parent.pictures += element.pictures

    def mend_attributes(self, element: Element) -> None:
        attributes = element.attributes
        if name := attributes.pop("name", ""):
            attributes.setdefault("id", name)
        if "id" in attributes:
            wanted = attributes["id"]
            if wanted in self.ids or wanted.startswith(OURS) or len(wanted.split()) != 1:
                del attributes["id"]
            self.ids.add(wanted)
        if side := attributes.pop("align", ""):
            attributes.setdefault("class", side)
        for name in ("href", "src", "cite"):
            if name in attributes and NOT_IN_ADDRESS.search(attributes[name]):
                path, sign, fragment = unescape(attributes[name]).strip().partition("#")
                attributes[name] = escape(quote(path, safe=IN_ADDRESS) + sign + quote(fragment, safe=IN_ADDRESS))

    # Links

    def begin_a(self, link: Element, end: int) -> None:
        if not link.attributes.keys() & {"href", "id"}:
            link.tag = ""

    def end_a(self, link: Element) -> None:
        if link.filled or "aria-label" in link.attributes:
            return
        target = link.attributes.get("href", "")
        if link.pictures and target:
            picture = link.pictures[0]
            picture.attributes["alt"] = _name_of(target)
            self.pieces[picture.place] = picture.opening + picture.ending
            link.filled = True
        elif not link.pictures:
            link.attributes = {"id": link.attributes["id"]} if "id" in link.attributes else {}
            link.tag = "a" if link.attributes else ""

    # Pictures

    def begin_img(self, image: Element, end: int) -> None:
        attributes, is_first = image.attributes, not self.any_picture
        alt = attributes.setdefault("alt", "")
        self.open[-1].filled |= bool(alt.strip())
        if not attributes.get("src"):
            image.tag = ""
            self.add_text(alt)
            return
        self.open[-1].pictures.append(image)
        self.any_picture = True
        self.size(image, self.pictures.get(unescape(attributes["src"])))
        if not (is_first and end < HIGH):
            attributes["loading"] = "lazy"
        attributes["decoding"] = "async"

    def size(self, image: Element, known: Picture | None) -> None:
        """Width and height, so that it keeps its place on the page; and the files from which a browser may choose."""
        given = {name: PIXELS.fullmatch(image.attributes.pop(name, "")) for name in ("width", "height")}
        size = {name: int(match[1]) for name, match in given.items() if match}
        if known:
            width = size.get("width") or round(size.get("height", known.height) * known.width / known.height)
            size = {"width": width, "height": round(width * known.height / known.width), **size}
            if known.srcset:
                sizes = f"min({width}px, 92vw)" if width <= COLUMN else SIZES
                kind = f'type="{known.type}" ' if known.type else ""
                image.before = f'<picture><source {kind}srcset="{escape(known.srcset)}" sizes="{escape(sizes)}">'
                image.after = "</picture>"
        image.attributes |= {name: str(max(1, pixels)) for name, pixels in size.items()}

    # What may scroll: keyboards reach it, and listeners hear what it is

    def begin_pre(self, block: Element, end: int) -> None:
        _scrolling(block)

    def begin_table(self, table: Element, end: int) -> None:
        if not self.tables:
            wrapper = _scrolling(Element("div", {"class": "table"}), self.label_of_table(end))
            table.before, table.after = wrapper.opening, wrapper.ending
        self.tables.append(table)

    def end_table(self, table: Element) -> None:
        self.tables.pop()

    def label_of_table(self, start: int) -> str:
        """Its caption, or else the names of its columns."""
        caption = CAPTION.match(self.html, start)
        end = self.html.find("</tr>", start, start + FIRST_ROW)
        texts = [caption[1]] if caption else HEAD_CELL.findall(self.html, start, max(start, end))
        words = [" ".join(re.sub("<[^<>]*>", "", text).split()) for text in texts]
        return escape(unescape(", ".join(filter(None, words)))[:LABEL_MAX_LENGTH])

    def begin_tr(self, row: Element, end: int) -> None:
        if self.tables:
            self.tables[-1].rows += 1

    def begin_th(self, cell: Element, end: int) -> None:
        of_column = not self.tables or self.tables[-1].rows == 1 or self.open[-2].tag == "thead"
        cell.attributes.setdefault("scope", "col" if of_column else "row")

    def end_th(self, cell: Element) -> None:
        if not (cell.filled or cell.pictures):
            cell.tag = "td"
            cell.attributes.pop("scope")

    # What is nothing without an attribute

    def begin_input(self, box: Element, end: int) -> None:
        if "class" not in box.attributes:
            box.tag = ""  # a field of no form

    def begin_progress(self, bar: Element, end: int) -> None:
        bar.attributes["aria-label"] = "/".join(filter(None, map(bar.attributes.get, ("value", "max"))))

    def begin_time(self, time: Element, end: int) -> None:
        if "datetime" not in time.attributes:
            time.tag = ""


def _attributes(written: str) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(written)) if written else {}


def _scrolling(element: Element, label: str = "") -> Element:
    element.attributes["tabindex"] = "0"
    if label := label or element.attributes.get("data-language", ""):
        element.attributes |= {"role": "group", "aria-label": label}
    return element


def _name_of(target: str) -> str:
    """What to call the thing at this address, for want of anything better: the last part of it."""
    address = unescape(target)
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all, such as http://[
        return target
    path = unquote(parts.path).strip("/")
    return escape(path.rpartition("/")[2] or parts.netloc or parts.fragment or address)
