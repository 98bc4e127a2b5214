"""A change is found by the very next search, whoever makes it and however."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.models import Article, Page, Tag
from articles.search import index
from articles.search.query import matching, search
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db
WORDS = "Words enough for an article."


def found(text):
    return [result.article.pk for result in search(text)[:100]]


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)


@pytest.mark.parametrize(
    "change",
    [{"title": "Honey"}, {"content": "A text about honey."}, {"summary": "On honey"}, {"tags": ["honey"]}],
    ids=lambda change: next(iter(change)),
)
def test_what_a_verb_changes_is_found_and_what_was_there_no_more(editor, change):
    before = {"title": "Wax", "content": "A text about wax only.", "summary": "On wax", "tags": ["wax"]}
    article = publishing.create(by=editor, published_at=timezone.now(), **before)
    publishing.revise(
        article, by=editor, **{name: change.get(name, "Something else") for name in before if name != "tags"}
    )
    publishing.revise(article, by=editor, tags=change.get("tags", []))
    assert found("honey") == [article.pk]
    assert found("wax") == []


def test_an_article_is_found_from_publishing_until_withdrawing(editor):
    article = publishing.create(by=editor, title="Honey", content=WORDS)
    assert found("honey") == []
    publishing.publish(article, by=editor)
    assert found("honey") == [article.pk]
    publishing.withdraw(article, by=editor)
    assert found("honey") == []
    assert [entry.article for entry in matching("honey")] == [article]


def test_a_scheduled_article_is_found_by_the_clock_alone(editor):
    moment = timezone.now() + timedelta(hours=1)
    article = publishing.create(by=editor, title="Honey", content=WORDS, published_at=moment)
    with time_machine.travel(moment - timedelta(milliseconds=1), tick=False):
        assert found("honey") == []
    with time_machine.travel(moment, tick=False):
        assert found("honey") == [article.pk]


def test_what_is_removed_is_not_found(editor):
    article = ArticleFactory(live=True, title="Honey")
    publishing.remove(article, by=editor)
    assert found("honey") == []


def test_what_goes_with_its_author_is_not_found():
    article = ArticleFactory(live=True, title="Honey")
    article.author.delete()
    assert found("honey") == []
    assert len(search("honey")) == 0


def test_what_is_undone_was_never_found():
    article = ArticleFactory(live=True, title="Wax")
    article.title = "Honey"
    with transaction.atomic():
        article.save()
        transaction.set_rollback(True)
    assert (found("honey"), found("wax")) == ([], [article.pk])


def test_a_tag_that_is_renamed_is_found_by_its_new_name_alone():
    tag = TagFactory(name="Wax")
    article = ArticleFactory(live=True, tags=[tag])
    tag.name = "Honey"
    tag.save()
    assert (found("honey"), found("wax")) == ([article.pk], [])


def test_a_tag_that_is_deleted_is_not_found():
    article = ArticleFactory(live=True, tags=[TagFactory(name="Wax"), TagFactory(name="Honey")])
    Tag.objects.filter(name="Wax").delete()
    assert (found("honey"), found("wax")) == ([article.pk], [])


def test_tags_set_from_either_side_are_found():
    tag, article = TagFactory(name="Honey"), ArticleFactory(live=True)
    tag.articles.add(article)
    assert found("honey") == [article.pk]
    tag.articles.clear()
    assert found("honey") == []
    article.tags.add(tag)
    assert found("honey") == [article.pk]
    article.tags.clear()
    assert found("honey") == []


def test_an_author_who_is_renamed_is_found_by_the_new_name_alone():
    author = UserFactory(name="Ada Wax", username="ada")
    article = ArticleFactory(live=True, author=author)
    author.name = "Ada Honey"
    author.save()
    assert (found("honey"), found("wax")) == ([article.pk], [])


def test_an_article_that_is_handed_over_is_found_by_its_new_author(editor):
    article = ArticleFactory(live=True, author=UserFactory(name="Ada Wax"))
    publishing.revise(article, by=editor, author=UserFactory(name="Bob Honey"))
    assert (found("honey"), found("wax")) == ([article.pk], [])


def test_standing_pages_are_found_too():
    page = Page(title="About honey", content=WORDS, author=UserFactory(), published_at=timezone.now())
    page.save()
    [result] = search("honey")[:10]
    assert result.article.pk == page.pk


def test_what_sends_no_signal_is_refreshed_by_name():
    article = ArticleFactory(live=True, title="Wax")
    Article.objects.filter(pk=article.pk).update(title="Honey")
    index.refresh([article.pk])
    assert (found("honey"), found("wax")) == ([article.pk], [])


def test_a_book_without_spaces_is_kept_as_far_as_databases_go():
    text = "".join(chr(0x4E00 + (number * 7919 + number // 97) % 20_000) for number in range(299_000))
    ArticleFactory(live=True, content=text)
    assert len(search(text[:50])) == 1


def test_signing_in_costs_the_index_nothing(client, django_assert_num_queries):
    author = ArticleFactory(live=True).author
    with django_assert_num_queries(1):
        author.save(update_fields=["last_login"])


def test_made_up_articles_are_found(capsys):
    call_command("make_articles", 30, seed=3)
    article = Article.objects.first()
    assert article.pk in found(f'"{article.title}"')
    assert "30 articles" in capsys.readouterr().out
