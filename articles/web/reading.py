"""What strangers' pages ask of the database."""

from functools import cache, partial
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet
from django.http import Http404
from django.utils import timezone

from articles.models import Article, Tag
from articles.models.article import ArticleQuerySet
from articles.models.tally import Tagged
from articles.models.translation import with_translated
from blogsite.prepared import Prepared, Slot

NEWEST = 20  # in a feed
NOW, SLUG, PK = Slot("now", DateTimeField()), Slot("slug", CharField()), Slot("pk", BigIntegerField())


def article(model: type[Article], slug: str) -> Article:
    """The live article or page that has this slug or had it, with its tags. Two queries."""
    found = _with_slug(model)(slug=slug, now=timezone.now())
    if not found:
        raise Http404(f"No {model._meta.verbose_name} has this address.")
    _give(found[0], _tags(pk=found[0].pk))
    return found[0]


@cache
def _with_slug(model: type[Article]) -> Prepared[Article]:
    return Prepared(partial(_live, model))


def _live(model: type[Article]) -> ArticleQuerySet:
    return with_translated(model.objects.live(at=NOW).for_page(), at=NOW).filter(slugs__slug=SLUG).order_by()


_tags = Prepared(lambda: Tag.objects.filter(articles=PK))


def newest(**of: int) -> list[Article]:
    """The newest live articles, whole, with their tags: all, or those of a tag, an author or a series. Two queries."""
    name, pk = next(iter(of.items()), ("", 0))
    articles, tags = _newest(name)
    asked = {"now": timezone.now(), "pk": pk}
    named: dict[int, list[Tag]] = {}
    for each in tags(**asked):
        named.setdefault(each.article_id, []).append(each.tag)
    found = articles(**asked)
    for article in found:
        _give(article, named.get(article.pk, []))
    return found


@cache
def _newest(of: str) -> tuple[Prepared[Article], Prepared[Any]]:
    return Prepared(partial(_in_feed, of)), Prepared(partial(_tags_in_feed, of))


def _in_feed(of: str) -> ArticleQuerySet:
    live = Article.objects.live(at=NOW).newest()
    if of == "tags":
        tagged = Tagged.objects.filter(tag=PK, published_at__lte=NOW).order_by("-published_at", "-article_id")
        live = live.filter(pk__in=tagged.values("article")[:NEWEST])
    elif of:
        live = live.filter(**{of: PK})
    return live.for_feed()[:NEWEST]


def _tags_in_feed(of: str) -> QuerySet[Any]:
    under = Article.tags.through.objects.filter(article__in=_in_feed(of).values("pk"))
    return under.select_related("tag").only("article", "tag__name").order_by("tag__name")


def _give(article: Article, tags: list[Tag]) -> None:
    """As prefetch_related() does."""
    found = Tag.objects.all()
    found._result_cache = tags
    article._prefetched_objects_cache = {"tags": found}  # type: ignore[attr-defined]
