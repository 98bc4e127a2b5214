import time

from hypothesis import given
from hypothesis import strategies as st

from articles.admin import diff

TEXT = st.text(st.sampled_from("ab \n"), max_size=60)


def text_of(lines, *kinds):
    return ["".join(text for _differs, text in line.parts) for line in lines if line.kind in kinds]


@given(TEXT, TEXT)
def test_every_line_that_differs_is_shown_whole(before, after):
    lines = diff.lines(before, after)
    gone, new = text_of(lines, "removed"), text_of(lines, "added")
    assert sorted(before.split("\n") + new) == sorted(after.split("\n") + gone)


@given(TEXT)
def test_the_same_text_differs_in_nothing(text):
    assert diff.lines(text, text) == []


def test_far_away_lines_are_left_out():
    text = "\n".join(str(number) for number in range(100))
    lines = diff.lines(text, text.replace("50", "fifty"))
    assert text_of(lines, "same") == ["47", "48", "49", "51", "52", "53"]
    assert lines[0].kind == "gap"


def test_long_texts_are_compared_in_a_moment():
    before = "\n".join("word " * 500 for _ in range(200))
    began = time.perf_counter()
    diff.lines(before, before.replace("word", "sword"))
    assert time.perf_counter() - began < 5
