"""The part of an address that names an article, a tag or a series, for titles in any script."""

import unicodedata
from collections.abc import Iterator
from itertools import count

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 100  # characters


def make(text: str, *, fallback: str = "article") -> str:
    """A slug from any text: never empty, never all digits, at most MAX_LENGTH characters.

    Letters and digits of every script stay, in lower case; Latin letters lose their accents; the rest becomes "-".
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    words = "".join(_kept(plain)).split()
    slug = _shorten(unicodedata.normalize("NFC", "-".join(words)))
    if not slug:
        return fallback
    return f"{fallback}-{slug}"[:MAX_LENGTH] if slug.isdigit() else slug


def _kept(decomposed: str) -> Iterator[str]:
    base = " "
    for character in decomposed:
        match unicodedata.category(character)[0]:
            case "M":  # a mark belongs to the letter before it: an accent in Latin, a vowel in Devanagari
                if base.isalpha() and not base.isascii():
                    yield character
            case "L" | "N":
                base = character
                yield character
            case _ if character not in "'’":  # so that "don't" becomes "dont"
                base = " "
                yield base


def _shorten(slug: str) -> str:
    """Cut at the last whole word that fits, or within it where one word is all there is."""
    if len(slug) <= MAX_LENGTH:
        return slug
    return (slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]).strip("-")


def candidates(slug: str) -> Iterator[str]:
    """The slug itself, then with -2, -3 … for when it is taken."""
    yield slug
    yield from (numbered(slug, number) for number in count(2))


def numbered(slug: str, number: int) -> str:
    suffix = f"-{number}"
    return slug[: MAX_LENGTH - len(suffix)].rstrip("-") + suffix


def validate(slug: str) -> None:
    """A slug is right when making a slug of it changes nothing."""
    right = make(slug)
    if slug != right:
        message = _("An address is made of small letters, digits and hyphens, such as “%(right)s”.")
        raise ValidationError(message, params={"right": right})


class SlugConverter:
    """For URL patterns: a slug of any script."""

    regex = r"[^/.?#\x00]+"  # PostgreSQL refuses to look for a NUL

    def to_python(self, value: str) -> str:
        return unicodedata.normalize("NFC", value)

    def to_url(self, value: str) -> str:
        return value
