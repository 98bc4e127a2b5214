import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.importers import links

EVERY_KIND = """\
> A [link](one.md) and
> a picture ![of it](<two words.png> "a title")

| cell [l](three.md) | ![c](four.png) |
|---|---|
| ![c](four.png) | ![c](four.png) `![c](code.png)` |

1. [by reference][ref], <img alt="no src=here" src="five.png">, [`code`](six.md)
   [![both](seven.png)](eight.md)

`[code](code.md)` and \\[none](code.md)

    [code](code.md)

~~~
![code](code.png)
[code]: code.md
~~~

<figure><img src=nine.png><a class="x" href='ten.md'>ten</a>
<!-- <img src="code.png"> --></figure>

Setext [eleven](eleven.md)
======

A note[^1] and ^[one [inline](twelve.md)].

[^1]: With [a link](thirteen.md).

[ref]: ./fourteen.md "T"
"""


def test_every_link_is_found_where_it_stands_and_nothing_in_code():
    found = list(links.find(EVERY_KIND))
    written = [EVERY_KIND[link.start : link.end].strip("<>\"'") for link in found]
    assert written == [link.target for link in found]
    numbers = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    assert {target.lstrip("./").partition(".")[0].split()[0] for target in written} == set(numbers.split())
    assert written.count("four.png") == 3


def test_rewriting_leaves_everything_else_alone_letter_for_letter():
    marked = links.rewrite(EVERY_KIND, lambda link: f"new-{link.target.replace(' ', '-')}")
    assert '![of it](new-two-words.png "a title")' in marked
    assert '<img src="new-nine.png"><a class="x" href="new-ten.md">ten</a>' in marked
    assert '[ref]: new-./fourteen.md "T"' in marked
    restored = marked.replace("new-two-words.png", "<two words.png>").replace("new-", "")
    restored = restored.replace('"nine.png"', "nine.png").replace('"ten.md"', "'ten.md'")
    assert restored == EVERY_KIND


def test_addresses_are_escaped_for_html():
    assert links.rewrite('<a href="x.md">', lambda _: '/?a=1&b="') == '<a href="/?a=1&amp;b=&quot;">'


def test_a_picture_tells_what_it_shows():
    assert [link.alt for link in links.find('![Low tide](a.png)\n\n<img src="b.png" alt="High &amp; dry">')] == [
        "Low tide",
        "High & dry",
    ]


@pytest.mark.parametrize("text", ["[a](https://example.com/x.md) [b](#c) [d](mailto:e@example.com)", "Plain [1] text."])
def test_texts_that_lead_elsewhere_are_not_even_parsed(text, monkeypatch):
    monkeypatch.setattr(links, "block", None)
    assert list(links.find(text)) == []


MARKDOWN = st.lists(
    st.sampled_from(
        [*'()[]`>|\\#<\t"', "[a](b.md)", "![", "](", "]: x", "\n", "\n\n", "> ", "- ", "    ", "^[", "[^1]"]
    )
    | st.sampled_from(["<img src='x' ", '<a href="y">', "<!--", "é", "日本", "&amp;", "|---|\n", "# ", "<b>"]),
    max_size=40,
).map("".join)


@given(MARKDOWN)
@settings(max_examples=300)
def test_whatever_the_text_each_target_found_is_really_there(text):
    for link in links.find(text):
        assert link.target.strip() == "" or text[link.start : link.end].strip("<>\"' \t")
    assert links.rewrite(text, lambda link: None) == text
