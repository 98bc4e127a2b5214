"""How many requests the API takes, and what it tells of that."""

import re
from pathlib import Path
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError

from accounts.api.authentication import BearerAuthentication
from accounts.api.tokens import sign_in
from accounts.models import User
from accounts.tests.api.clients import API, as_json, bearing, forget_failures, signed_in, stranger

pytestmark = pytest.mark.django_db
VERIFY, ARTICLES, ME = f"{API}/auth/token/verify", f"{API}/articles/", f"{API}/users/me"
LIMITS = [f"{kind}_PER_{who}" for kind in ("READS", "WRITES") for who in ("ACCOUNT", "TOKEN", "ADDRESS")]
# A list of strings with integers as parameters, of RFC 9651.
ITEM = r'"[a-z-]+"(;[a-z]+=[0-9]{1,15})+'


@pytest.fixture(autouse=True)
def clock(settings):
    """No limits but those of the test, eighteen seconds into a minute that stands still."""
    forget_failures()
    for name in LIMITS:
        setattr(settings, name, 0)
    with time_machine.travel("2026-01-01T00:00:18Z", tick=False) as clock:
        yield clock
    forget_failures()


def account(name="ada"):
    return User.objects.create_user(name, f"{name}@example.com")


def statuses(client, number, **extra):
    return [client.get(ARTICLES, **extra).status_code for _ in range(number)]


def test_past_a_limit_the_answer_says_how_long_to_wait(settings, clock):
    settings.READS_PER_ADDRESS = 2
    assert statuses(stranger(), 2) == [200, 200]
    refused = stranger().get(ARTICLES)
    assert (refused.status_code, refused["Retry-After"]) == (429, "42")
    assert refused.json() == {
        "detail": "Too many reads per address: 2 a minute are accepted. Expected available in 42 seconds."
    }
    clock.shift(41)
    assert stranger().get(ARTICLES)["Retry-After"] == "1"
    clock.shift(1)
    assert stranger().get(ARTICLES).status_code == 200


def test_every_answer_tells_all_limits_that_hold_for_it(settings):
    settings.READS_PER_ADDRESS, settings.READS_PER_ACCOUNT, settings.READS_PER_TOKEN = 9, 8, 7
    client = signed_in(account())
    client.get(ARTICLES)
    answer = client.get(ARTICLES)
    assert answer["RateLimit-Policy"] == (
        '"reads-per-address";q=9;w=60, "reads-per-account";q=8;w=60, "reads-per-token";q=7;w=60'
    )
    assert answer["RateLimit"] == (
        '"reads-per-address";r=7;t=42, "reads-per-account";r=6;t=42, "reads-per-token";r=5;t=42'
    )
    for name in ("RateLimit-Policy", "RateLimit"):
        assert re.fullmatch(f"{ITEM}(, {ITEM})*", answer[name])


@pytest.mark.parametrize("method", ["get", "head", "options", "post", "trace"])
def test_refusals_tell_them_too_and_none_is_less_than_nothing(settings, method):
    settings.READS_PER_ADDRESS = settings.WRITES_PER_ADDRESS = 1
    answers = [getattr(stranger(), method)(ARTICLES) for _ in range(3)]
    if method == "trace":  # there is none at this address, whoever asks
        assert {answer.status_code for answer in answers} == {405}
    else:
        assert [answer.status_code for answer in answers] == [401 if method == "post" else 200, 429, 429]
        assert {answer["RateLimit"].partition(";")[2] for answer in answers} == {"r=0;t=42"}


def test_what_has_not_changed_is_answered_so_with_its_limits(settings):
    settings.READS_PER_ADDRESS = 9
    etag = stranger().get(ARTICLES)["ETag"]
    answer = stranger().get(ARTICLES, headers={"If-None-Match": etag})
    assert (answer.status_code, answer["RateLimit"]) == (304, '"reads-per-address";r=7;t=42')


def test_reads_and_writes_are_counted_apart(settings):
    settings.READS_PER_ADDRESS = settings.WRITES_PER_ADDRESS = 1
    assert stranger().get(ARTICLES).status_code == 200
    assert [stranger().post(VERIFY, **as_json({"token": "x"})).status_code for _ in range(2)] == [401, 429]


def test_one_account_is_counted_from_every_address_and_with_every_token(settings):
    settings.READS_PER_ACCOUNT = 2
    user = account()
    assert statuses(signed_in(user), 1, REMOTE_ADDR="192.0.2.1") == [200]
    with time_machine.travel("2026-01-01T00:00:19Z", tick=False):
        assert statuses(signed_in(user), 2, REMOTE_ADDR="192.0.2.2") == [200, 429]
    assert statuses(signed_in(account("bob")), 1) == [200]
    assert statuses(stranger(), 3) == [200, 200, 200]


