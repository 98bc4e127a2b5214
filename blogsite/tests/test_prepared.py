"""Queries that are put together once."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField

from accounts.models import User
from articles.models import Article, Revision
from articles.tests.factories import ArticleFactory, TagFactory
from blogsite.prepared import Prepared, Slot, insert

pytestmark = pytest.mark.django_db
SHOWN = ("title", "published_at", "version", "author__username")


def test_it_finds_what_the_query_would_with_each_value():
    by_name = Prepared(lambda: User.objects.filter(username=Slot("name", CharField())))
    ada, bob = ArticleFactory(author__username="ada").author, ArticleFactory(author__username="bob").author
    assert (by_name(name="ada"), by_name(name="bob"), by_name(name="' OR 1=1 --")) == ([ada], [bob], [])


def test_it_is_put_together_once():
    built = []
    everybody = Prepared(lambda: built.append(1) or User.objects.all())
    everybody(), everybody()
    assert built == [1]


def test_it_takes_along_what_belongs_to_each(django_assert_num_queries):
    article = ArticleFactory(live=True, tags=[TagFactory()])
    whole = Prepared(lambda: Article.objects.select_related("author").only("title", "author__name"))
    with django_assert_num_queries(1):
        [found] = whole()
        assert (found, found.title, found.author.name) == (article, article.title, article.author.name)
    assert found.slug == article.slug  # the rest is there when it is asked for


def test_a_moment_is_a_moment_on_each_database():
    article = ArticleFactory(published_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    by_then = Prepared(lambda: Article.objects.live(at=Slot("now", DateTimeField())))
    assert by_then(now=datetime(2026, 3, 1, 12, tzinfo=UTC)) == [article]
    assert by_then(now=datetime(2026, 3, 1, 11, 59, 59, 999999, tzinfo=UTC)) == []


def test_rows_come_as_the_query_would_give_them():
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    ArticleFactory(title="A street", published_at=at, author__username="ada")
    rows = Prepared(lambda: Article.objects.filter(title=Slot("title", CharField())).values_list(*SHOWN))
    assert rows(title="A street") == [("A street", at, 1, "ada")]


def new(article):
    state = {"title": "Ä", "tags": ["a", "b"], "cover": None, "published_at": datetime(2026, 3, 1, 12, tzinfo=UTC)}
    return Revision(article=article, number=7, action="changed", by=article.author, state=state)


def test_what_is_put_in_is_what_would_have_been_saved():
    put, saved = new(ArticleFactory()), new(ArticleFactory())
    insert(put), saved.save()
    columns = ("number", "action", "note", "state")
    found = [Revision.objects.filter(article=each.article).values(*columns) for each in (put, saved)]
    assert [*found[0]] == [*found[1]] != []
    assert Revision.objects.get(article=put.article).created_at == put.created_at


def test_what_the_database_refuses_is_not_put_in():
    article = ArticleFactory()
    insert(new(article))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(new(article))
