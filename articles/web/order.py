"""What comes before and after an article: by date, and in its series."""

from typing import NamedTuple

from django.db.models import F, Q, Subquery

from articles import access
from articles.models import Article

IN_SERIES = (F("series_position").asc(nulls_last=True), "published_at", "pk")
TITLES = ("title", "slug", "published_at")


def neighbours(article: Article) -> dict[str, Article]:
    """The live articles published just before ("previous") and just after ("next"). One query."""
    if not article.is_live:
        return {}
    at, pk = article.published_at, article.pk
    live = Article.objects.live()
    before = live.filter(published_at__lte=at).exclude(published_at=at, pk__gte=pk).order_by("-published_at", "-pk")
    after = live.filter(published_at__gte=at).exclude(published_at=at, pk__lte=pk).order_by("published_at", "pk")
    nearest = Q(pk=Subquery(before.values("pk")[:1])) | Q(pk=Subquery(after.values("pk")[:1]))
    found = Article.objects.filter(nearest).only(*TITLES)
    return {"previous" if (other.published_at, other.pk) < (at, pk) else "next": other for other in found}


class Place(NamedTuple):
    """Where an article stands in its series: part `number` of `total`."""

    number: int
    total: int
    previous: Article | None
    next: Article | None


def place_in_series(article: Article) -> Place | None:
    """Counts live parts and the article itself, so that the writer of a draft sees where it will stand. One query."""
    if article.series_id is None:
        return None
    shown = access.live() | Q(pk=article.pk)
    parts = list(Article.objects.filter(shown, series=article.series_id).order_by(*IN_SERIES).only(*TITLES))
    here = parts.index(article)
    return Place(
        number=here + 1,
        total=len(parts),
        previous=parts[here - 1] if here else None,
        next=parts[here + 1] if here + 1 < len(parts) else None,
    )
