"""What a visitor typed, understood.

All words have to be there; "words in quotes" have to stand together; -words must not be there; and the last word may be
the beginning of a longer one. Any text is a question, if only an empty one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from articles.search.words import LETTER, WORD_MAX_LENGTH, is_unspaced, pairs, runs, words_of

MAX_LENGTH = 200  # characters; the rest is not read
MAX_TERMS = 16
BEGINNING_MIN_LENGTH = 3  # letters: one or two begin too many words
_part = re.compile(r'(?P<minus>-?)(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')


@dataclass(frozen=True)
class Term:
    """Words that have to stand one after the other; mostly it is one."""

    runs: tuple[str, ...]
    open_end: bool = False  # the last word may go on
    quoted: bool = False

    @property
    def words(self) -> list[str]:
        """As the index has them. The last run's own last character is in its last pair already."""
        *before, last = self.runs
        closing = pairs(last) if is_unspaced(last) and len(last) > 1 else [last[:WORD_MAX_LENGTH]]
        return [*(word for run in before for word in words_of(run)), *closing]

    @property
    def is_prefix(self) -> bool:
        """A single character of a script without spaces stands in the index before the one after it."""
        return self.open_end or (is_unspaced(self.runs[-1]) and len(self.runs[-1]) == 1)

    @property
    def pattern(self) -> str:
        """Finds it in folded text."""
        gaps = [" *" if is_unspaced(left) or is_unspaced(right) else " +" for left, right in pairwise(self.runs)]
        body = "".join(run + gap for run, gap in zip(self.runs, [*gaps, ""], strict=True))
        start = "" if is_unspaced(self.runs[0]) else f"(?<!{LETTER})"
        end = "" if is_unspaced(self.runs[-1]) else f"{LETTER}*" if self.open_end else f"(?!{LETTER})"
        return start + body + end


@dataclass(frozen=True)
class Question:
    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def opened(self) -> "Question | None":
        """The same with the last word as the beginning of longer ones, where it can be one."""
        *others, last = self.wanted
        if last.quoted or is_unspaced(last.runs[-1]) or len(last.runs[-1]) < BEGINNING_MIN_LENGTH:
            return None
        return Question((*others, Term(last.runs, open_end=True)), self.unwanted)


def understand(text: str) -> Question:
    terms = list(_terms(text[:MAX_LENGTH]))
    wanted, unwanted = ([term for minus, term in terms if minus == which] for which in (False, True))
    return Question(tuple(wanted[:MAX_TERMS]), tuple(unwanted[:MAX_TERMS]))


def _terms(text: str) -> Iterator[tuple[bool, Term]]:
    for part in _part.finditer(text):
        if found := runs(part["quoted"] or part["plain"] or ""):
            yield bool(part["minus"]), Term(tuple(found), quoted=part["quoted"] is not None)
