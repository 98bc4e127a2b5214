import re
from concurrent.futures import ThreadPoolExecutor
from time import process_time, sleep

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles import markup
from articles.tidy import Picture

pytestmark = pytest.mark.once


def html(content: str) -> str:
    return markup.parse(content).html()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Some *text*.", "<p>Some <em>text</em>.</p>"),
        ("| a |\n|--:|\n| 1 |", '<div class="table" tabindex="0" role="group" aria-label="a"><table>'),
        ("| a |\n|--:|\n| 1 |", '<td class="right">1</td>'),
        ("Text[^1]\n\n[^1]: Note", '<div class="footnotes" role="doc-endnotes">'),
        ("- [x] done", '<input class="task-list-item-checkbox" checked="checked" type="checkbox" disabled="">'),
        ("## A heading", '<h2 id="a-heading"><a class="anchor" href="#a-heading">A heading</a></h2>'),
        (
            "```python\nprint(1)\n```",
            'data-language="python" tabindex="0" role="group" aria-label="python"><code><span class="nb">print</span>',
        ),
        (
            "```nonesuch\n<b>\n```",
            '<pre data-language="nonesuch" tabindex="0" role="group" aria-label="nonesuch"><code>',
        ),
        ("![a](/b.png)", '<img src="/b.png" alt="a" decoding="async">'),
        ("~~gone~~", "<s>gone</s>"),
        ("<details><summary>More</summary>x</details>", "<details><summary>More</summary>x</details>"),
        ("<noscript>\n<img src='/b.png'>\n</noscript>", '<img src="/b.png" alt="" decoding="async">'),
        ('<progress value="1" max="2"></progress>', '<progress value="1" max="2" aria-label="1/2"></progress>'),
    ],
)
def test_markdown_becomes_html(content, expected):
    assert expected in html(content)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<iframe src='//evil.example'></iframe>",
        "<svg><animate onbegin=alert(1)></svg>",
        "<p style='position:fixed'>x</p>",
        "<form action='//evil.example'><input name=q></form>",
        "<<noscript>script>alert(1)</script>",
        "<noscript><img src=x onerror=alert(1)></noscript>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        '```"onmouseover="alert(1)\n```',
        '## <b onclick="x">"></b>',
    ],
)
def test_nothing_that_runs_or_covers_the_page_gets_through(attack):
    tags = re.findall(r"<[a-z][^>]*>", html(attack))
    assert not [tag for tag in tags if re.search(r"<(script|iframe|svg|form|style)|\son\w+=|javascript:|style=", tag)]


def test_its_headings_are_known_with_their_ids():
    others = "#### Deeper\n\n> ## Quoted\n\n- ## Listed\n\n## ![](/x.png)"
    text = f"## One `of` *them*\n\n### Below\n\n{others}\n\n## One of them"
    expected = [(2, "one-of-them", "One of them"), (3, "below", "Below"), (2, "one-of-them-2", "One of them")]
    assert markup.parse(text).headings == expected
    assert {anchor for _level, anchor, _text in expected} <= set(re.findall(r'id="([^"]+)"', html(text)))


def test_a_text_of_headings_alone_makes_a_bounded_list():
    headings = markup.parse(f"## {'long ' * 100}\n\n" * 500).headings
    assert len(headings) == markup.HEADINGS_MAX
    assert max(len(text) for _level, _anchor, text in headings) <= markup.HEADING_MAX_LENGTH


def test_headings_of_the_same_words_get_ids_of_their_own():
    assert re.findall(r'id="([^"]+)"', html("# One\n\n# One\n\n# 日本")) == ["one", "one-2", "日本"]


@pytest.mark.parametrize("line", ["# One\n", "#\n", "- [ ] to do\n"])
def test_a_long_text_takes_no_longer_a_line_than_a_short_one(line):
    def seconds(count):
        began = process_time()
        html(line * count)
        return process_time() - began

    # Where each looked at all before it, a hundred times as long: never so few. A busy machine has its moments.
    assert any(seconds(6000) < 30 * seconds(600) for _try in range(5))


def test_headings_begin_below_the_title_and_leave_no_level_out():
    rendered = html("# One\n\n#### Two\n\n<h5>Three</h5>\n\n## Four\n\n###### Five\n\n# Six")
    assert re.findall(r"<h\d", rendered) == ["<h2", "<h3", "<h4", "<h3", "<h4", "<h2"]
    assert re.findall(r"</h\d", rendered) == ["</h2", "</h3", "</h4", "</h3", "</h4", "</h2"]


def test_a_text_that_begins_with_the_second_level_keeps_it():
    assert re.findall(r"<h\d", html("## One\n\n### Two\n\n## Three")) == ["<h2", "<h3", "<h2"]


def test_a_heading_with_links_of_its_own_has_the_link_to_itself_behind():
    rendered = html("## See [this](/a)")
    assert rendered.endswith('<a href="/a">this</a> <a class="anchor" href="#see-this" aria-label="#">#</a></h2>\n')


