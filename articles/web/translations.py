"""The same article in other languages."""

from typing import NamedTuple

from articles.models import Article
from articles.models.translation import family
from articles.web.addresses import absolute
from articles.web.middleware import SiteRequest


class Translation(NamedTuple):
    language: str
    title: str
    address: str
    is_here: bool


def of(request: SiteRequest, article: Article) -> list[Translation]:
    """The live ones of its family, with itself and the original first; none where it is alone. One query at most."""
    if not article.is_translated:  # type: ignore[attr-defined]  # with_translated() tells
        return []
    by_language: dict[str, Translation] = {}
    for each in family(article).live().only("title", "slug", "language"):
        language = each.language or request.site.language
        address = absolute(request, each.get_absolute_url())
        by_language.setdefault(language, Translation(language, each.title, address, each.pk == article.pk))
    found = list(by_language.values())
    return [] if all(each.is_here for each in found) else found
