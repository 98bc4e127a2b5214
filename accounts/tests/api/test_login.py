"""Signing in, and how wrong attempts are told apart by nobody and slowed down."""

import bcrypt
import pytest
import time_machine
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher, identify_hasher, make_password
from rest_framework_simplejwt.tokens import AccessToken

from accounts.hashers import Argon2PasswordHasher, BCryptPasswordHasher
from accounts.models import User
from accounts.tests.api.clients import API, PASSWORD, account, as_json, bearing, forget_failures, stranger

pytestmark = pytest.mark.django_db
FORMER = 1024  # KiB, of the hashes that are replaced
REFUSED = {"detail": "Incorrect username or password"}


def log_in(username="ada", password=PASSWORD, **extra):
    return stranger().post(f"{API}/auth/login", {"username": username, "password": password}, **extra)


def token(username="ada", password=PASSWORD):
    return stranger().post(f"{API}/auth/token", **as_json({"username": username, "password": password}))


@pytest.mark.parametrize("name", ["ada", "ADA", "Ada@Example.com"])
def test_the_user_name_or_the_address_signs_in_whatever_the_case(name):
    account()
    answer = log_in(name)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "refresh_token", "expires_in"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 30 * 60
    assert answer["Cache-Control"] == "no-store"
    assert bearing(answer.json()["access_token"]).get(f"{API}/users/me").json()["username"] == "ada"


def test_the_fields_of_the_oauth2_grant_are_accepted_and_both_kinds_of_form(client):
    account()
    form = {"grant_type": "password", "scope": "", "client_id": "x", "client_secret": "y"}
    form |= {"username": "ada", "password": PASSWORD}
    multipart = client.post(f"{API}/auth/login/", form)
    urlencoded = client.post(
        f"{API}/auth/login",
        "grant_type=password&username=ada&password=correct+horse+battery",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": "Bearer an-old-one"},
    )
    assert (multipart.status_code, urlencoded.status_code) == (200, 200)


def test_a_token_names_its_account_by_id_and_tells_nothing_personal():
    user = account()
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):  # it is made in more than one moment
        payload = AccessToken(log_in().json()["access_token"]).payload
    assert payload["sub"] == str(user.pk)
    assert payload.keys() == {"token_type", "exp", "iat", "jti", "sub", "sid", "stamp"}
    assert payload["exp"] - payload["iat"] == 30 * 60
    assert user.password not in str(payload)


@pytest.mark.parametrize("door", [log_in, token])
@pytest.mark.parametrize("who", ["nobody", "ada", "gone"])
def test_wrong_name_wrong_password_and_inactive_account_get_one_answer(door, who):
    account()
    account("gone", is_active=False)
    answer = door(who, PASSWORD if who == "gone" else "wrong")
    assert answer.status_code == 401
    assert answer.json() == REFUSED
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("who", ["nobody", "ada", "gone", "imported", "locked"])
@pytest.mark.parametrize("kinds", [["md5"], ["bcrypt", "md5"]])
def test_every_refusal_takes_the_same_work(who, kinds, hashed, settings):
    """With each kind of hash that is in use, or the slowest would tell of whom it is."""
    account()
    account("gone", is_active=False)
    User.objects.create_user("locked", "locked@example.com")  # with no password that could be right
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "accounts.hashers.BCryptPasswordHasher"]
    imported = account("imported")
    if "bcrypt" in kinds:
        imported.password = make_password(PASSWORD, hasher="bcrypt")
        imported.save()
    hashed.clear()
    assert log_in(who, PASSWORD if who == "gone" else "wrong").status_code == 401
    assert sorted(hashed) == kinds


@pytest.fixture
def hashed(monkeypatch):
    """The kind of hash, each time that one was made."""
    hashed = []
    for hasher in (MD5PasswordHasher, BCryptPasswordHasher):

        def encode(self, *args, before=hasher.encode):
            hashed.append(self.algorithm)
            return before(self, *args)

        monkeypatch.setattr(hasher, "encode", encode)
    monkeypatch.setattr(BCryptPasswordHasher, "rounds", 4)
    return hashed


def test_what_is_missing_is_named():
    assert stranger().post(f"{API}/auth/login", {"username": "ada"}).json() == {"password": ["This field is required."]}
    assert log_in("", "").json().keys() == {"username", "password"}


def test_login_takes_forms_and_token_takes_json():
    account()
    as_json = stranger().post(f"{API}/auth/login", {"username": "ada", "password": PASSWORD}, format="json")
    as_form = stranger().post(f"{API}/auth/token", {"username": "ada", "password": PASSWORD})
    assert (as_json.status_code, as_form.status_code) == (415, 415)
    assert token().json().keys() == {"access", "refresh"}


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "ada\n", "x" * 100_000, ["ada"], {"a": 1}, 5, None])
def test_names_that_nobody_can_have_are_refused(name):
    assert token(name).status_code in {400, 401}


def test_a_bcrypt_hash_of_the_former_service_works_and_is_replaced(settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2PasswordHasher", *settings.PASSWORD_HASHERS,
                                 "django.contrib.auth.hashers.BCryptPasswordHasher"]  # fmt: skip
    former = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user = account()
    User.objects.filter(pk=user.pk).update(password=f"bcrypt${former}")
    answer = log_in()
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "argon2"
    assert user.password.startswith("argon2$argon2id$")
    assert bearing(answer.json()["access_token"]).get(f"{API}/users/me").status_code == 200


