"""What comes before and after an article, by date and in its series, and what is near it."""

from typing import Any, NamedTuple

from django.db.models import F, Q, Subquery

from articles import access
from articles.models import Article
from articles.models.article import ArticleQuerySet

IN_SERIES = (F("series_position").asc(nulls_last=True), "published_at", "pk")
RELATED = 4  # shown with an article
TITLES = ("title", "slug", "published_at", "language")


def related(article: Article) -> list[Article]:
    """The live articles nearest to it. One query."""
    near = article.nearest.filter(access.live("other__")).select_related("other").order_by("-score", "-other_id")
    shown = near.only("article", *(f"other__{name}" for name in TITLES))[:RELATED]
    return [each.other for each in shown]


class Place(NamedTuple):
    """Where an article stands in its series: part `number` of `total`."""

    number: int
    total: int
    previous: Article | None
    next: Article | None


class Around(NamedTuple):
    previous: Article | None
    next: Article | None
    place: Place | None


def around(article: Article) -> Around:
    """The live articles just before and just after a live one, by date, and the place in its series. One query."""
    wanted = Q(series=article.series_id) if article.series_id else access.NOTHING
    if article.is_live:
        wanted |= Q(pk__in=[Subquery(each.values("pk")[:1]) for each in _before_and_after(article)])
    shown = access.live() | Q(pk=article.pk)
    found = list(Article.objects.filter(shown, wanted).order_by(*IN_SERIES).only(*TITLES, "series"))
    dated = found if article.is_live else []
    return Around(
        previous=max((each for each in dated if _moment(each) < _moment(article)), key=_moment, default=None),
        next=min((each for each in dated if _moment(each) > _moment(article)), key=_moment, default=None),
        place=_place(article, found),
    )


def _before_and_after(article: Article) -> list[ArticleQuerySet]:
    at, pk = article.published_at, article.pk
    live = Article.objects.live()
    before = live.filter(published_at__lte=at).exclude(published_at=at, pk__gte=pk).newest()
    after = live.filter(published_at__gte=at).exclude(published_at=at, pk__lte=pk).order_by("published_at", "pk")
    return [before, after]


def _moment(article: Article) -> tuple[Any, int]:
    return article.published_at, article.pk


def _place(article: Article, found: list[Article]) -> Place | None:
    """Counts live parts and the article itself, so that the writer of a draft sees where it will stand."""
    if article.series_id is None:
        return None
    parts = [each for each in found if each.series_id == article.series_id]
    here = parts.index(article)
    return Place(
        number=here + 1,
        total=len(parts),
        previous=parts[here - 1] if here else None,
        next=parts[here + 1] if here + 1 < len(parts) else None,
    )
