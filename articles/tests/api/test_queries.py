"""How many queries an answer takes: the same for one article and for a hundred."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles import publishing
from articles.media import uploads
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
BEGIN = 2  # and the end of the transaction
CONTENT = "Some words that are the content."
TOKEN = 2  # its account, and what that and its groups are permitted


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
        ("articles/?ordering=title&status=live&q=article&author=nobody", 3),  # what has the words, if it is little
        ("articles/slug-0", 2),
        ("articles/export", 2),  # for each piece
        ("tags/", 2),
        ("authors/", 2),
    ],
)
def test_lists_and_articles(editor, number, path, queries):
    fill(number, editor)
    tags_come_along = path == "articles/slug-0" and connection.vendor == "postgresql"
    texts_are_new = path == "articles/" and connection.vendor == "postgresql"
    assert count(stranger(), path) == queries - tags_come_along + texts_are_new
    assert count(stranger(), path) == queries - tags_come_along
    assert count(signed_in(editor), path) == queries + (TOKEN if path.startswith("articles") else 1)


def test_a_search_takes_no_more_for_many(editor):
    fill(1, editor)
    few = count(stranger(), "search?q=article"), count(signed_in(editor), "search?q=article")
    ArticleFactory.create_batch(60, live=True)
    assert count(stranger(), "search?q=article") <= few[0]
    assert count(signed_in(editor), "search?q=article") <= few[1]


def asked(client, method, path, expected, **sent):
    with CaptureQueriesContext(connection) as captured:
        answer = getattr(client, method)(f"{API}/{path}", **sent)
    assert answer.status_code == expected, answer.content
    return len(captured)


def library(editor):
    """Pictures, and articles: one with a history and translations, others in a series."""
    for size in range(20):
        uploads.store(picture(20, 20 + size), by=editor)
    article = publishing.create(by=editor, title="Many", content=CONTENT, published_at=timezone.now())
    for number in range(20):
        publishing.revise(article, by=editor, title=f"Many {number}", summary=f"{number}")
    ArticleFactory.create_batch(20, live=True, author=editor, series=SeriesFactory(), title="Many other")
    for language in ("de", "fr"):
        ArticleFactory(live=True, author=editor, language=language, translation_of=article, title="Many too")


def cost(editor):
    """Of each thing that one may do, once. What is done is the same each time, whatever else there is."""
    client = signed_in(editor)
    new = {"title": "New", "content": CONTENT, "published": True, "tags": ["One", "Two"]}
    costs = {"create": asked(client, "post", "articles", 201, **as_json(new))}
    article = Article.objects.get(title="New")
    path = f"articles/{article.pk}"
    uploads.store(picture(), by=editor)
    image = Image.objects.get(width=8)
    costs |= {
        "change": asked(client, "patch", path, 200, **as_json({"title": "New", "content": f"{CONTENT} More."})),
        "retag": asked(client, "put", path, 200, **as_json({"tags": ["Two", "Three"]})),
        "withdraw": asked(client, "patch", path, 200, **as_json({"published": False})),
        "restore": asked(client, "post", f"{path}/revisions/1/restore", 200),
        "revisions": asked(client, "get", f"{path}/revisions", 200),
        "revision": asked(client, "get", f"{path}/revisions/1", 200),
        "images": asked(client, "get", "images", 200),
        "image": asked(client, "get", f"images/{image.pk}", 200),
        "upload": asked(client, "post", "images/", 201, data={"file": picture(9, 9)}),
        "search": asked(client, "get", "search?q=many", 200),
        "delete image": asked(client, "delete", f"images/{image.pk}", 204),
        "delete": asked(client, "delete", path, 204),
    }
    return costs


def test_writing_takes_few(editor):
    client = signed_in(editor)
    # Of a new one the slug, whether it is taken, and within a savepoint the article, its entry and its slug; then the
    # history, what is near, the webhooks
    new = as_json({"title": "New", "content": CONTENT, "published": True})
    assert asked(client, "post", "articles", 201, **new) == TOKEN + BEGIN + 1 + (2 + 3) + 3
    # Of one that is there what it is, and under its lock is, with its tags; then the article, its entry; the same
    path = f"articles/{Article.objects.get().pk}"
    assert asked(client, "patch", path, 200, **as_json({"title": "Newer"})) == TOKEN + BEGIN + (1 + 2) + 2 + 3
    # and the pictures that were shown
    more = as_json({"content": f"{CONTENT} More."})
    assert asked(client, "patch", path, 200, **more) == TOKEN + BEGIN + (1 + 2) + 2 + 1 + 3


def test_reads_and_writes_take_no_more_where_there_is_much(editor):
    for name in ("One", "Two", "Three"):
        TagFactory(name=name)
    original = publishing.create(by=editor, title="Many", content=CONTENT, published_at=timezone.now())
    ArticleFactory(live=True, author=editor, language="de", translation_of=original, title="Many too")
    few = cost(editor)
    Image.objects.all().delete()
    library(editor)
    assert cost(editor) == few


def test_a_history_takes_no_more_for_many_revisions(editor):
    article = publishing.create(by=editor, title="Many", content=CONTENT)
    path = f"articles/{article.pk}/revisions"
    few = count(signed_in(editor), path)
    for number in range(10):
        publishing.revise(article, by=UserFactory(role=Role.EDITOR), title=f"Many {number}")
    assert count(signed_in(editor), path) == few


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


@pytest.mark.parametrize("asked", ["tag=rare", "q=rare"])
def test_what_few_articles_have_is_not_looked_for_in_all_others(asked):
    """However many there are, and whatever a database guesses."""
    rare = ArticleFactory(live=True, title="rare", tags=[TagFactory(slug="rare")])
    with CaptureQueriesContext(connection) as captured:
        answer = stranger().get(f"{API}/articles/?{asked}&ordering=title&fields=id")
    assert answer.data == [{"id": rare.pk}]
    page = captured[-1]["sql"]
    assert f'"id" IN ({rare.pk})' in page
    assert "SELECT" not in page.removeprefix("SELECT")


@pytest.mark.parametrize("asked", ["tag=common", "tag=common&tag=usual", "q=common"])
def test_what_many_articles_have_is_found_too(asked, monkeypatch):
    monkeypatch.setattr("articles.models.article.FEW", 1)
    tags = [TagFactory(slug="common"), TagFactory(slug="usual")]
    made = [ArticleFactory(live=True, title="common", tags=tags) for _ in range(3)]
    ArticleFactory(live=True, tags=tags[1:])
    answer = stranger().get(f"{API}/articles/?{asked}&ordering=-created_at&fields=id")
    assert [each["id"] for each in answer.data] == [each.pk for each in reversed(made)]
