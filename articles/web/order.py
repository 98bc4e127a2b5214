"""What comes before and after an article, by date and in its series, and what is near it."""

from functools import partial
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateTimeField, F, Q, QuerySet, Subquery
from django.utils import timezone

from articles import access
from articles.models import Article, Related
from articles.models.article import ArticleQuerySet
from blogsite.prepared import Prepared, Slot

IN_SERIES = (F("series_position").asc(nulls_last=True), "published_at", "pk")
RELATED = 4  # shown with an article
NOW, AT = Slot("now", DateTimeField()), Slot("at", DateTimeField())
PK, SERIES = Slot("pk", BigIntegerField()), Slot("series", BigIntegerField())
TITLES = ("title", "slug", "published_at", "language")


def related(article: Article) -> list[Article]:
    """The live articles nearest to it. One query."""
    return [near.other for near in _near(pk=article.pk, now=timezone.now())]


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
    live = article.is_live
    ask = _parts.get((bool(article.series_id), live))
    about = {"at": article.published_at, "pk": article.pk, "series": article.series_id}
    found = ask(now=timezone.now(), **about) if ask else []
    dated = found if live else []
    return Around(
        previous=max((each for each in dated if _moment(each) < _moment(article)), key=_moment, default=None),
        next=min((each for each in dated if _moment(each) > _moment(article)), key=_moment, default=None),
        place=_place(article, found),
    )


def _around(*, series: bool, dates: bool) -> ArticleQuerySet:
    wanted = Q(series=SERIES) if series else access.NOTHING
    if dates:
        wanted |= Q(pk__in=[Subquery(each.values("pk")[:1]) for each in _before_and_after()])
    shown = access.live(at=NOW) | Q(pk=PK)
    return Article.objects.filter(shown, wanted).order_by(*IN_SERIES).only(*TITLES, "series")


def _before_and_after() -> list[ArticleQuerySet]:
    live = Article.objects.live(at=NOW)
    before = live.filter(published_at__lte=AT).exclude(published_at=AT, pk__gte=PK).newest()
    after = live.filter(published_at__gte=AT).exclude(published_at=AT, pk__lte=PK).order_by("published_at", "pk")
    return [before, after]


def _nearest() -> QuerySet[Related]:
    near = Related.objects.filter(access.live("other__", at=NOW), article=PK).order_by("-score", "-other_id")
    return near.select_related("other").only("article", *(f"other__{name}" for name in TITLES))[:RELATED]


_near = Prepared(_nearest)
_parts = {
    (series, dates): Prepared(partial(_around, series=series, dates=dates))
    for series, dates in [(True, True), (True, False), (False, True)]
}


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
