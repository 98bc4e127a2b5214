"""The number that every change raises which readers could see, whichever way the change was made."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from articles import triggers
from articles.caching import raising
from articles.models import Article, Related, Series, SiteSettings, Tag
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
AN_HOUR = timedelta(hours=1)


def number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(number), sum(taken_away) FROM articles_version")
        return tuple(map(int, cursor.fetchone()))


def live(**fields):
    return ArticleFactory(published_at=timezone.now() - AN_HOUR, **fields)


CHANGES = {
    "created by bulk_create": lambda article: Article.objects.bulk_create(
        [
            Article(
                author=article.author,
                title="Another",
                slug="another",
                content="A text long enough.",
                word_count=3,
                published_at=timezone.now(),
            )
        ]
    ),
    "changed by update()": lambda article: Article.objects.filter(pk=article.pk).update(title="Another"),
    "its tags set": lambda article: article.tags.set([TagFactory()]),
    "related to another": lambda article: Related.objects.create(article=article, other=live(), score=1),
    "its author renamed": lambda article: User.objects.update(name="Another"),
    "the site's settings saved": lambda article: SiteSettings(title="Another").save(),
    "scheduled": lambda article: Article.objects.update(published_at=timezone.now() + AN_HOUR),
    "deleted": lambda article: article.delete(),
    "gone with its author": lambda article: article.author.delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_readers_see_raises_the_number(change):
    article = live()
    before, _ = number()
    CHANGES[change](article)
    assert number()[0] > before


@pytest.mark.parametrize("change", ["scheduled", "deleted", "gone with its author", "the site's settings saved"])
def test_what_takes_something_away_from_readers_is_counted(change):
    article = live()
    _, before = number()
    CHANGES[change](article)
    assert number()[1] > before


def test_a_new_text_takes_nothing_away():
    article = live()
    _, before = number()
    Article.objects.filter(pk=article.pk).update(content="Another text.")
    assert number()[1] == before


UNSEEN = {
    "written": lambda draft: ArticleFactory(published_at=None, author=draft.author),
    "rewritten": lambda draft: draft.save(),
    "its tags set": lambda draft: draft.tags.set([TagFactory()]),
    "its tags taken": lambda draft: draft.tags.clear(),
    "a neighbour of a live one": lambda draft: Related.objects.create(
        article=draft, other=Article.objects.live().get(), score=1
    ),
    "deleted": lambda draft: draft.delete(),
    "its author signs in": lambda draft: User.objects.update(last_login=timezone.now()),
    "a new tag": lambda draft: TagFactory(),
    "a new account": lambda draft: UserFactory(),
}


@pytest.mark.parametrize("change", UNSEEN)
def test_what_no_reader_sees_leaves_the_number_as_it_is(change):
    live()
    draft = ArticleFactory(published_at=None, tags=[TagFactory()])
    before = number()
    UNSEEN[change](draft)
    assert number() == before


def test_a_change_that_is_taken_back_raises_nothing():
    article, before = live(), number()
    with transaction.atomic():
        article.delete()
        transaction.set_rollback(True)
    assert number() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite raises it row by row")
def test_a_transaction_raises_it_once_and_what_follows_a_savepoint_that_was_taken_back_raises_it_again():
    article, (before, _) = live(), number()
    with transaction.atomic():
        for title in ("One", "Two"):
            with transaction.atomic():
                Article.objects.update(title=title)
                transaction.set_rollback(True)
            transaction.set_rollback(False)
        Article.objects.update(title="Three")
        Tag.objects.update(description="Four")
    assert number()[0] == before + 1
    assert article.author_id


def test_after_a_migration_the_triggers_are_there_once():
    raising.prepare()
    assert not triggers.install(raising.LABEL, {"postgresql": raising.postgresql(), "sqlite": raising.sqlite()})


def test_triggers_of_an_earlier_version_make_way_for_those_of_this_one():
    raising.remove()
    article, before = live(), number()
    Article.objects.update(title="Unheard")
    assert number() == before
    raising.prepare()
    Article.objects.update(title="Heard")
    assert number() > before
    assert article.pk


def test_a_series_is_seen_once_it_has_another_title():
    series = Series.objects.create(title="Letters", slug="letters")
    before = number()
    series.title = "More letters"
    series.save()
    assert number() > before
