"""What was found, marked in the text as it was written."""

import re
from html import escape
from itertools import accumulate

from django.utils.safestring import SafeString

from articles.search.question import Question
from articles.search.words import FOLDS, fold

SNIPPET_LENGTH = 240  # characters
LEAD = 60  # of them before what is shown for
MOST_MARKS = 200  # are looked at in a text for the place that shows it best
Span = tuple[int, int]


def spans(text: str, question: Question) -> list[tuple[int, int, int]]:
    """Where the terms of a question stand in a text, the first of them: start, end, number of the term."""
    folded = fold(text)
    pattern = "|".join(f"({term.pattern})" for term in question.wanted)
    found = [match for match, _ in zip(re.finditer(pattern, folded), range(MOST_MARKS), strict=False)]
    if len(folded) == len(text):
        return [(*match.span(), match.lastindex or 0) for match in found]
    ends = list(accumulate((len(FOLDS[ord(character)]) for character in text), initial=0))
    written = {}  # the characters of the text that those of the folded one come from
    for at, (start, end) in enumerate(zip(ends, ends[1:], strict=False)):
        for place in range(start, end):
            written[place] = at
    return [(written[match.start()], written[match.end() - 1] + 1, match.lastindex or 0) for match in found]


def marked(text: str, question: Question) -> SafeString:
    """The text, escaped, with <mark> around what the question asks for."""
    return _marked(text, [(start, end) for start, end, _ in spans(text, question)])


def snippet(text: str, question: Question) -> SafeString | None:
    """The part of a text that shows most of what the question asks for; None where it shows nothing of it."""
    found = spans(text, question)
    if not found:
        return None

    def shown(first: int) -> int:
        start = found[first][0]
        return len({term for begin, _, term in found[first:] if begin < start + SNIPPET_LENGTH - LEAD})

    best = found[max(range(len(found)), key=shown)][0]
    start, end = _whole_words(text, max(0, best - LEAD), best - LEAD + SNIPPET_LENGTH)
    inside = [(begin - start, finish - start) for begin, finish, _ in found if start <= begin and finish <= end]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return SafeString(before + _marked(text[start:end], inside) + after)


def _whole_words(text: str, start: int, end: int) -> Span:
    """Moved to the nearest spaces, where there are some near."""
    if start and (space := text.find(" ", start, start + LEAD // 2)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - LEAD, end)) > start:
        end = space
    return start, min(end, len(text))


def _marked(text: str, found: list[Span]) -> SafeString:
    edges = [0, *(edge for span in found for edge in span), len(text)]
    pieces = [text[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    first, *escaped = map(escape, pieces)
    marks, plain = escaped[::2], escaped[1::2]
    return SafeString(first + "".join(f"<mark>{mark}</mark>{after}" for mark, after in zip(marks, plain, strict=True)))
