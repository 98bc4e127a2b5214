"""What comes before and after an article, by date and in its series, and what is near it."""

from functools import cache, partial
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateTimeField, F, OuterRef, Q, Subquery
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
    related: list[Article]


def around(article: Article) -> Around:
    """The live articles just before and just after a live one, by date, its place in its series, and those that are
    nearest to it. One query.
    """
    live = article.is_live
    about = {"at": article.published_at, "pk": article.pk, "series": article.series_id}
    found = _around(series=bool(article.series_id), dates=live)(now=timezone.now(), **about)
    dated = found if live else []
    near = [each for each in found if each.nearness is not None]  # type: ignore[attr-defined]
    return Around(
        previous=max((each for each in dated if _moment(each) < _moment(article)), key=_moment, default=None),
        next=min((each for each in dated if _moment(each) > _moment(article)), key=_moment, default=None),
        place=_place(article, found),
        related=sorted(near, key=_nearness, reverse=True)[:RELATED],
    )


@cache
def _around(*, series: bool, dates: bool) -> Prepared[Article]:
    return Prepared(partial(_wanted, series=series, dates=dates))


def _wanted(*, series: bool, dates: bool) -> ArticleQuerySet:
    """Each with its `nearness`, None for strangers. Found by their ids, one by one: PostgreSQL would look through all
    articles for those that are among others, or in a series.
    """
    near = Related.objects.filter(article=PK)
    nearest = near.filter(access.live("other__", at=NOW)).order_by("-score", "-other_id").values("other")
    ids = [Subquery(nearest[rank : rank + 1]) for rank in range(RELATED)]
    if dates:
        ids += [Subquery(each.values("pk")[:1]) for each in _before_and_after()]
    wanted = Q(pk__in=ids) | Q(series=SERIES) if series else Q(pk__in=ids)
    found = Article.objects.filter(access.live(at=NOW) | Q(pk=PK), wanted)
    nearness = Subquery(near.filter(other=OuterRef("pk")).values("score"))
    return found.annotate(nearness=nearness).order_by(*IN_SERIES).only(*TITLES, "series")


def _before_and_after() -> list[ArticleQuerySet]:
    live = Article.objects.live(at=NOW)
    before = live.filter(published_at__lte=AT).exclude(published_at=AT, pk__gte=PK).newest()
    after = live.filter(published_at__gte=AT).exclude(published_at=AT, pk__lte=PK).order_by("published_at", "pk")
    return [before, after]


def _moment(article: Article) -> tuple[Any, int]:
    return article.published_at, article.pk


def _nearness(article: Any) -> tuple[float, int]:
    return article.nearness, article.pk


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
