"""One's own account."""

import pytest
import time_machine

from accounts import roles
from accounts.api.tokens import sign_in
from accounts.api.views import Me
from accounts.models import User
from accounts.roles import Role
from accounts.tests.api.clients import API, PASSWORD, account, as_json, bearing, signed_in, stranger

pytestmark = pytest.mark.django_db
ME = f"{API}/users/me"


def test_an_account_shows_itself_without_its_password():
    user = account()
    roles.assign(user, Role.EDITOR)
    shown = signed_in(user).get(f"{ME}/").json()
    assert shown.keys() == {"id", "username", "email", "name", "bio", "website", "role", "date_joined"}
    assert (shown["username"], shown["role"]) == ("ada", "editor")


def test_name_bio_website_and_address_change_and_nothing_else_does():
    user = account()
    changes = {"name": "Ada Lovelace", "bio": "Counts.", "website": "https://ada.example", "email": "a@example.com"}
    answer = signed_in(user).patch(ME, {**changes, "username": "root", "role": "administrator", "id": 1}, format="json")
    assert answer.status_code == 200
    assert answer.json() == {**answer.json(), **changes, "username": "ada", "role": None, "id": user.pk}
    user.refresh_from_db()
    assert (user.name, user.is_staff, user.username) == ("Ada Lovelace", False, "ada")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "OTHER@example.com"),
        ("email", "nonsense"),
        ("email", ""),
        ("email", None),
        ("name", 5),
        ("name", "x" * 101),
        ("name", "\0"),
        ("bio", "\ud800"),
        ("bio", ["x"]),
        ("website", "javascript:alert(1)"),
    ],
)
def test_what_does_not_fit_is_refused_by_field_and_nothing_changes(field, value):
    account("other")
    user = account()
    answer = signed_in(user).patch(ME, **as_json({"bio": "new", field: value}))
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    user.refresh_from_db()
    assert user.bio == ""


def test_an_account_changes_on_the_present_etag_and_not_on_another():
    user = account()
    client = signed_in(user)
    first = client.get(ME)["ETag"]
    changed = client.patch(ME, {"name": "Ada"}, format="json", headers={"If-Match": first})
    assert (changed.status_code, changed["ETag"]) == (200, client.get(ME)["ETag"])
    for stale in (first, '"1"', "nonsense", ""):
        refused = client.patch(ME, {"name": "Eve"}, format="json", headers={"If-Match": stale})
        assert (refused.status_code, refused.json()) == (412, {"detail": "The account has been changed since."})
    for present in (f'"other", {changed["ETag"]}', f"W/{changed['ETag']}", "*"):
        assert client.patch(ME, {}, format="json", headers={"If-Match": present}).status_code == 200
    assert client.get(ME).json()["name"] == "Ada"


def test_a_change_keeps_what_was_changed_since_the_token_was_looked_up(monkeypatch):
    user = account()

    def late(view):
        User.objects.filter(pk=user.pk).update(bio="Changed meanwhile", is_active=False)
        return user

    monkeypatch.setattr(Me, "get_object", late)
    assert signed_in(user).patch(ME, {"name": "Ada"}, format="json").status_code == 200
    user.refresh_from_db()
    assert (user.name, user.bio, user.is_active) == ("Ada", "Changed meanwhile", False)


def test_an_account_that_goes_meanwhile_is_not_changed(monkeypatch):
    user = account()
    monkeypatch.setattr(Me, "get_object", lambda view: User(pk=0))
    assert signed_in(user).patch(ME, {"name": "Ada"}, format="json").status_code == 401


def test_ones_own_address_in_another_case_is_not_taken():
    assert signed_in(account()).patch(ME, {"email": "ADA@example.com"}, format="json").status_code == 200


@pytest.mark.parametrize("method", ["put", "post", "delete"])
def test_other_methods_are_not_for_accounts(method):
    answer = getattr(stranger(), method)(ME)
    assert answer.status_code == 405
    assert answer.json() == {"detail": f'Method "{method.upper()}" not allowed.'}


class TestPassword:
    def change(self, client, current=PASSWORD, new="another good one 7"):
        return client.post(f"{ME}/password", {"current_password": current, "new_password": new}, format="json")

    def test_after_a_change_every_token_issued_before_is_refused(self):
        user = account()
        refresh = sign_in(user)
        client = bearing(refresh.access_token)
        assert self.change(client).status_code == 204
        assert client.get(ME).status_code == 401
        refreshed = stranger().post(f"{API}/auth/token/refresh", {"refresh": str(refresh)}, format="json")
        assert refreshed.status_code == 401
        form = {"username": "ada", "password": "another good one 7"}
        assert stranger().post(f"{API}/auth/login", form).status_code == 200

    @pytest.mark.parametrize(
        ("field", "current", "new"),
        [
            ("current_password", "wrong", "another good one 7"),
            ("new_password", PASSWORD, "12345678"),
            ("new_password", PASSWORD, "ada@example.com"),
            ("new_password", PASSWORD, "short"),
            ("new_password", PASSWORD, "nul\0 in the middle"),
            ("new_password", PASSWORD, 1234567890123),
        ],
    )
    def test_a_wrong_or_a_weak_one_is_refused_and_nothing_changes(self, field, current, new):
        user = account()
        answer = self.change(signed_in(user), current, new)
        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_one_that_has_been_changed_meanwhile_is_not_changed_again(self, monkeypatch):
        user = account()
        check = User.check_password

        def late(known, password):
            somebody = User.objects.get(pk=user.pk)
            somebody.set_password("who came before 7")
            somebody.save()
            return check(known, password)

        client = signed_in(user)
        monkeypatch.setattr(User, "check_password", late)
        assert self.change(client).status_code == 401
        user.refresh_from_db()
        assert check(user, "who came before 7")

    def test_a_stolen_token_does_not_guess_passwords_for_long(self, settings):
        settings.LOGIN_FAILURES_PER_ACCOUNT = 2
        with time_machine.travel("2026-01-01T00:00:00Z", tick=False):  # failures are counted by the quarter of an hour
            client = signed_in(account())
            assert [self.change(client, "wrong").status_code for _ in range(3)] == [400, 400, 429]
