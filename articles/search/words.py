"""The words of a text, folded alike in the index and in a question: what looks the same to readers is the same word."""

import re
import unicodedata
from html import unescape

WORD_MAX_LENGTH = 60  # characters; what is longer is no word, and is found by its beginning
WORDS_MAX_BYTES = 500_000  # PostgreSQL takes no more than a megabyte for a text and the places of its words
# Letters that no normalization takes apart
ALIKE = {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŋ": "n"}
# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han; and Hangul, which joins particles to them
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(f"[{UNSPACED}]+|[^ {UNSPACED}]+")
LETTER = f"[^ {UNSPACED}]"  # of folded text, in scripts that have spaces
_unspaced = re.compile(f"[{UNSPACED}]")
# What stands within a word; all other tags end one. The sanitizer writes "<" and ">" for nothing but tags.
_INLINE = "a|abbr|b|bdi|bdo|cite|code|del|dfn|em|i|ins|kbd|mark|q|rb|s|samp|small|span|strike|strong|sub|sup|u|var|wbr"
_inline = re.compile(rf"</?(?:{_INLINE})\b[^<>]*>")
_tag = re.compile(r"<[^<>]*>")
# Of headings the link to themselves, of footnotes the number in the text and the arrow back
_sign = re.compile(
    r' <a class="anchor"[^>]*>#</a>|<sup class="footnote-ref">.*?</sup>|<a [^>]*class="footnote-backref"[^>]*>[^<]*</a>'
)


class _Folds(dict[int, str]):
    """What becomes of each character, found out when it is first met; all that is in no word becomes a space."""

    def __missing__(self, code: int) -> str:
        compatible = unicodedata.normalize("NFKC", chr(code)).casefold()
        letters = "".join(ALIKE.get(letter, letter) for letter in compatible)
        plain = "".join(filter(_is_no_accent, unicodedata.normalize("NFKD", letters)))
        kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", plain))
        self[code] = "".join(kept)
        return self[code]


def _is_no_accent(character: str) -> bool:
    """Accents and the points of Hebrew and Arabic go; the vowels of India and the marks of kana stay."""
    place = unicodedata.combining(character)
    return place == 0 or 1 < place < 10 or 36 < place < 200


FOLDS = _Folds()


def fold(text: str) -> str:
    """Character by character, so that what is found can be shown in the text as it was written."""
    return text.translate(FOLDS)


def runs(text: str) -> list[str]:
    """Words, and whole stretches of a script without spaces."""
    folded = fold(unicodedata.normalize("NFC", text))
    return RUN.findall(folded) if _unspaced.search(folded) else folded.split()


def words_of(run: str) -> list[str]:
    """As the index has them: of a script without spaces, each character with the one after it, and the last alone."""
    return [*pairs(run), run[-1]] if is_unspaced(run) else [run[:WORD_MAX_LENGTH]]


def pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def is_unspaced(run: str) -> bool:
    return bool(_unspaced.match(run))


def indexed(text: str) -> str:
    """The words between single spaces, as many as every database takes."""
    found = runs(text)
    line = " ".join(found)
    if _unspaced.search(line) or max(map(len, found), default=0) > WORD_MAX_LENGTH:
        line = " ".join(word for run in found for word in words_of(run))
    if len(line) * 4 <= WORDS_MAX_BYTES:  # no character has more bytes
        return line
    return line.encode()[:WORDS_MAX_BYTES].decode(errors="ignore")


def plain(html: str) -> str:
    """The text alone of an article's HTML, code too, without the signs that lead about in it."""
    text = _tag.sub(" ", _inline.sub("", _sign.sub("", html)))
    return unicodedata.normalize("NFC", " ".join(unescape(text).split()))
