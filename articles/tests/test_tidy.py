import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import markup
from articles.tidy import SIZES, Picture, tidy

A = '<img src="/a.png" alt="A">'


def html(content, **pictures):
    return markup.parse(content).html(pictures)


@pytest.mark.parametrize(
    ("written", "made"),
    [
        # ids
        ('<p id="a">1</p><p id="a">2</p>', '<p id="a">1</p><p>2</p>'),
        ('<p id="page_content">1</p><p id="a b">2</p><p id="">3</p>', "<p>1</p><p>2</p><p>3</p>"),
        ('<a name="a">1</a>', '<a id="a">1</a>'),
        # links
        ("<p><a>1</a></p>", "<p>1</p>"),
        ('<p><a href="/b"></a>1<a href="/b" id="c">&nbsp;</a></p>', '<p>1<a id="c">&nbsp;</a></p>'),
        ('<a href="{{ x }}/a b#c#d">1</a>', '<a href="%7B%7B%20x%20%7D%7D/a%20b#c%23d">1</a>'),
        ('<a href="/ü?a=1&amp;b=%20#c">1</a>', '<a href="/ü?a=1&amp;b=%20#c">1</a>'),
        # headings, captions, summaries
        ("<h2>\n</h2><p>1</p>", "\n<p>1</p>"),
        ("<h2><p>1</p></h2>", "<h2>1</h2>"),
        ("<details><summary><p>1</p></summary></details>", "<details><summary>1</summary></details>"),
        ("<div><figcaption>1</figcaption><summary>2</summary></div>", "<div>12</div>"),
        # what is obsolete, or nothing without an attribute
        ("<p><tt>1</tt><strike>2</strike><acronym>3</acronym></p>", "<p><code>1</code><s>2</s><abbr>3</abbr></p>"),
        ('<time>now</time> <time datetime="2026">then</time>', 'now <time datetime="2026">then</time>'),
        ('<input type="checkbox" disabled="">1', "1"),
        # code and tables
        ("<pre>1</pre>", '<pre tabindex="0">1</pre>'),
        ("<pre><code>1</code></pre><p>2</p>", '<pre tabindex="0"><code>1</code></pre><p>2</p>'),
        ("<pre><code><b>1</b> 2\n</code></pre>", '<pre tabindex="0"><code><b>1</b> 2\n</code></pre>'),
    ],
)  # fmt: skip
def test_what_checkers_call_an_error_is_mended(written, made):
    assert tidy(written, {}) == made


def test_a_table_is_named_by_its_columns_and_its_cells_say_what_they_head():
    rows = "<thead><tr><th>Name</th><th></th></tr></thead><tbody><tr><th>Ada</th><td>1</td></tr></tbody>"
    made = tidy(f"<table>{rows}</table>", {})
    assert made.startswith('<div class="table" tabindex="0" role="group" aria-label="Name"><table><thead>')
    assert '<th scope="col">Name</th><td></td>' in made
    assert '<th scope="row">Ada</th>' in made
    assert made.endswith("</tbody></table></div>")


def test_a_caption_names_its_table():
    made = tidy("<table><caption>Who <b>came</b></caption><tbody><tr><th>A</th></tr></tbody></table>", {})
    assert 'aria-label="Who came"><table>' in made


def test_only_the_outer_one_of_nested_tables_scrolls():
    inner = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    assert tidy(f"<table><tbody><tr><td>{inner}</td></tr></tbody></table>", {}).count("<div") == 1


def test_columns_of_html_are_aligned_like_those_of_markdown():
    assert '<td class="right">1</td>' in html('<table><tr><td align="right">1</td></tr></table>')


def test_what_stands_in_a_layout_of_another_time_stays_as_text():
    assert html("<center><font color=red>1</font></center><marquee>2</marquee>") == "12"


# Pictures


@pytest.mark.parametrize(
    ("written", "alt"),
    [
        ('<img src="/a.png">', ""),
        ('<a href="/files/the%20plan.pdf?x=1"><img src="/a.png"></a>', "the plan.pdf"),
        ('<a href="https://example.org/"><img src="/a.png" alt=""></a>', "example.org"),
        ('<a href="http://["><img src="/a.png" alt=""></a>', "http://["),
        ('<a href="/b"><img src="/a.png" alt=""> 1</a>', ""),
        ('<a href="/b"><img src="/a.png" alt="A"></a>', "A"),
    ],
)
def test_every_picture_has_a_text_in_its_place_and_every_link_a_name(written, alt):
    assert re.findall(r'alt="([^"]*)"', tidy(written, {})) == [alt]


