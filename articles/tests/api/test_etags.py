"""Conditional requests: nothing is sent twice, and nobody's change is overwritten unseen."""

import pytest
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles import publishing
from articles.media import uploads
from articles.models import Image
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(author):
    return ArticleFactory(author=author, live=True)


@pytest.fixture
def path(article):
    return f"{API}/articles/{article.pk}"


def change(client, path, etag, title="New"):
    return client.patch(path, **as_json({"title": title}), headers={"If-Match": etag})


def test_what_a_client_has_already_is_not_sent_again(path):
    first = stranger().get(path)
    assert first["ETag"].startswith('"1-')
    for etag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = stranger().get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    listed = stranger().get(f"{API}/articles/")
    assert stranger().get(f"{API}/articles/", headers={"If-None-Match": listed["ETag"]}).status_code == 304


READ = [
    *("articles/", "articles/{article}", "articles/{article}/revisions/", "articles/{article}/revisions/1"),
    *("tags/", "tags/{tag}", "authors/", "authors/{author}", "images/", "images/{image}", "users/me"),
]


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("path", READ)
def test_whatever_is_read_has_an_etag_and_is_not_sent_twice(path, method, editor):
    article = publishing.create(by=editor, title="Hello", content="Words enough for it.", published_at=timezone.now())
    article.tags.set([tag := TagFactory()])
    image = uploads.store(picture(), by=editor)
    path = f"{API}/" + path.format(article=article.pk, tag=tag.slug, author=editor.username, image=image.pk)
    ask = getattr(signed_in(editor), method)
    first = ask(path)
    assert (first.status_code, first["ETag"]) == (200, signed_in(editor).get(path)["ETag"])
    again = ask(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_an_answer_that_shows_something_else_has_another_etag(path, article):
    first = stranger().get(path)["ETag"]
    article.author.name = "Somebody Else"
    article.author.save()
    assert stranger().get(path, headers={"If-None-Match": first}).status_code == 200
    assert stranger().get(f"{path}?fields=id")["ETag"] != stranger().get(path)["ETag"]


def test_a_list_is_sent_again_when_its_headers_say_something_else(path):
    query = f"{API}/articles/?ordering=created_at&limit=1"
    first = stranger().get(query)
    assert stranger().head(query)["ETag"] == first["ETag"]
    ArticleFactory(live=True)
    again = stranger().get(query, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["X-Total-Count"]) == (200, first.content, "2")


def test_a_change_goes_through_on_the_etag_that_a_get_answered_and_the_next_on_the_changes_own(path, author):
    client = signed_in(author)
    changed = change(client, path, client.get(f"{path}?fields=id")["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] == client.get(path)["ETag"]
    assert change(client, path, f"W/{changed['ETag']}", "Newer").status_code == 200  # a proxy that compresses weakens
    assert change(client, path, "*", "Newest").status_code == 200


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_who_may_not_change_it_is_told_so_whatever_they_expect(path, method):
    client = signed_in(UserFactory(role=Role.AUTHOR))
    answer = getattr(client, method)(path, **as_json({"title": "Mine"}), headers={"If-Match": '"0-1"'})
    assert (answer.status_code, answer.json()) == (403, {"detail": "Not authorized"})


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
@pytest.mark.parametrize("etag", [None, '"0-1"', "nonsense", '"1"x', '"01-0"', ""])
def test_what_was_changed_since_is_not_overwritten(path, author, article, method, etag):
    client = signed_in(author)
    stale = client.get(path)["ETag"]
    publishing.revise(article, by=author, title="By somebody else")
    given = etag if etag is not None else stale
    answer = getattr(client, method)(path, **as_json({"title": "Mine"}), headers={"If-Match": given})
    assert (answer.status_code, answer.json()) == (412, {"detail": "The article has been changed since."})
    assert client.get(path).json()["title"] == "By somebody else"


def test_an_earlier_state_comes_back_on_the_present_etag_and_not_on_another(author):
    article = publishing.create(by=author, title="First", content="Words enough for it.")
    client, path = signed_in(author), f"{API}/articles/{article.pk}"
    stale = client.get(path)["ETag"]
    publishing.revise(article, by=author, title="Second")
    refused = client.post(f"{path}/revisions/1/restore", headers={"If-Match": stale})
    assert (refused.status_code, refused.json()) == (412, {"detail": "The article has been changed since."})
    assert client.get(path).json()["title"] == "Second"
    restored = client.post(f"{path}/revisions/1/restore", headers={"If-Match": client.get(path)["ETag"]})
    assert (restored.status_code, restored.json()["title"]) == (200, "First")
    assert restored["ETag"] == client.get(path)["ETag"]


def test_a_picture_goes_on_the_present_etag_and_not_on_another(author):
    image = uploads.store(picture(), by=author)
    client, path = signed_in(author), f"{API}/images/{image.pk}"
    stale = client.get(path)["ETag"]
    Image.objects.update(alt="By somebody else")
    refused = client.delete(path, headers={"If-Match": stale})
    assert (refused.status_code, refused.json()) == (412, {"detail": "The picture has been changed since."})
    present = client.get(path)["ETag"]
    assert client.delete(path, headers={"If-Match": f'"other", W/{present}'}).status_code == 204


WRITES = [
    *[(method, "articles/{article}") for method in ("patch", "put", "delete")],
    *[("post", "articles/{article}/revisions/1/restore"), ("delete", "images/{image}"), ("patch", "users/me")],
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_where_the_operator_demands_it_nothing_is_written_by_who_does_not_say_what_they_have_read(
    method, path, author, settings
):
    settings.REQUIRE_IF_MATCH = True
    article = publishing.create(by=author, title="First", content="Words enough for it.")
    image = uploads.store(picture(), by=author)
    write = getattr(signed_in(author), method)
    path = f"{API}/" + path.format(article=article.pk, image=image.pk)
    refused = write(path, **as_json({"title": "Second", "name": "Second"}))
    assert refused.status_code == 428
    assert "send If-Match with the ETag" in refused.json()["detail"]
    article.refresh_from_db()
    author.refresh_from_db()
    assert (article.version, Image.objects.count(), author.name == "Second") == (1, 1, False)
    assert write(path, **as_json({}), headers={"If-Match": "*"}).status_code in {200, 204}


@pytest.mark.parametrize(("method", "path"), WRITES[:-1])
def test_what_does_not_exist_is_not_found_whatever_is_expected_of_it(method, path, author):
    for expected in ("*", '"1-0"'):
        answer = getattr(signed_in(author), method)(
            f"{API}/" + path.format(article=404, image=404), **as_json({}), headers={"If-Match": expected}
        )
        assert answer.status_code == 404


def test_deleting_goes_through_on_the_present_etag(path, author):
    client = signed_in(author)
    assert client.delete(path, headers={"If-Match": client.get(path)["ETag"]}).status_code == 204


def test_a_change_made_between_our_look_and_our_write_is_seen(path, author, article, monkeypatch):
    client, revise = signed_in(author), publishing.revise
    etag = client.get(path)["ETag"]

    def late(found, **kwargs):
        revise(article, by=author, title="Just before")
        return revise(found, **kwargs)

    monkeypatch.setattr(publishing, "revise", late)
    assert change(client, path, etag).status_code == 412
    assert client.get(path).json()["title"] == "Just before"


def test_an_article_deleted_between_our_look_and_our_write_is_not_found(path, author, article, monkeypatch):
    revise = publishing.revise

    def late(found, **kwargs):
        article.delete()
        return revise(found, **kwargs)

    monkeypatch.setattr(publishing, "revise", late)
    answer = signed_in(author).patch(path, **as_json({"title": "New"}))
    assert (answer.status_code, answer.json()) == (404, {"detail": "Article not found"})


def test_a_cache_may_keep_answers_and_gives_nobody_anothers(path, author):
    public, private = stranger().get(path), signed_in(author).get(path)
    assert public["Cache-Control"] == "no-cache"
    assert set(private["Cache-Control"].split(", ")) == {"no-cache", "private"}
    assert "Authorization" in public["Vary"]
