"""The door of the desk, where passwords are guessed as seldom as at the API."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.attempts import COOKIE
from accounts.models import User
from accounts.roles import Role
from accounts.tests.api.clients import API, PASSWORD, account, forget_failures

pytestmark = pytest.mark.django_db
WAIT = "Too many failed sign-ins. Try again in 15 minutes."


@pytest.fixture(autouse=True)
def clock(settings):
    """Failures are counted by the quarter of an hour: here one begins, and stands still."""
    forget_failures()
    settings.LOGIN_FAILURES_PER_ACCOUNT, settings.LOGIN_FAILURES_PER_ADDRESS = 2, 5
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as clock:
        yield clock
    forget_failures()


@pytest.fixture
def ada():
    user = account()
    roles.assign(user, Role.EDITOR)
    return user


def sign_in(username="ada", password=PASSWORD, **extra):
    return Client().post(reverse("admin:login"), {"username": username, "password": password}, **extra)


def log_in_to_the_api(password):
    return Client().post(f"{API}/auth/login", {"username": "ada", "password": password})


@pytest.mark.usefixtures("ada")
def test_after_too_many_failures_the_form_says_how_long_to_wait(clock):
    assert [sign_in(password="wrong").status_code for _ in range(3)] == [200, 200, 429]
    refused = sign_in()
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert WAIT in refused.text
    clock.shift(900)
    assert sign_in().status_code == 302


@pytest.mark.usefixtures("ada")
def test_desk_and_api_count_together():
    assert sign_in("ADA", "wrong").status_code == 200
    assert log_in_to_the_api("wrong").status_code == 401
    assert (sign_in().status_code, log_in_to_the_api(PASSWORD).status_code) == (429, 429)


@pytest.mark.usefixtures("ada")
def test_failures_of_strangers_do_not_keep_out_who_has_signed_in_with_this_browser_before():
    browser = Client()
    sent = {"username": "Ada", "password": PASSWORD}
    cookie = browser.post(reverse("admin:login"), sent).cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", reverse("admin:index"))
    browser.logout()
    browser.cookies[COOKIE] = cookie.value  # Django's test client has thrown it away
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        sign_in(password="wrong", REMOTE_ADDR=address)
    assert sign_in().status_code == 429
    assert browser.post(reverse("admin:login"), sent | {"username": "bob"}).status_code == 200
    assert [browser.post(reverse("admin:login"), sent | {"password": "wrong"}).status_code for _ in range(2)] == [
        200
    ] * 2
    assert browser.post(reverse("admin:login"), sent).status_code == 429


@pytest.mark.usefixtures("ada")
def test_successes_and_forms_left_empty_are_not_counted():
    assert {sign_in().status_code for _ in range(4)} == {302}
    assert {sign_in(password="").status_code for _ in range(4)} == {200}
    assert sign_in().status_code == 302


@pytest.mark.usefixtures("ada")
def test_an_address_that_tries_many_names_waits_and_others_do_not():
    for number in range(5):
        sign_in(f"name{number}", "wrong")
    assert sign_in().status_code == 429
    assert sign_in(REMOTE_ADDR="198.51.100.7").status_code == 302


def test_a_session_left_open_does_not_guess_the_password_for_long(ada):
    browser = Client()
    browser.force_login(ada)

    def change(old):
        new = {"new_password1": "another good one 7", "new_password2": "another good one 7"}
        return browser.post(reverse("admin:password_change"), {"old_password": old, **new})

    assert [change("wrong").status_code for _ in range(3)] == [200, 200, 429]
    assert WAIT in change(PASSWORD).text
    forget_failures()
    assert change(PASSWORD).status_code == 302
    assert User.objects.get().check_password("another good one 7")


def test_where_failures_can_not_be_counted_nobody_signs_in(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    browser = Client(raise_request_exception=False)
    answer = browser.post(reverse("admin:login"), {"username": "ada", "password": "wrong"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