def test_a_heading_takes_no_id_that_the_author_gave_to_something_else():
    assert re.findall(r'id="([^"]+)"', html('<a name="one"></a>\n\n# One')) == ["one", "one-2"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '![A boat](/a.png "On the *Elbe* & ashore")',
            '<figure><img src="/a.png" alt="A boat" decoding="async">'
            "<figcaption>On the *Elbe* &amp; ashore</figcaption></figure>\n",
        ),
        (
            '[![A boat](/a.png "Elbe")](/b)',
            '<figure><a href="/b"><img src="/a.png" alt="A boat" decoding="async"></a>'
            "<figcaption>Elbe</figcaption></figure>\n",
        ),
        ('![A](/a.png "B") beside', '<p><img src="/a.png" alt="A" title="B" decoding="async"> beside</p>\n'),
        ("![A](/a.png)", '<p><img src="/a.png" alt="A" decoding="async"></p>\n'),
        (
            '<figure>\n<img src="/a.png" alt="A">\n<figcaption>B</figcaption>\n</figure>',
            '<figure>\n<img src="/a.png" alt="A" decoding="async">\n<figcaption>B</figcaption>\n</figure>',
        ),
    ],
)
def test_a_picture_by_itself_with_a_title_is_a_figure_with_a_caption(content, expected):
    assert html(content) == expected


def test_a_footnote_leads_back_to_each_of_its_places():
    rendered = html("One[^a] two[^b] three[^a]\n\n[^a]: A\n[^b]: B")
    refs = re.findall(r'href="#(fn\d)" id="([^"]+)" role="doc-noteref">(\[\d\])<', rendered)
    assert refs == [("fn1", "fnref1", "[1]"), ("fn2", "fnref2", "[2]"), ("fn1", "fnref1:1", "[1]")]
    backs = re.findall(
        r'class="footnote-backref" href="#(fnref[^"]+)" role="doc-backlink" aria-label="([^"]+)"', rendered
    )
    assert backs == [("fnref1", "[1]"), ("fnref1:1", "[1:1]"), ("fnref2", "[2]")]


def test_what_is_to_do_gets_a_box():
    rendered = html("1. - [ ] one\n   - [X] *two*\n   - `[x] no`\n   - [x][ref] no\n2. no\n\n[ref]: /a")
    assert rendered.count('<li class="task-list-item"><label><input class="task-list-item-checkbox"') == 2
    assert rendered.count("checked=") == rendered.count("contains-task-list") == 1
    assert '<code>[x] no</code></li>\n<li><a href="/a">x</a> no</li>' in rendered


def test_long_code_is_shown_plain():
    code = "print(1)\n" * 2000
    assert f"<code>{code}</code>" in html(f"```python\n{code}```")


def test_a_text_that_would_grow_out_of_bounds_is_refused():
    with pytest.raises(ValidationError, match="repeated"):
        markup.parse(f"[x]: {'/u' * 5000}\n\n{'[x]' * 1000}")


def test_known_pictures_say_their_size_however_they_were_written():
    document = markup.parse('![](/media/a.png)\n\n<img src="/media/b.png">\n\n![](/media/c.png)')
    rendered = document.html({"/media/a.png": Picture(4, 3), "/media/b.png": Picture(2, 1)})
    assert document.images == {"/media/a.png", "/media/b.png", "/media/c.png"}
    assert rendered.count('width="4" height="3"') == rendered.count('width="2" height="1"') == 1
    assert rendered.count("width=") == 2


def test_the_excerpt_is_the_first_paragraphs_as_plain_text():
    content = "# Title\n\nA *first*\nline[^1] with `code`.\n\n```\nno\n```\n\n> no\n\nA second.\n\n[^1]: no"
    assert markup.parse(content).excerpt == "A first line with code. A second."


def test_a_long_excerpt_ends_between_words():
    excerpt = markup.parse("wonderful " * 100).excerpt
    assert len(excerpt) <= markup.EXCERPT_MAX_LENGTH
    assert excerpt.endswith("wonderful…")


def test_words_are_counted_in_every_script():
    assert markup.parse("Two words, it’s 日本語").words == 2 + 2 + 3


@given(st.text(alphabet=st.sampled_from("ab *_`~[]()<>!#|-:\n\\&;\"'=/^1x"), max_size=200))
def test_no_text_breaks_the_renderer_or_runs(content):
    document = markup.parse(content)
    assert "<script" not in document.html()
    assert len(document.excerpt) <= markup.EXCERPT_MAX_LENGTH


def test_code_is_highlighted_by_one_thread_at_a_time(monkeypatch):
    """Pygments prepares a language at its first use: two at once got the colours wrong, or an error."""
    within, most = [], []

    def highlight(code, *_how):
        within.append(1)
        sleep(0.005)
        most.append(len(within))
        within.pop()
        return code

    monkeypatch.setattr(markup, "highlight", highlight)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: markup.parse("```python\nx = 1\n```").html({}), range(4)))
    assert most == [1] * 4
