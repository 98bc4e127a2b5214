from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.roles import Role
from articles import publishing
from articles.models.revision import published
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTENT = "Words enough for an article."


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def at():
    """Do something so many hours after noon."""

    def do(hours, verb, *args, **kwargs):
        with time_machine.travel(NOON + hours * HOUR, tick=False):
            return verb(*args, **kwargs)

    return do


def seen(article):
    """Each revision that readers saw: its number, and how many hours after noon it appeared."""
    return [(each.revision.number, (each.at - NOON) / HOUR) for each in published(article)]


def draft(editor, **fields):
    return publishing.create(by=editor, title="Hello", content=CONTENT, **fields)


def test_what_is_saved_before_an_article_is_published_was_never_seen(at, editor):
    article = at(0, draft, editor)
    at(1, publishing.revise, article, by=editor, title="Hello you")
    assert seen(article) == []
    at(2, publishing.publish, article, by=editor)
    assert seen(article) == [(3, 2)]


def test_each_change_of_a_live_article_is_seen_at_once(at, editor):
    article = at(0, draft, editor, published_at=NOON)
    at(1, publishing.revise, article, by=editor, title="Hello you")
    assert seen(article) == [(1, 0), (2, 1)]


def test_a_scheduled_article_appears_on_its_date_in_its_last_wording(at, editor):
    article = at(0, draft, editor, published_at=NOON + 3 * HOUR)
    at(1, publishing.revise, article, by=editor, title="Hello you")
    assert at(2, seen, article) == []
    assert at(4, seen, article) == [(2, 3)]


def test_what_was_withdrawn_before_its_date_was_never_seen(at, editor):
    article = at(0, draft, editor, published_at=NOON + 3 * HOUR)
    at(1, publishing.withdraw, article, by=editor)
    assert at(9, seen, article) == []


def test_what_is_saved_while_an_article_is_withdrawn_was_never_seen(at, editor):
    article = at(0, draft, editor, published_at=NOON)
    at(1, publishing.withdraw, article, by=editor)
    at(2, publishing.revise, article, by=editor, title="Hush")
    at(3, publishing.publish, article, by=editor)
    assert seen(article) == [(1, 0), (4, 3)]


def test_an_older_piece_appears_when_it_comes_in(at, editor):
    assert seen(at(2, draft, editor, published_at=NOON - 9999 * HOUR)) == [(1, 2)]


def test_it_says_at_which_address_each_was_seen(at, editor):
    article = at(0, draft, editor, published_at=NOON)
    at(1, publishing.revise, article, by=editor, slug="hi")
    assert [each.slug for each in published(article)] == ["hello", "hi"]


def test_it_takes_one_query_and_loads_no_text(at, editor, django_assert_num_queries):
    article = at(0, draft, editor, published_at=NOON)
    for number in range(9):
        publishing.revise(article, by=editor, title=f"Hello {number}")
    with django_assert_num_queries(1):
        seen = published(article)
    assert len(seen) == 10
    assert all(each.revision.get_deferred_fields() == {"state"} for each in seen)


def test_an_article_without_revisions_has_none():
    assert published(ArticleFactory(live=True)) == []