class TestArgon2:
    @pytest.fixture(autouse=True)
    def hashers(self, settings):
        settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2PasswordHasher"]

    def test_it_has_the_parameters_that_owasp_recommends(self):
        assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")

    def test_a_hash_with_former_parameters_works_and_is_replaced(self, former):
        assert log_in().status_code == 200
        former.refresh_from_db()
        assert former.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert log_in().status_code == 200

    @pytest.mark.parametrize("who", ["nobody", "ada", "bob"])
    def test_every_refusal_takes_both_costs_while_there_is_a_former_hash(self, who, former, costs):
        account("bob")
        costs.clear()
        assert log_in(who, "wrong").status_code == 401
        assert sorted(costs) == [FORMER, Argon2PasswordHasher.memory_cost]

    @pytest.mark.parametrize("who", ["nobody", "ada"])
    def test_with_the_last_one_gone_only_the_lower(self, who, costs):
        account()
        costs.clear()
        assert log_in(who, "wrong").status_code == 401
        assert costs == [Argon2PasswordHasher.memory_cost]

    @pytest.fixture
    def former(self, monkeypatch):
        monkeypatch.setattr(hashers.Argon2PasswordHasher, "memory_cost", FORMER)  # or the test would be slow
        user = account()
        User.objects.filter(pk=user.pk).update(password=hashers.Argon2PasswordHasher().encode(PASSWORD, "a" * 22))
        user.refresh_from_db()
        return user

    @pytest.fixture
    def costs(self, monkeypatch):
        """The memory that was taken, each time that a hash was made or compared."""
        costs = []

        def encode(self, *args, before=hashers.Argon2PasswordHasher.encode):
            costs.append(self.memory_cost)
            return before(self, *args)

        def verify(self, password, encoded, before=hashers.Argon2PasswordHasher.verify):
            costs.append(self.decode(encoded)["memory_cost"])
            return before(self, password, encoded)

        monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", encode)
        monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", verify)
        return costs


class TestThrottle:
    @pytest.fixture(autouse=True)
    def clock(self, settings):
        """Failures are counted by the quarter of an hour: one that ends amid a test would forget them."""
        settings.LOGIN_FAILURES_PER_ACCOUNT, settings.LOGIN_FAILURES_PER_ADDRESS = 3, 5
        with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as clock:
            yield clock

    @pytest.mark.parametrize("door", [log_in, token])
    def test_after_too_many_failures_even_the_right_password_waits(self, door):
        account()
        assert [door(password="wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
        answer = door()
        assert answer.status_code == 429
        assert answer.json()["detail"].startswith("Too many failed logins.")
        assert 0 < int(answer["Retry-After"]) <= 15 * 60

    def test_a_name_in_another_case_is_the_same_account(self):
        account()
        for name in ("ada", "ADA", "Ada"):
            log_in(name, "wrong")
        assert log_in().status_code == 429

    def test_an_address_that_tries_many_names_waits_and_others_do_not(self):
        account()
        for number in range(5):
            log_in(f"name{number}", "wrong")
        assert log_in().status_code == 429
        assert log_in(REMOTE_ADDR="198.51.100.7").status_code == 200

    def test_addresses_of_one_ipv6_network_are_one(self):
        for number in range(5):
            log_in(f"name{number}", "wrong", REMOTE_ADDR=f"2001:db8::{number}")
        assert log_in("name9", REMOTE_ADDR="2001:db8::ffff").status_code == 429
        assert log_in("name9", REMOTE_ADDR="2001:db8:0:1::1").status_code == 401

    def test_a_forwarded_address_is_not_believed_without_a_proxy(self):
        for number in range(5):
            log_in(f"name{number}", "wrong", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        assert log_in("name9", headers={"X-Forwarded-For": "203.0.113.99"}).status_code == 429

    def test_behind_a_proxy_the_address_that_it_tells_counts(self, settings):
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
        for number in range(5):
            log_in(f"name{number}", "wrong", headers={"X-Forwarded-For": f"made-up-{number}, 203.0.113.1"})
        assert log_in("name9", headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 429
        assert log_in("name9", headers={"X-Forwarded-For": "203.0.113.2"}).status_code == 401

    def test_behind_two_proxies_the_address_that_the_first_tells_counts(self, settings):
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 2}
        for number in range(5):
            log_in(f"name{number}", "wrong", headers={"X-Forwarded-For": "203.0.113.1, 10.0.0.1"})
        assert log_in("name9", headers={"X-Forwarded-For": "203.0.113.1, 10.0.0.1"}).status_code == 429
        assert log_in("name9", headers={"X-Forwarded-For": "203.0.113.2, 10.0.0.1"}).status_code == 401

    def test_without_its_counters_the_site_asks_to_come_again(self, settings):
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        answer = log_in("ada", "wrong")
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "Try again" in answer.json()["detail"]

    def test_successes_are_not_counted(self):
        account()
        assert {log_in().status_code for _ in range(8)} == {200}

    def test_the_wait_ends(self, clock):
        account()
        for _ in range(4):
            wait = log_in(password="wrong").get("Retry-After")
        clock.shift(int(wait) - 1)
        assert log_in().status_code == 429
        clock.shift(1)
        assert log_in().status_code == 200

    def test_counters_that_forget_amid_an_attempt_stops_nobody(self, monkeypatch):
        account()
        monkeypatch.setattr(User, "check_password", lambda *_: forget_failures() or True)
        assert log_in().status_code == 200
