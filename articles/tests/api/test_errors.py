"""No input brings a 500: what can't be used is refused in words, and nothing is written."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles.models import Article
from articles.tests.factories import ArticleFactory, TagFactory, picture

pytestmark = pytest.mark.django_db
ARTICLES = f"{API}/articles/"
GIVEN = {"title": "A title", "content": "Some words that are the content."}
PATHS = ["articles", "articles/1", "tags", "authors", "images", "users/me", "auth/login", "auth/token"]


def post(user, body, content_type="application/json"):
    return signed_in(user).generic("POST", ARTICLES, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    ["{", "", "x", "'", b"\xff", b"\x00", '{"title": NaN}', '{"title": Infinity}', "[" * 100_000, '{"a":' * 100_000,
     "1" * 5000, '{"title": 1e999999}', "null", "[]", '"text"', "5", "true", "[{}]"],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(author, body):
    answer = post(author, body)
    assert answer.status_code == 400
    assert answer.json()
    assert not Article.objects.exists()


@pytest.mark.parametrize("field", ["title", "content", "slug", "summary", "canonical_url", "published_at", "tags"])
@pytest.mark.parametrize("value", ["nul \0 in it is ten", "half \ud800 an emoji", 5, True, ["x"] * 9, {"a": "b"}, 1.5])
def test_a_value_of_the_wrong_kind_is_refused_by_its_field(author, field, value):
    if field == "tags" and isinstance(value, list):
        value = [["x"]]
    answer = signed_in(author).post(ARTICLES, **as_json({**GIVEN, field: value}))
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert all(isinstance(message, str) for message in answer.json()[field])


IMPOSSIBLE: dict[str, list[Any]] = {
    "cover": [0, -1, 7, 2**31, 2**70, 1.5, "x", "\0", True, [], {}, {"id": 1}],
    "tags": [[""], ["x" * 101], ["\0"], ["\ud800"], [None], [5], ["x"] * 101, None],
    "published": [None, "maybe", [], {}, 2],
    "published_at": [
        *("soon", "", "2020-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
    "slug": ["x" * 101, "a/b"],
    "summary": ["x" * 301],
    "canonical_url": ["javascript:alert(1)", "http://[::1", f"https://example.org/{'x' * 500}"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in IMPOSSIBLE for value in IMPOSSIBLE[field]])
def test_a_value_that_cannot_be_kept_is_refused_by_its_field(author, field, value):
    answer = signed_in(author).post(ARTICLES, **as_json({**GIVEN, field: value}))
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_all_that_is_wrong_is_said_at_once(author):
    answer = signed_in(author).post(ARTICLES, **as_json({"content": "short", "tags": 5}))
    assert answer.json().keys() == {"title", "content", "tags"}


@pytest.mark.parametrize(
    "name", ["0", "-1", "9" * 18, 2**63, 10**40, "9" * 5000, "%00", "a%00b", "%ED%A0%80", "1.5", "%2e%2e", "x" * 3000]
)
@pytest.mark.parametrize("path", ["articles", "tags", "authors", "images"])
def test_what_nothing_can_be_called_is_not_found(editor, path, name):
    answer = signed_in(editor).get(f"{API}/{path}/{name}")
    assert answer.status_code == 404
    assert list(answer.json()) == ["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense", "image/png"])
def test_a_body_that_says_it_is_something_else_is_refused(author, content_type):
    answer = post(author, "{}", content_type)
    assert (answer.status_code, list(answer.json())) == (415, ["detail"])


def test_a_body_of_no_said_type_is_taken_for_json(author):
    assert post(author, '{"title": "T", "content": "0123456789"}', content_type="").status_code == 201


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_there_is_not_is_named_whoever_asks(author, path):
    for client in (stranger(), signed_in(author)):
        for method in ("TRACE", "DELETE" if path in {"articles", "tags"} else "FOO", "INITIAL"):
            answer = client.generic(method, f"{API}/{path}")
            assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method}" not allowed.'})


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_whatever_is_accepted_the_answer_is_json(accept):
    answer = stranger().get(f"{ARTICLES}?format=xml", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["nowhere", "articles/1/nowhere", "", "auth", "articles//"])
def test_an_address_of_nothing_answers_in_json(path):
    answer = stranger().post(f"{API}/{path}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found"})


def test_every_path_answers_with_and_without_its_slash(author):
    article = ArticleFactory(live=True, author=author, tags=[TagFactory(name="one")])
    names = ["articles", f"articles/{article.pk}", "tags", "tags/one", "authors", f"authors/{author.username}"]
    for path in [*names, "images", "users/me", f"articles/{article.pk}/revisions"]:
        for form in (path, f"{path}/"):
            for method in ("get", "head", "options"):
                answer = getattr(signed_in(author), method)(f"{API}/{form}")
                assert answer.status_code == 200, (method, form)
                assert bool(answer.content) is (method != "head")


def test_options_claim_nothing_that_the_document_says_otherwise(author):
    article = ArticleFactory(author=author)
    for path in ("articles", f"articles/{article.pk}", "images", "users/me", "auth/login"):
        answer = signed_in(author).options(f"{API}/{path}")
        assert "OPTIONS" in answer["Allow"]
        assert "actions" not in answer.json()


def test_an_upload_that_is_no_picture_is_refused(author):
    for data in (
        {"file": "text"},
        {"alt": "x"},
        {"file": picture(), "alt": "x" * 501},
        {"file": SimpleUploadedFile("a.png", b"\x89PNG\r\n")},
    ):
        answer = signed_in(author).post(f"{API}/images/", data)
        assert answer.status_code == 400
        assert list(answer.json()) == (["alt"] if len(data.get("alt", "")) > 500 else ["file"])
