"""What scripts of other sites may send to the API, and what they may read of its answers."""

import re

import pytest
from django.core.checks import run_checks

from accounts.roles import Role
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles.tests.factories import ArticleFactory, UserFactory
from blogsite import document, env

pytestmark = pytest.mark.django_db
FRONT_END = "http://localhost:3000"
ARTICLES = f"{API}/articles/"
GIVEN = {"title": "A title", "content": "Some words that are the content."}
ASKING = {"Origin": FRONT_END}
# What every script may read: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
SAFE = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
# What browsers and caches heed by themselves.
THEIRS = {"vary", "x-frame-options", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
          "content-security-policy"}  # fmt: skip


def listed(answer, name):
    return {item.strip().lower() for item in answer.headers.get(name, "").split(",")}


def answers(settings):
    """Of every kind."""
    writer = UserFactory(role=Role.AUTHOR)
    article = ArticleFactory(live=True, author=writer)
    client, one = signed_in(writer), f"{ARTICLES}{article.pk}"
    first = client.get(one, headers=ASKING)
    key = {**ASKING, "Idempotency-Key": '"once"'}
    yield 200, first
    yield 200, stranger().get(ARTICLES, headers={**ASKING, "Prefer": "count=exact"})
    yield 304, client.get(one, headers={**ASKING, "If-None-Match": first["ETag"]})
    yield 201, client.post(ARTICLES, **as_json(GIVEN), headers=key)
    yield 201, client.post(ARTICLES, **as_json(GIVEN), headers=key)
    yield 400, client.post(ARTICLES, **as_json({}), headers=ASKING)
    yield 401, stranger().post(ARTICLES, **as_json(GIVEN), headers=ASKING)
    yield 404, stranger().get(f"{API}/nowhere", headers=ASKING)
    yield 405, stranger().delete(ARTICLES, headers=ASKING)
    yield 412, client.patch(one, **as_json(GIVEN), headers={**ASKING, "If-Match": '"0"'})
    yield 415, client.post(ARTICLES, "x", content_type="text/plain", headers=ASKING)
    yield 204, client.delete(one, headers=ASKING)
    yield 200, stranger().get("/openapi.json", headers=ASKING)
    settings.READS_PER_ADDRESS = 1
    yield 429, stranger().get(ARTICLES, headers=ASKING)


def test_every_answer_may_be_read_whole_by_the_front_end(settings):
    seen = set()
    for status, answer in answers(settings):
        assert answer.status_code == status
        assert answer["Access-Control-Allow-Origin"] == FRONT_END, status
        assert "origin" in listed(answer, "Vary"), status
        assert "Access-Control-Allow-Credentials" not in answer
        names = {name.lower() for name in answer.headers if not name.lower().startswith("access-control-")}
        seen |= names - SAFE - THEIRS
        assert seen <= listed(answer, "Access-Control-Expose-Headers"), status
    assert seen == {name.lower() for name in settings.CORS_EXPOSE_HEADERS}
    assert {name.lower() for name in document.HEADERS} <= seen | SAFE


@pytest.mark.parametrize("path", ["articles/", "articles/1", "auth/login", "images/", "nowhere", "nowhere/at/all"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE", "GET"])
def test_a_browser_that_asks_beforehand_is_told_that_it_may(path, method, settings):
    settings.READS_PER_ADDRESS = settings.WRITES_PER_ADDRESS = 1  # asking beforehand counts for nothing
    wanted = "accept,authorization,content-type,idempotency-key,if-match,if-none-match"
    asked = {**ASKING, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    answer = stranger().options(f"{API}/{path}", headers=asked)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, FRONT_END)
    assert set(wanted.split(",")) <= listed(answer, "Access-Control-Allow-Headers")
    assert method.lower() in listed(answer, "Access-Control-Allow-Methods")
    assert "RateLimit" not in answer


def test_a_mistake_of_ours_may_be_read_too(monkeypatch, client):
    monkeypatch.setattr("articles.api.viewsets.ArticleViewSet.list", lambda *_: 1 / 0)
    client.raise_request_exception = False
    answer = client.get(ARTICLES, headers=ASKING)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (500, FRONT_END)


@pytest.mark.parametrize("path", [ARTICLES, "/", "/admin/login/", "/openapi.json.html"])
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", FRONT_END])
def test_who_is_not_named_may_read_nothing_and_pages_are_for_nobody(client, path, origin):
    answer = client.get(path, headers={"Origin": origin})
    assert ("Access-Control-Allow-Origin" in answer) == (path == ARTICLES and origin == FRONT_END)


def test_everybody_may_call_where_that_is_said_and_none_is_sent_cookies(settings):
    settings.CORS_ALLOW_ALL_ORIGINS = True
    answer = stranger().get(ARTICLES, headers={"Origin": "https://anybody.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://a.example.org", True),
        ("https://a.b-1.example.org", True),
        ("https://example.org", False),
        ("http://a.example.org", False),
        ("https://a.example.org:8443", False),
        ("https://a.example.org.evil.example", False),
        ("https://aexample.org", False),
        ("https://a.exampleXorg", False),
        ("https://evil.example/.example.org", False),
    ],
)
def test_all_below_a_host_may_call_and_none_that_only_looks_like_it(settings, origin, may):
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [env.subdomains("https://*.example.org")]
    answer = stranger().get(ARTICLES, headers={"Origin": origin})
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is may


def complaints():
    return [error.id for error in run_checks(tags=["security"]) if (error.id or "").startswith("blogsite.")]


@pytest.mark.parametrize("wildcard", [{"CORS_ALLOW_ALL_ORIGINS": True}, {"CORS_ALLOWED_ORIGIN_REGEXES": ["x"]}])
def test_cookies_for_whoever_asks_are_refused_at_the_start(settings, wildcard):
    assert complaints() == []
    settings.CORS_ALLOW_CREDENTIALS = True
    assert complaints() == []
    for name, value in wildcard.items():
        setattr(settings, name, value)
    assert complaints() == ["blogsite.E001"]


def test_the_setting_is_read_as_it_is_meant(monkeypatch):
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", "https://Example.org, https://*.Example.org")
    assert env.callers("CORS_ALLOWED_ORIGINS", []) == ["https://example.org", "https://*.example.org"]
    assert re.fullmatch(env.subdomains("https://*.example.org:81"), "https://a.example.org:81")
