"""The page of one's own: who one is, and the tokens of one's scripts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.models import PersonalToken
from accounts.models.token import MAX_TOKENS, PREFIX
from accounts.roles import Role
from accounts.tests.api.clients import account, bearing

pytestmark = pytest.mark.django_db
PROFILE = "/accounts/profile/"
TYPED = {"name": "nightly backup", "scope": "read", "days": "30"}


@pytest.fixture
def ada():
    user = account("ada", name="Ada Lovelace")
    roles.assign(user, Role.AUTHOR)
    return user


@pytest.fixture
def browser(ada):
    browser = Client()
    browser.force_login(ada)
    return browser


def make(user, name="script", days=1):
    return PersonalToken.objects.make(user, name=name, scope="read", days=days)


def test_strangers_are_asked_to_sign_in(client):
    for answer in (client.get(PROFILE), client.post(PROFILE, TYPED), client.post(f"{PROFILE}tokens/1/revoke/")):
        assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={PROFILE}")


def test_it_says_who_one_is_and_is_for_nobody_else(browser):
    page = browser.get(PROFILE)
    assert "Ada Lovelace" in page.text
    assert "ada · Author" in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert {"no-store", "private"} <= set(page["Cache-Control"].split(", "))


def test_a_token_is_made_and_shown_once(browser, ada):
    page = browser.post(PROFILE, TYPED)
    token = PersonalToken.objects.get()
    text = page.context["text"]
    assert f'<code class="made__text">{text}</code>' in page.text
    assert "no-store" in page["Cache-Control"]
    assert (token.user, token.name, token.scope) == (ada, "nightly backup", "read")
    assert token.expires_at - token.created_at == pytest.approx(timedelta(days=30), abs=timedelta(seconds=9))
    assert bearing(text).get("/api/v1/users/me").status_code == 200
    assert PREFIX not in browser.get(PROFILE).text
    assert PREFIX not in str(page.cookies) + str(dict(browser.session.items()))


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 101}, {"scope": "all"}, {"days": "0"}, {"days": "367"}])
def test_what_makes_no_token_is_told_with_its_field(browser, wrong):
    page = browser.post(PROFILE, TYPED | wrong)
    assert list(page.context["form"].errors) == list(wrong)
    assert 'aria-invalid="true"' in page.text
    assert "no-store" in page["Cache-Control"]
    assert not PersonalToken.objects.exists()


def test_there_are_so_many_and_no_more(browser, ada):
    PersonalToken.objects.bulk_create(
        PersonalToken(user=ada, name="x", digest=str(number), stamp=ada.stamp, expires_at=timezone.now())
        for number in range(MAX_TOKENS)
    )
    assert "Revoke one first" in browser.post(PROFILE, TYPED).text


def test_one_is_revoked_and_those_of_others_are_not(browser, ada):
    mine, text = make(ada, name="nightly <backup>")
    others, _ = make(account("eve"))
    page = browser.post(f"{PROFILE}tokens/{mine.pk}/revoke/", follow=True)
    assert "“nightly &lt;backup&gt;” is revoked" in page.text
    assert bearing(text).get("/api/v1/users/me").status_code == 401
    assert browser.post(f"{PROFILE}tokens/{others.pk}/revoke/").status_code == 404
    assert list(PersonalToken.objects.all()) == [others]


def test_nothing_is_made_or_revoked_for_a_form_of_another_site(ada):
    token, _ = make(ada)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    for path in (PROFILE, f"{PROFILE}tokens/{token.pk}/revoke/"):
        assert browser.post(path, TYPED).status_code == 403
    assert list(PersonalToken.objects.all()) == [token]


def test_looking_revokes_nothing(browser, ada):
    token, _ = make(ada)
    assert browser.get(f"{PROFILE}tokens/{token.pk}/revoke/").status_code == 405


@pytest.mark.parametrize("number", [1, 20])
def test_it_takes_as_many_queries_for_one_token_as_for_many(browser, ada, number):
    for _ in range(number):
        make(ada)
    with CaptureQueriesContext(connection) as captured:
        browser.get(PROFILE)
    assert len(captured) == 5  # the session, its account, the roles of that, the tokens, the site


def test_the_desk_leads_there(browser):
    assert f'href="{PROFILE}"' in browser.get("/admin/").text
