"""What changed between two texts, line by line and, within a line, word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\S+\s*|\s+")
MAX_WORDS = 1200  # of two lines that are compared word by word; beyond that it takes long and reads badly
CONTEXT = 3  # lines


@dataclass
class Line:
    kind: str  # "same", "removed", "added", or "gap" for what was left out
    parts: list[tuple[bool, str]]  # whether this part of the line differs, and its text


def lines(before: str, after: str) -> list[Line]:
    """All lines that differ, with some around them. Nothing where the texts are the same."""
    old, new = before.split("\n"), after.split("\n")
    found: list[Line] = []
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        if found or group[0][1] > 0:
            found.append(Line("gap", []))
        for tag, i1, i2, j1, j2 in group:
            found += _same(old[i1:i2]) if tag == "equal" else _replaced(old[i1:i2], new[j1:j2])
    return found


def _same(texts: Iterable[str]) -> Iterator[Line]:
    return (Line("same", [(False, text)]) for text in texts)


def _replaced(old: list[str], new: list[str]) -> Iterator[Line]:
    """Lines that replace others are compared in pairs; what has no partner is wholly new or wholly gone."""
    pairs = [_words(one, other) for one, other in zip(old, new, strict=False)]
    yield from (Line("removed", removed) for removed, _added in pairs)
    yield from (Line("removed", [(False, text)]) for text in old[len(pairs) :])
    yield from (Line("added", added) for _removed, added in pairs)
    yield from (Line("added", [(False, text)]) for text in new[len(pairs) :])


def _words(before: str, after: str) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    """Both lines in parts, those marked that the other lacks."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > MAX_WORDS or matcher.ratio() < 0.3:  # nothing in common: marking words would only confuse
        return [(False, before)], [(False, after)]
    codes = matcher.get_opcodes()
    removed = [(tag != "equal", "".join(old[i1:i2])) for tag, i1, i2, _j1, _j2 in codes if i1 < i2]
    added = [(tag != "equal", "".join(new[j1:j2])) for tag, _i1, _i2, j1, j2 in codes if j1 < j2]
    return removed, added
