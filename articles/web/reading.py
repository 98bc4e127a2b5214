"""What strangers' pages ask of the database."""

from functools import cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import BigIntegerField, CharField, DateTimeField, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONArray
from django.http import Http404
from django.utils import timezone

from articles.models import Article, Tag
from articles.models.article import ArticleQuerySet
from articles.models.tally import Kind, Tagged, counted
from articles.models.translation import with_translated
from blogsite.prepared import Prepared, Slot

NEWEST = 20  # in a feed
TOLD = ("id", "slug", "name")  # of each tag
NOW, SLUG, PK = Slot("now", DateTimeField()), Slot("slug", CharField()), Slot("pk", BigIntegerField())


class Together(Subquery):
    """All rows of a query, as one list; None where there are none. Of each row, what it shows as `row`."""

    template = "(SELECT jsonb_agg(row) FROM (%(subquery)s) AS found)"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, "(SELECT json_group_array(json(row)) FROM (%(subquery)s) AS found)")


TAGS = Together(Tag.objects.filter(articles=OuterRef("pk")).order_by("name").values(row=JSONArray(*TOLD)))


def article(model: type[Article], slug: str) -> Article:
    """The live article or page that has this slug or had it, with its tags. One query."""
    found = _with_slug(model)(slug=slug, now=timezone.now())
    if not found:
        raise Http404(f"No {model._meta.verbose_name} has this address.")
    return _with_its_tags(found[0])


@cache
def _with_slug(model: type[Article]) -> Prepared[Article]:
    return Prepared(partial(_live, model))


def _live(model: type[Article]) -> ArticleQuerySet:
    found = with_translated(model.objects.live(at=NOW).for_page(), at=NOW).filter(slugs__slug=SLUG)
    return found.annotate(told=TAGS).order_by()


def tag(slug: str) -> Any:
    """The tag that has this slug, if live articles have it: with its `article_count`. One query."""
    for found in _tag(slug=slug, now=timezone.now()):
        return found
    raise Http404("No tag has this address.")


_tag: Prepared[Any] = Prepared(
    lambda: Tag.objects.live(at=NOW).filter(slug=SLUG).annotate(article_count=counted(Kind.TAG, at=NOW))
)


def newest(**of: int) -> list[Article]:
    """The newest live articles, whole, with what is `told` of their tags: all, or those of a tag, an author or a
    series. One query.
    """
    name, pk = next(iter(of.items()), ("", 0))
    return _newest(name)(now=timezone.now(), pk=pk)


@cache
def _newest(of: str) -> Prepared[Article]:
    return Prepared(partial(_in_feed, of))


def _in_feed(of: str) -> ArticleQuerySet:
    live = Article.objects.live(at=NOW).newest()
    if of == "tags":
        tagged = Tagged.objects.filter(tag=PK, published_at__lte=NOW).order_by("-published_at", "-article_id")
        live = live.filter(pk__in=tagged.values("article")[:NEWEST])
    elif of:
        live = live.filter(**{of: PK})
    return live.for_feed().annotate(told=TAGS)[:NEWEST]


def _with_its_tags(article: Article) -> Article:
    """As prefetch_related() does."""
    tags = Tag.objects.all()
    tags._result_cache = [Tag.from_db(DEFAULT_DB_ALIAS, TOLD, each) for each in article.told or []]  # type: ignore[attr-defined]
    article._prefetched_objects_cache = {"tags": tags}  # type: ignore[attr-defined]
    return article