def test_a_token_is_counted_for_itself(settings):
    settings.READS_PER_TOKEN = 1
    user = account()
    client = signed_in(user)
    assert statuses(client, 2) == [200, 429]
    with time_machine.travel("2026-01-01T00:00:19Z", tick=False):
        assert statuses(signed_in(user), 1) == [200]


def test_a_token_is_the_same_one_however_the_header_is_written(settings):
    settings.READS_PER_TOKEN = 1
    token = sign_in(account()).access_token
    written = [f"Bearer {token}", f"bearer {token}", f"BEARER   {token}"]
    assert [stranger().get(ARTICLES, HTTP_AUTHORIZATION=header).status_code for header in written] == [200, 429, 429]


def test_an_address_is_counted_whoever_asks_and_an_ipv6_network_is_one(settings):
    settings.READS_PER_ADDRESS = 2
    assert statuses(stranger(), 1, REMOTE_ADDR="2001:db8::1") == [200]
    assert statuses(signed_in(account()), 2, REMOTE_ADDR="2001:db8::2") == [200, 429]
    assert statuses(stranger(), 1, REMOTE_ADDR="2001:db8:0:1::1") == [200]


def test_an_ipv4_address_told_as_an_ipv6_one_is_counted_for_itself(settings):
    settings.READS_PER_ADDRESS = 1
    assert statuses(stranger(), 2, REMOTE_ADDR="::ffff:192.0.2.1") == [200, 429]
    assert statuses(stranger(), 1, REMOTE_ADDR="::ffff:192.0.2.2") == [200]
    assert statuses(stranger(), 1, REMOTE_ADDR="192.0.2.1") == [429]


def test_behind_a_proxy_the_address_that_it_tells_is_counted(settings):
    settings.READS_PER_ADDRESS = 1
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for visitor in ("203.0.113.1", "203.0.113.2"):
        assert statuses(stranger(), 2, headers={"X-Forwarded-For": f"made up, {visitor}"}) == [200, 429]


@pytest.mark.parametrize("written", ["203.0.113.1:{}", "[2001:db8::1]:{}"])
def test_the_port_that_some_proxies_tell_makes_nobody_another(settings, written):
    settings.READS_PER_ADDRESS = 1
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    answers = [stranger().get(ARTICLES, headers={"X-Forwarded-For": written.format(port)}) for port in (50_001, 50_002)]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_guessing_tokens_is_counted_by_address(settings):
    settings.READS_PER_ADDRESS = 3
    assert [bearing(f"guess-{number}").get(ME).status_code for number in range(5)] == [401, 401, 401, 429, 429]


def test_without_a_limit_nothing_is_counted_or_told(settings):
    answer = stranger().get(ARTICLES)
    assert not {"RateLimit", "RateLimit-Policy"} & answer.headers.keys()
    assert not Path(settings.COUNTERS_FILE).exists()


def test_where_nothing_can_be_counted_the_api_goes_on(settings, caplog):
    settings.READS_PER_ADDRESS = settings.WRITES_PER_ADDRESS = 1
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert statuses(stranger(), 3) == [200, 200, 200]
    assert len([record for record in caplog.records if record.name == "blogsite.counters"]) == 1


def test_who_asks_is_looked_up_once_though_the_database_is_away(settings, monkeypatch):
    """Each time takes as long as one waits for a connection."""
    settings.READS_PER_ADDRESS = 9
    away = Mock(side_effect=OperationalError)
    monkeypatch.setattr(BearerAuthentication, "authenticate", away)
    assert bearing("a-token").get(ARTICLES).status_code == 503
    assert away.call_count == 1


@pytest.mark.parametrize("number", [0, 1000])
def test_counting_asks_the_database_for_nothing(settings, django_assert_num_queries, number):
    for name in LIMITS:
        setattr(settings, name, number)
    client = signed_in(account())
    with django_assert_num_queries(2):  # whose token it is, and their role
        assert client.get(ME).status_code == 200


def test_the_document_tells_of_the_limits_with_every_operation(client):
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            ours = {status: answer for status, answer in operation["responses"].items() if status != "414"}
            for status, answer in ours.items():
                named = answer.get("$ref", "").rpartition("/")[2]
                headers = (document["components"]["responses"][named] if named else answer)["headers"]
                assert {"RateLimit", "RateLimit-Policy"} <= headers.keys(), (method, path, status)
            assert "429" in operation["responses"], (method, path)
