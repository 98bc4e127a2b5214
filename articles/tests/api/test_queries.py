"""How many queries an answer takes: the same for one article and for a hundred."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles import publishing
from articles.media import uploads
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
TOKEN = 3  # its account, the permissions of the account, those of its groups


def count(client, path):
    with CaptureQueriesContext(connection, ) as captured:  # fmt: skip
        answer = client.get(f"{API}/{path}")
        assert answer.status_code == 200
        assert answer.getvalue()
    return len(captured)


def fill(number, editor):
    cover = uploads.store(picture(), by=editor)
    for index in range(number):
        author = UserFactory(role=Role.AUTHOR)
        ArticleFactory(live=True, author=author, cover=cover, slug=f"slug-{index}", tags=TagFactory.create_batch(2))


@pytest.mark.parametrize("number", [1, 100])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("articles/", 3),  # how many, the articles, their tags
        ("articles/?fields=id,title", 2),  # no tags
        ("articles/?ordering=title&status=live&q=article&author=nobody", 2),
        ("articles/slug-0", 2),
        ("articles/export", 2),  # for each piece
        ("tags/", 2),
        ("authors/", 2),
    ],
)
def test_lists_and_articles(editor, number, path, queries):
    fill(number, editor)
    assert count(stranger(), path) == queries
    assert count(signed_in(editor), path) == queries + (TOKEN if path.startswith("articles") else 1)


def test_a_search_takes_no_more_for_many(editor):
    fill(1, editor)
    few = count(stranger(), "search?q=article"), count(signed_in(editor), "search?q=article")
    ArticleFactory.create_batch(60, live=True)
    assert count(stranger(), "search?q=article") <= few[0]
    assert count(signed_in(editor), "search?q=article") <= few[1]


def test_fields_that_are_not_asked_for_are_not_fetched():
    ArticleFactory(live=True)
    with CaptureQueriesContext(connection) as captured:
        stranger().get(f"{API}/articles/?fields=id,title,summary")
    assert not any('"content"' in query["sql"] or '"content_html"' in query["sql"] for query in captured)


def test_a_history_is_listed_without_fetching_its_texts(editor):
    article = publishing.create(by=editor, title="A title", content="Some words that are the content.")
    with CaptureQueriesContext(connection) as captured:
        listed = signed_in(editor).get(f"{API}/articles/{article.pk}/revisions/")
    assert [revision["number"] for revision in listed.json()] == [1]
    assert not any('"articles_revision"."state"' in query["sql"] for query in captured)
