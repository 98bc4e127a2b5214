"""What holds at every path: both forms, HEAD and OPTIONS, other methods, and that what one may not see is not there."""

from typing import Any

import pytest

from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles import publishing
from articles.media import uploads
from articles.models import Article
from articles.tests.factories import ArticleFactory, PageFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
SECRET = "Whisperword"
CONTENT = f"Words that nobody is to read yet: {SECRET}."
READERS: dict[str, Any] = {
    "a stranger": None,
    "a reader": (),
    "a contributor": (Role.CONTRIBUTOR,),
    "an author": (Role.AUTHOR,),
}
LISTS = ["articles", "articles/export", f"search?q={SECRET}", f"articles?q={SECRET}", "tags", "authors"]


def asking(who):
    roles = READERS[who]
    if roles is None:
        return stranger()
    return signed_in(UserFactory(**({"role": roles[0]} if roles else {})))


def body(answer):
    return answer.getvalue().decode()


@pytest.fixture
def hidden(editor):
    """A draft, a scheduled article, and standing pages, with a tag and a picture that nothing else has."""
    tag = TagFactory(name=f"Tag {SECRET}")
    whose = UserFactory(role=Role.AUTHOR, username=f"of{SECRET}".lower())
    common = {"title": SECRET, "content": CONTENT, "author": whose, "tags": [tag]}
    draft = publishing.create(by=editor, title=SECRET, content=CONTENT)
    pages = [PageFactory(title=SECRET, live=live) for live in (True, False)]
    return [draft, ArticleFactory(**common), ArticleFactory(**common, scheduled=True), *pages]


@pytest.mark.parametrize("who", READERS)
def test_what_one_may_not_see_does_not_exist(who, hidden):
    live = ArticleFactory(live=True, tags=[TagFactory(name="Open")])
    client = asking(who)
    for path in LISTS:
        assert SECRET.lower() not in body(client.get(f"{API}/{path}")).lower(), path
    for path, total in (("articles", "1"), (f"search?q={SECRET}", "0"), ("tags", "1"), ("authors", "1")):
        answer = client.get(f"{API}/{path}")
        assert answer["X-Total-Count"] == total, path
        assert not {"prev", "next"} & set(answer["Link"].split('"'))
    around = client.get(f"{API}/articles?ordering=title&limit=1")
    assert [each["id"] for each in around.json()] == [live.pk]
    for article in hidden:
        for name in (article.pk, article.slug):
            assert client.get(f"{API}/articles/{name}").status_code == 404
            for path in ("revisions", "revisions/1", "revisions/1/restore"):
                method = "post" if path.endswith("restore") else "get"
                answer = getattr(client, method)(f"{API}/articles/{name}/{path}")
                assert answer.status_code == (401 if who == "a stranger" else 404)
    for path in (f"tags/{hidden[1].tags.get().slug}", f"authors/{hidden[1].author.username}"):
        assert client.get(f"{API}/{path}").status_code == 404


def test_an_editor_finds_what_is_hidden_from_the_others_but_no_standing_page(editor, hidden):
    client, articles, pages = signed_in(editor), hidden[:3], hidden[3:]
    for path in ("articles?fields=id,title", f"articles?q={SECRET}&fields=id,title"):
        assert {each["id"] for each in client.get(f"{API}/{path}").json()} == {each.pk for each in articles}
    assert body(client.get(f"{API}/articles/export?fields=title")).count(SECRET) == len(articles)
    assert [client.get(f"{API}/articles/{each.pk}").status_code for each in hidden] == [200, 200, 200, 404, 404]
    assert client.get(f"{API}/articles/{articles[0].slug}/revisions/1").status_code == 200
    for page in pages:
        for path in (page.slug, f"{page.pk}/revisions", f"{page.pk}/revisions/1"):
            assert client.get(f"{API}/articles/{path}").status_code == 404
    for path in (f"search?q={SECRET}", "tags", "authors"):  # what readers see, whoever asks
        assert client.get(f"{API}/{path}").json() == []


@pytest.mark.parametrize("who", READERS)
def test_which_pictures_there_are_is_told_to_those_who_write(who, editor):
    image, client = uploads.store(picture(), by=editor), asking(who)
    told = {
        method: [getattr(client, method)(f"{API}/images/{pk}") for pk in (image.pk, image.pk + 1)]
        for method in ("get", "delete")
    }
    statuses = {method: [answer.status_code for answer in answers] for method, answers in told.items()}
    if who in {"a contributor", "an author"}:
        assert statuses == {"get": [200, 404], "delete": [403, 404]}
    else:
        assert statuses["get"] == statuses["delete"] == [401 if who == "a stranger" else 403] * 2
        assert len({answer.content for answers in told.values() for answer in answers}) == 1


@pytest.fixture
def paths(editor):
    article = publishing.create(by=editor, title="One", content=CONTENT, tags=["One"])
    publishing.publish(article, by=editor)
    whole = ["articles", "articles/export", "articles/one", f"articles/{article.pk}", "tags", "tags/one", "authors"]
    return [
        *whole,
        f"authors/{editor.username}",
        f"articles/{article.pk}/revisions",
        "articles/one/revisions/1",
        "images",
    ]


def test_head_answers_as_get_does_without_the_body(editor, paths):
    client = signed_in(editor)
    for path in [*paths, "search"]:
        for form in (f"{path}?q=one", f"{path}/?q=one"):
            whole, head = client.get(f"{API}/{form}"), client.head(f"{API}/{form}")
            assert (whole.status_code, head.status_code, head.getvalue()) == (200, 200, b""), form
            for name in ("Content-Type", "Content-Length", "ETag", "Link", "X-Total-Count", "Vary", "Cache-Control"):
                assert head.get(name) == whole.get(name), (form, name)


def test_options_are_told_to_everyone_with_what_is_allowed(editor, paths):
    for client in (stranger(), signed_in(editor)):
        for path in [*paths, "search", "articles/999", "articles/one/revisions/1/restore", "images/999", "users/me"]:
            for form in (path, f"{path}/"):
                answer = client.options(f"{API}/{form}")
                assert answer.status_code == 200, form
                refused = client.generic("TRACE", f"{API}/{form}")
                assert (refused.status_code, "OPTIONS" in refused["Allow"]) == (405, True), form
                assert set(answer["Allow"].split(", ")) == set(refused["Allow"].split(", ")), form


def test_a_former_slug_answers_the_article_with_each_of_its_paths(author):
    article = publishing.create(by=author, title="First", content=CONTENT)
    publishing.revise(article, by=author, slug="second")
    client = signed_in(author)
    assert client.get(f"{API}/articles/first").json() == client.get(f"{API}/articles/second").json()
    assert len(client.get(f"{API}/articles/first/revisions").json()) == 2
    assert client.post(f"{API}/articles/first/revisions/1/restore").status_code == 200
    assert client.delete(f"{API}/articles/first").status_code == 204
    assert not Article.objects.exists()
