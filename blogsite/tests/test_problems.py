"""In which form the API tells its errors."""

import pytest
from django.test import Client

from accounts.tests.api.clients import API, account, as_json, signed_in, stranger
from blogsite.problems import JSON, PROBLEM

pytestmark = pytest.mark.django_db
NOT_FOUND = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "Article not found"}


def asking(accept, client=None):
    return (client or stranger()).get(f"{API}/articles/none", headers={"Accept": accept})


@pytest.mark.parametrize(
    "accept",
    [
        PROBLEM,
        f"{PROBLEM}, {JSON};q=0.9",
        f"{JSON}, {PROBLEM}",
        f"{PROBLEM}, */*",
        f"application/*;q=0.1, {PROBLEM};q=0.2",
        f"{JSON};q=0.5, {PROBLEM.upper()}",
        f"{PROBLEM}; charset=utf-8",
    ],
)
def test_who_prefers_problem_details_gets_them(accept):
    answer = asking(accept)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json() == NOT_FOUND
    assert int(answer["Content-Length"]) == len(answer.content)
    assert "Accept" in answer["Vary"]


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        JSON,
        f"{JSON}; charset=utf-8, {PROBLEM};q=0.9",
        f"{PROBLEM};q=0",
        "text/html",
        "q=;/;,;;q=x",
        "*",
    ],
)
def test_everybody_else_gets_the_plain_shape(accept):
    answer = asking(accept)
    assert (answer.status_code, answer["Content-Type"]) == (404, JSON)
    assert answer.json() == {"detail": "Article not found"}
    assert "Accept" in answer["Vary"]


def test_what_is_no_error_is_json_whatever_is_preferred():
    answer = stranger().get(f"{API}/articles", headers={"Accept": PROBLEM})
    assert (answer.status_code, answer["Content-Type"]) == (200, JSON)
    assert "Accept" not in answer["Vary"].split(", ")


def test_problem_details_tell_what_is_wrong_with_each_field():
    me = signed_in(account())
    plain = me.patch(f"{API}/users/me", **as_json({"email": "x", "name": 5}))
    answer = me.patch(f"{API}/users/me", **as_json({"email": "x", "name": 5}), headers={"Accept": PROBLEM})
    assert answer.status_code == plain.status_code == 400
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Not valid: email, name.",
        "errors": plain.json(),
    }
    assert plain.json().keys() == {"email", "name"}


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("get", "articles/?limit=x", {}, 400),
        ("post", "auth/token", {"data": "{", "content_type": JSON}, 400),
        ("get", "users/me", {}, 401),
        ("post", "auth/login", {"data": {"username": "ada", "password": "x"}}, 401),
        ("get", "nowhere", {}, 404),
        ("get", "../v9/nowhere", {}, 404),
        ("delete", "articles/", {}, 405),
        ("post", "auth/token", {"headers": {"Transfer-Encoding": "chunked"}}, 411),
        ("get", "tags/", {"headers": {"If-Match": '"x"'}}, 412),
        ("post", "auth/token", {"data": "x", "content_type": "text/plain"}, 415),
    ],
)
def test_every_error_has_both_forms(method, path, given, status):
    for accept in (JSON, PROBLEM):
        headers = {**given.get("headers", {}), "Accept": accept}
        answer = getattr(stranger(), method)(f"{API}/{path}", **{**given, "headers": headers})
        assert (answer.status_code, answer["Content-Type"]) == (status, accept), answer.content
        if accept == PROBLEM:
            assert (answer.json()["status"], answer.json()["type"]) == (status, "about:blank")
            assert {"title", "detail"} < answer.json().keys()
        else:
            assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("accept", [JSON, PROBLEM])
def test_a_host_that_is_not_ours_is_refused_as_every_error_is(settings, accept):
    settings.ALLOWED_HOSTS = ["localhost"]
    for settings.SECURE_SSL_REDIRECT in (False, True):
        answer = stranger().get(f"{API}/articles", headers={"Host": "evil.example", "Accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (400, accept)
        assert "host" in answer.json()["detail"]


@pytest.fixture
def failing(monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("articles.api.viewsets.TagViewSet.get_queryset", fail)
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("accept", [JSON, PROBLEM])
def test_a_mistake_of_ours_is_told_as_every_error_is_and_says_no_more_than_that(failing, accept):
    answer = failing.get(f"{API}/tags/", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (500, accept)
    assert "mistake" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert "html" not in failing.get(f"{API}/tags/", headers={"Accept": accept, "Accept-Encoding": "gzip"}).text


def test_the_head_of_an_error_has_no_body(failing):
    answer = failing.head(f"{API}/tags/")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (500, JSON, b"")


def test_whoever_develops_is_shown_the_mistake(failing, settings):
    settings.DEBUG = True
    answer = failing.get(f"{API}/tags/")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text


def test_pages_are_left_as_they_are(client):
    answer = client.get("/nowhere/", headers={"Accept": PROBLEM})
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
