import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import diff

TEXT = st.text(st.sampled_from("ab \n"), max_size=60)


def text_of(lines, *kinds):
    return ["".join(text for _differs, text in line.parts) for line in lines if line.kind in kinds]


@given(TEXT, TEXT)
def test_every_line_that_differs_is_shown_whole(before, after):
    lines = diff.lines(before, after)
    gone, new = text_of(lines, "removed"), text_of(lines, "added")
    had, has = (text.split("\n") if text else [] for text in (before, after))
    assert sorted(had + new) == sorted(has + gone)


@pytest.mark.parametrize("text", ["a", "a\n\nb"])
def test_where_nothing_was_no_line_is_gone(text):
    assert {line.kind for line in diff.lines("", text)} == {"added"}
    assert {line.kind for line in diff.lines(text, "")} == {"removed"}


@given(TEXT)
def test_the_same_text_differs_in_nothing(text):
    assert diff.lines(text, text) == []


def test_far_away_lines_are_left_out():
    text = "\n".join(str(number) for number in range(100))
    lines = diff.lines(text, text.replace("50", "fifty"))
    assert text_of(lines, "same") == ["47", "48", "49", "51", "52", "53"]
    assert lines[0].kind == "gap"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n" * 150_000, "b\n" * 150_000),
        ("\n".join(str(n % 105) for n in range(90_000)), "\n".join(str(n * 2 % 105) for n in range(90_000))),
        ("\n".join("a b " * 290 for _ in range(250)), "\n".join("b a " * 290 + str(n) for n in range(250))),
        ("word " * 60_000, "sword " * 50_000),
    ],
    ids=["other lines", "lines in another order", "words in another order", "one line"],
)
def test_of_the_longest_texts_no_more_is_compared_or_shown_than_takes_a_moment(before, after):
    lines = diff.lines(before, after)
    assert len(lines) <= diff.MAX_SHOWN + 2
    assert text_of(lines, "removed")
    assert text_of(lines, "added")
    assert sum(len(line.parts) for line in lines) <= diff.MAX_SHOWN + diff.MAX_WORDS_IN_ALL


def test_a_word_in_the_longest_text_is_found():
    text = "\n".join(str(number) for number in range(50_000))
    lines = diff.lines(text, text.replace("\n30000\n", "\nthirty thousand\n"))
    assert (text_of(lines, "removed"), text_of(lines, "added")) == (["30000"], ["thirty thousand"])


WORDS = "one two three four five six seven eight nine ten eleven twelve"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"content": WORDS.upper().replace(" ", ",\n")},
        {"content": WORDS.replace("one", "1")},
        {"content": " ".join(reversed(WORDS.split()))},
        {"title": "«Hello,  World!»"},
    ],
    ids=["none", "spaces, case and punctuation", "a word", "their order", "the title's punctuation"],
)
def test_a_small_change_does_not_matter(change):
    state = {"title": "Hello world", "summary": "", "content": WORDS}
    assert not diff.matters(state, state | change)


@pytest.mark.parametrize(
    "change",
    [
        {"content": ""},
        {"content": WORDS * 2},
        {"content": " ".join(f"{word}s" for word in WORDS.split())},
        {"summary": WORDS},
        {"title": "Hello, word"},
        {"content": "新しい言葉をいくつか書いた"},
    ],
    ids=["words gone", "words added", "words replaced", "the summary", "a word of the title", "Japanese"],
)
def test_a_change_of_the_title_or_of_ten_words_matters(change):
    state = {"title": "Hello world", "summary": "", "content": WORDS}
    assert diff.matters(state, state | change)
    assert diff.matters(state | change, state)
