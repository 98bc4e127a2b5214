"""What changed between two texts, line by line and, within a line, word by word.

It takes a moment at most, whatever the texts: what is too much to be compared is wholly gone or wholly new.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from articles import markup

WORDS = re.compile(r"\S+\s*|\s+")
MAX_LINES = 3000  # of both texts that are compared, not counting the beginning and end that they share
MAX_WORDS = 1200  # of two lines that are compared word by word; beyond that it takes long and reads badly
MAX_WORDS_IN_ALL = 20_000
MAX_SHOWN = 2000  # lines
CONTEXT = 3  # lines
MATTERS = 10  # words

Part = tuple[bool, str]  # whether this part of the line differs, and its text


@dataclass
class Line:
    kind: str  # "same", "removed", "added", or "gap" for what was left out
    parts: list[Part]


def lines(before: str, after: str) -> list[Line]:
    """The lines that differ, with some around them, at most MAX_SHOWN. Nothing where the texts are the same."""
    if before == after:
        return []
    old, new = (text.split("\n") if text else [] for text in (before, after))
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    first, past = max(0, head - CONTEXT), max(0, tail - CONTEXT)
    old, new = old[first : len(old) - past], new[first : len(new) - past]
    found = [Line("gap", [])] if first else []
    if len(old) + len(new) > MAX_LINES:
        found += _whole(old, "removed", MAX_SHOWN // 2)
        found += _whole(new, "added", MAX_SHOWN // 2)
    else:
        found += _compared(old, new)
    return found if len(found) <= MAX_SHOWN else [*found[:MAX_SHOWN], Line("gap", [])]


def matters(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether readers are to be told of a change: the title says something else, or ten words or more are gone or new.

    Spaces, case and punctuation don't count, nor does the order of words below the title.
    """
    if _words(before["title"]) != _words(after["title"]):
        return True
    old, new = (Counter(_words(f"{state['summary']} {state['content']}")) for state in (before, after))
    return max((old - new).total(), (new - old).total()) >= MATTERS


def _words(text: str) -> list[str]:
    return [word.casefold() for word in markup.words(text)]


def _shared(old: list[str], new: list[str]) -> int:
    """How many lines are the same at the beginning of both."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _whole(texts: list[str], kind: str, most: int | None = None) -> list[Line]:
    found = [Line(kind, [(False, text)]) for text in texts[:most]]
    return found if len(found) == len(texts) else [*found, Line("gap", [])]


def _compared(old: list[str], new: list[str]) -> list[Line]:
    found: list[Line] = []
    words = _WordByWord()
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        if found or group[0][1] > 0:
            found.append(Line("gap", []))
        for tag, i1, i2, j1, j2 in group:
            found += _whole(old[i1:i2], "same") if tag == "equal" else _replaced(old[i1:i2], new[j1:j2], words)
    return found


def _replaced(old: list[str], new: list[str], words: "_WordByWord") -> Iterator[Line]:
    """Lines that replace others are compared in pairs; what has no partner is wholly new or wholly gone."""
    pairs = [words.compare(one, other) for one, other in zip(old, new, strict=False)]
    yield from (Line("removed", removed) for removed, _added in pairs)
    yield from _whole(old[len(pairs) :], "removed")
    yield from (Line("added", added) for _removed, added in pairs)
    yield from _whole(new[len(pairs) :], "added")


class _WordByWord:
    """Compares lines word by word, as long as that does not take long."""

    def __init__(self) -> None:
        self.left = MAX_WORDS_IN_ALL

    def compare(self, before: str, after: str) -> tuple[list[Part], list[Part]]:
        """Both lines in parts, those marked that the other lacks."""
        old, new = WORDS.findall(before), WORDS.findall(after)
        if not self._may(len(old) + len(new)):
            return [(False, before)], [(False, after)]
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        if matcher.ratio() < 0.3:  # nothing in common: marking words would only confuse
            return [(False, before)], [(False, after)]
        codes = matcher.get_opcodes()
        removed = [(tag != "equal", "".join(old[i1:i2])) for tag, i1, i2, _j1, _j2 in codes if i1 < i2]
        added = [(tag != "equal", "".join(new[j1:j2])) for tag, _i1, _i2, j1, j2 in codes if j1 < j2]
        return removed, added

    def _may(self, words: int) -> bool:
        if words > min(MAX_WORDS, self.left):
            return False
        self.left -= words
        return True
