"""A new password, whichever door it comes through, ends the tokens issued before; so does being deactivated."""

from unittest.mock import patch

import bcrypt
import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.api.tokens import sign_in
from accounts.models import PersonalToken, User
from accounts.roles import Role
from accounts.tests.api.clients import API, PASSWORD, account, as_json, bearing, stranger

pytestmark = pytest.mark.django_db
NEW = "staple battery correct horse"


class Program:
    """It holds tokens of every kind."""

    def __init__(self, user):
        refresh = sign_in(user)
        _, personal = PersonalToken.objects.make(user, name="script", scope="write", days=1)
        self.refresh, self.access, self.personal = str(refresh), str(refresh.access_token), personal

    def is_served(self):
        answers = [bearing(token).get(f"{API}/articles/").status_code for token in (self.access, self.personal)]
        verified = as_json({"token": self.refresh})
        answers.append(stranger().post(f"{API}/auth/token/verify", **verified).status_code)
        assert set(answers) in ({200}, {401})
        return answers[0] == 200


def hashed(password):
    return "bcrypt$" + bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def api(user):
    sent = as_json({"current_password": PASSWORD, "new_password": NEW})
    assert bearing(sign_in(user).access_token).post(f"{API}/users/me/password", **sent).status_code == 204


def desk(user):
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", "root@example.com"))
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert browser.post(reverse("admin:auth_user_password_change", args=[user.pk]), sent).status_code == 302


def taken_away_at_the_desk(user):
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", "root@example.com"))
    sent = {"usable_password": "false", "unset-password": ""}
    assert browser.post(reverse("admin:auth_user_password_change", args=[user.pk]), sent).status_code == 302


def own_page_at_the_desk(user):
    roles.assign(user, Role.AUTHOR)
    browser = Client()
    browser.force_login(user)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert browser.post(reverse("admin:password_change"), sent).status_code == 302


def command(user):
    with patch("getpass.getpass", return_value=NEW):
        call_command("changepassword", user.username, verbosity=0)


def another_hash(user):
    user.password = hashed(NEW)
    user.save()


@pytest.mark.parametrize("door", [api, desk, taken_away_at_the_desk, own_page_at_the_desk, command, another_hash])
def test_a_new_password_ends_every_token_issued_before(door):
    user = account()
    program = Program(user)
    assert program.is_served()
    door(User.objects.get(pk=user.pk))
    assert not program.is_served()
    user.refresh_from_db()
    assert Program(user).is_served()


def test_a_personal_token_that_is_made_while_the_password_changes_is_refused():
    at_work = account()
    user = User.objects.get(pk=at_work.pk)
    user.set_password(NEW)
    user.save(update_fields=["password"])
    assert not Program(at_work).is_served()


def test_deactivating_ends_every_token_and_activating_brings_none_back():
    user = account()
    program = Program(user)
    for active in (False, True):
        user.is_active = active
        user.save(update_fields=["is_active"])
        assert not program.is_served()
    assert Program(user).is_served()


def test_deactivating_at_the_desk_does(client):
    client.force_login(User.objects.create_superuser("root", "root@example.com"))
    user = account()
    program = Program(user)
    chosen = {"action": "deactivate", "_selected_action": [user.pk], "index": 0}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    user.refresh_from_db()
    user.is_active = True
    user.save()
    assert not program.is_served()


def test_signing_in_with_an_old_hash_upgrades_it_and_ends_nothing(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.BCryptPasswordHasher"]
    user = account()
    User.objects.filter(pk=user.pk).update(password=hashed(PASSWORD))
    user.refresh_from_db()
    program = Program(user)
    answer = stranger().post(f"{API}/auth/login", {"username": user.username, "password": PASSWORD})
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm != "bcrypt"
    assert program.is_served()
    assert bearing(answer.json()["access_token"]).get(f"{API}/articles/").status_code == 200


@pytest.mark.parametrize("fields", [None, ["name"], ["name", "is_active", "password"]])
def test_changing_anything_else_ends_nothing(fields):
    user = account()
    program = Program(user)
    user.name = "Ada"
    user.save(update_fields=fields)
    assert program.is_served()


def test_an_old_hash_is_not_upgraded_over_a_password_that_is_changed_meanwhile(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.BCryptPasswordHasher"]
    user = account()
    User.objects.filter(pk=user.pk).update(password=hashed(PASSWORD))
    signing_in = User.objects.get(pk=user.pk)
    desk(user)
    assert signing_in.check_password(PASSWORD)
    user.refresh_from_db()
    assert user.check_password(NEW)
