"""Many new articles at once, as they were elsewhere: with their ids and dates, each by its author.

What `publishing.create` does to one, these do to all in a few queries. What is near them is not found here: that locks
others too, so `related.relate` is called once they are in.
"""

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import access, slugs, websub
from articles.models import Article, Revision, Shown, SlugHistory
from articles.publishing import revision_of
from articles.search import index
from articles.webhooks import note as webhooks


def prepare(article: Article) -> set[str]:
    """Check a new article, and make what is made of its words. Answers the names of the files that it shows.

    Raises PermissionDenied where its author may not write or publish it, and ValidationError for what can't be stored.
    """
    by = article.author
    if not by.has_perm("articles.add_article") or (article.published_at and not access.publishes(by, "article")):
        raise PermissionDenied
    article.full_clean(
        exclude={"author", "cover", "series", "translation_of"}, validate_unique=False, validate_constraints=False
    )
    return article.render()


@transaction.atomic
def take_in(prepared: list[tuple[Article, set[str]]]) -> None:
    """Store new articles that have been prepared, under the ids that they have, or else the next ones.

    Raises IntegrityError where one of their ids or addresses has been taken meanwhile.
    """
    articles = [article for article, _shown in prepared]
    _find_slugs(articles)
    Article.objects.bulk_create(articles)
    SlugHistory.objects.bulk_create(SlugHistory(slug=article.slug, article=article) for article in articles)
    Shown.objects.bulk_create(Shown(article=article, image_id=name) for article, shown in prepared for name in shown)
    revisions = (revision_of(article, [], article.author, Revision.Action.CREATED) for article in articles)
    Revision.objects.bulk_create(revisions)
    index.refresh(article.pk for article in articles)
    for article in articles:
        websub.note(article, [])
    webhooks.note_new(articles)


def _find_slugs(articles: list[Article]) -> None:
    """For each the first address that no other has or had, of the whole site or of these."""
    wanted = [slugs.make(article.title) for article in articles]
    taken = set(SlugHistory.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    taken.update(slug for article, slug in zip(articles, wanted, strict=True) if not article.can_stand_at(slug))
    for slug in taken | {slug for slug, times in Counter(wanted).items() if times > 1}:
        taken.update(SlugHistory.objects.alike(slug).values_list("slug", flat=True))
    for article, slug in zip(articles, wanted, strict=True):
        article.slug = next(each for each in slugs.candidates(slug) if each not in taken)
        taken.add(article.slug)