def test_a_picture_without_an_address_is_what_it_says():
    assert tidy('<p><img alt="A"></p>', {}) == "<p>A</p>"


def test_pictures_load_when_they_come_near_but_for_one_at_the_top():
    assert re.findall("lazy|img", tidy(A + A, {})) == ["img", "img", "lazy"]
    assert re.findall("lazy|img", tidy(f"<p>{'long ' * 200}</p>{A}", {})) == ["img", "lazy"]


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("", (800, 600)),
        ('width="400"', (400, 300)),
        ('height="300px"', (400, 300)),
        ('height="90" width="80"', (80, 90)),
        ('width="50%" height="0"', (800, 600)),
    ],
)
def test_a_known_picture_keeps_its_place_on_the_page(given, size):
    made = tidy(f'<img {given} src="/a.png">', {"/a.png": Picture(800, 600)})
    assert re.findall(r'(?:width|height)="(\d+)"', made) == [str(pixels) for pixels in size]


def test_an_unknown_picture_has_the_size_that_its_author_gave():
    assert tidy('<img src="/a.png" width="30px" alt="">', {}) == '<img src="/a.png" alt="" width="30" decoding="async">'


def test_a_browser_chooses_among_the_files_of_a_picture():
    known = Picture(900, 600, "/a-320.webp 320w, /a.png 900w")
    assert tidy(A, {"/a.png": known}) == (
        f'<picture><source srcset="{known.srcset}" sizes="{SIZES}">'
        '<img src="/a.png" alt="A" width="900" height="600" decoding="async"></picture>'
    )


def test_it_is_told_their_type_where_they_are_of_one():
    known = Picture(900, 600, "/a-320.webp 320w, /a-900.webp 900w", "image/webp")
    assert f'<source type="image/webp" srcset="{known.srcset}"' in tidy(A, {"/a.png": known})


def test_one_that_is_shown_small_needs_a_small_file():
    known = Picture(900, 600, "/a-320.webp 320w")
    made = tidy('<img src="/a.png" alt="" width="200">', {"/a.png": known})
    assert 'sizes="min(200px, 92vw)"' in made


# Directions


def test_texts_with_scripts_from_right_to_left_find_their_direction_by_themselves():
    made = tidy('<p>One</p><h2>שלום</h2><p dir="ltr">Two</p><pre>3</pre>', {})
    assert made == '<p dir="auto">One</p><h2 dir="auto">שלום</h2><p dir="ltr">Two</p><pre tabindex="0">3</pre>'


def test_what_holds_others_finds_it_for_all_of_them():
    made = tidy("<blockquote><p>שלום</p><ul><li>אחד</li></ul></blockquote><p>שתיים</p>", {})
    assert made == '<blockquote dir="auto"><p>שלום</p><ul><li>אחד</li></ul></blockquote><p dir="auto">שתיים</p>'


def test_other_texts_need_none():
    assert tidy("<p>One</p>", {}) == "<p>One</p>"


class Balance(HTMLParser):
    """Raises AssertionError where an end tag is not that of the element begun last."""

    def __init__(self, html):
        super().__init__()
        self.begun = []
        self.feed(html)
        assert not self.begun

    def handle_starttag(self, tag, attrs):
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names))
        if tag not in {"br", "col", "hr", "img", "input", "wbr", "source"}:
            self.begun.append(tag)

    def handle_endtag(self, tag):
        assert self.begun.pop() == tag


PIECES = [
    "<a href='/b'>",
    "</a>",
    "<a name=x>",
    "<h2>",
    "</h3>",
    "<p>",
    "</p>",
    "<span>",
    "</span>",
    "<img alt=y>",
    "\n\n",
]
PIECES += [
    "<table>",
    "<tr>",
    "<th>",
    "</table>",
    "<pre>",
    "<code>",
    "</code>",
    "</pre>",
    "<img src=/a width=2>",
    "z",
    "# ",
]
PIECES += [
    "<details>",
    "<summary>",
    "</details>",
    "<figcaption>",
    "<time>",
    "<input>",
    "- [x] ",
    "[^1]",
    "[^1]: n",
    "א",
    "|",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_is_written_every_element_is_closed_and_no_id_comes_twice(content):
    made = html(content, **{"/a": Picture(900, 600, "/b 320w")})
    Balance(made)
    ids = re.findall(r' id="([^"]*)"', made)
    assert len(ids) == len(set(ids))
