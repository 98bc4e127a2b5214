import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import roles
from accounts.models import PersonalToken, User
from accounts.roles import Role
from blogsite.tests.threads import while_unsaved

PASSWORD = "correct horse battery"


def account(username, role=None, **fields):
    user = User.objects.create_user(username, f"{username}@example.com", PASSWORD, **fields)
    roles.assign(user, role)
    return user


@pytest.fixture
def ada(db):
    """An administrator, and no superuser."""
    return account("ada", Role.ADMINISTRATOR)


@pytest.fixture
def desk(ada):
    browser = Client()
    browser.force_login(ada)
    return browser


def save(desk, user, **typed):
    """What the browser sends from an account's form, with this typed in it."""
    sent = {"username": user.username, "email": user.email, "role": roles.role_of(user) or "", "is_active": "on"}
    sent = {name: value for name, value in (sent | typed).items() if value is not None}
    return desk.post(reverse("admin:accounts_user_change", args=[user.pk]), sent)


def act(desk, action, *users):
    chosen = {"action": action, "_selected_action": [user.pk for user in users], "index": 0}
    return desk.post(reverse("admin:accounts_user_changelist"), chosen, follow=True)


def test_an_account_is_made_with_its_role(desk):
    typed = {"username": "bob", "email": "bob@example.com", "role": "Editor", "usable_password": "true"}
    desk.post(reverse("admin:accounts_user_add"), typed | {"password1": PASSWORD, "password2": PASSWORD})
    bob = User.objects.get(username="bob")
    assert (roles.role_of(bob), bob.is_staff, bob.check_password(PASSWORD)) == (Role.EDITOR, True, True)


@pytest.mark.parametrize("role", ["", *Role.values])
def test_a_role_is_given_and_taken_back(desk, role):
    bob = account("bob", Role.AUTHOR)
    save(desk, bob, role=role)
    bob = User.objects.get(pk=bob.pk)
    assert (roles.role_of(bob) or "", bob.is_staff) == (role, bool(role))


def test_accounts_are_found_by_role(desk, ada):
    account("bob", Role.AUTHOR)
    reader, root = account("reader"), User.objects.create_superuser("root", "root@example.com")
    for asked, found in (("Administrator", [ada, root]), ("none", [reader]), ("Editor", [])):
        page = desk.get(reverse("admin:accounts_user_changelist"), {"role": asked})
        assert list(page.context["cl"].result_list) == found


def test_administrators_make_no_superusers(desk, ada):
    bob = account("bob", Role.AUTHOR)
    for user in (ada, bob):
        save(desk, user, is_superuser="on", is_staff="on", user_permissions=[1], groups=[Group.objects.first().pk])
        user.refresh_from_db()
        assert (user.is_superuser, user.user_permissions.count()) == (False, 0)
        assert user.groups.count() == 1


def test_administrators_do_not_touch_superusers(desk):
    root = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    assert save(desk, root, username="renamed").status_code == 403
    new = {"password1": "another long password", "password2": "another long password", "usable_password": "true"}
    assert desk.post(reverse("admin:auth_user_password_change", args=[root.pk]), new).status_code == 403
    assert desk.post(reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"}).status_code == 403
    act(desk, "deactivate", root)
    act(desk, "delete_selected", root)
    root.refresh_from_db()
    assert (root.username, root.is_active, root.check_password(PASSWORD)) == ("root", True, True)


def test_superusers_make_superusers(client, db):
    client.force_login(User.objects.create_superuser("root", "root@example.com"))
    bob = account("bob", Role.AUTHOR)
    save(client, bob, is_superuser="on")
    bob.refresh_from_db()
    assert (bob.is_superuser, bob.is_staff) == (True, True)
    save(client, bob)
    bob = User.objects.get(pk=bob.pk)
    assert (bob.is_superuser, roles.role_of(bob)) == (False, Role.ADMINISTRATOR)


@pytest.mark.parametrize("typed", [{"role": "Editor"}, {"role": ""}, {"is_active": None}])
def test_the_last_administrator_stays_one(desk, ada, typed):
    account("gone", Role.ADMINISTRATOR, is_active=False)
    assert "Make somebody one first" in save(desk, ada, **typed).text
    ada = User.objects.get(pk=ada.pk)
    assert (roles.role_of(ada), ada.is_active) == (Role.ADMINISTRATOR, True)
    account("bob", Role.ADMINISTRATOR)
    assert save(desk, ada, **typed).status_code == 302


def test_the_last_administrator_keeps_a_password(desk, ada):
    desk.post(
        reverse("admin:auth_user_password_change", args=[ada.pk]), {"usable_password": "false", "unset-password": ""}
    )
    ada.refresh_from_db()
    assert ada.has_usable_password()


def test_nobody_deletes_or_deactivates_their_own_account(desk, ada):
    account("bob", Role.ADMINISTRATOR)
    assert desk.post(reverse("admin:accounts_user_delete", args=[ada.pk]), {"post": "yes"}).status_code == 403
    assert "Your own account stays active" in act(desk, "deactivate", ada).text
    ada.refresh_from_db()
    assert ada.is_active


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "remove",
    [
        lambda desk, user: save(desk, user, role="Editor"),
        lambda desk, user: act(desk, "deactivate", user),
        lambda desk, user: desk.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}),
    ],
    ids=["demote", "deactivate", "delete"],
)
def test_of_two_administrators_who_remove_each_other_one_stays(remove):
    ada, bob = account("ada", Role.ADMINISTRATOR), account("bob", Role.ADMINISTRATOR)
    desks = Client(), Client()
    for desk, user in zip(desks, (ada, bob), strict=True):
        desk.force_login(user)
    while_unsaved(lambda: remove(desks[0], bob), lambda: remove(desks[1], ada))
    assert list(User.objects.filter(roles.leads(), is_active=True)) == [ada]


def test_who_is_deactivated_cannot_sign_in(desk, client):
    bob = account("bob", Role.AUTHOR)
    assert "1 account can&#x27;t sign in any more" in act(desk, "deactivate", bob).text
    assert not client.login(username="bob", password=PASSWORD)


def test_a_taken_name_or_address_is_refused_whatever_its_case(desk):
    account("bob"), account("eve")
    eve = User.objects.get(username="eve")
    assert "This user name is taken" in save(desk, eve, username="BOB").text
    assert "This e-mail address is taken" in save(desk, eve, email="BOB@example.com").text


def test_groups_and_tokens_are_not_on_the_desk(client, db):
    client.force_login(User.objects.create_superuser("root", "root@example.com"))
    index = client.get("/admin/")
    shown = {model["object_name"] for app in index.context["app_list"] for model in app["models"]}
    assert not shown & {"Group", "OutstandingToken", "BlacklistedToken"}


def make(user, **fields):
    chosen = {"name": "nightly backup", "scope": "read", "days": 9} | fields
    return PersonalToken.objects.make(user, **chosen)


def test_administrators_see_all_personal_tokens_and_the_text_of_none(desk, ada):
    bob = account("bob", Role.AUTHOR)
    token, text = make(bob)
    listed = desk.get(reverse("admin:accounts_personaltoken_changelist"))
    one = desk.get(reverse("admin:accounts_personaltoken_change", args=[token.pk]))
    for page in (listed, one):
        assert page.status_code == 200
        assert "nightly backup" in page.text
        assert "bob" in page.text
        assert text not in page.text
        assert token.digest not in page.text


def test_administrators_revoke_personal_tokens(desk):
    token, _ = make(account("bob"))
    desk.post(reverse("admin:accounts_personaltoken_delete", args=[token.pk]), {"post": "yes"})
    assert not PersonalToken.objects.exists()


def test_only_superusers_revoke_the_personal_tokens_of_superusers(desk, client):
    root = account("root", is_superuser=True, is_staff=True)
    token, _ = make(root)
    address = reverse("admin:accounts_personaltoken_delete", args=[token.pk])
    several = {"action": "delete_selected", "_selected_action": [token.pk], "post": "yes"}
    assert desk.post(address, {"post": "yes"}).status_code == 403
    desk.post(reverse("admin:accounts_personaltoken_changelist"), several)
    assert PersonalToken.objects.exists()
    client.force_login(root)
    client.post(address, {"post": "yes"})
    assert not PersonalToken.objects.exists()


def test_administrators_neither_make_nor_change_personal_tokens(desk):
    token, _ = make(account("bob"))
    assert desk.get(reverse("admin:accounts_personaltoken_add")).status_code == 403
    changed = {"name": "changed", "scope": "write"}
    assert desk.post(reverse("admin:accounts_personaltoken_change", args=[token.pk]), changed).status_code == 403
    token.refresh_from_db()
    assert (token.name, token.scope) == ("nightly backup", "read")


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.AUTHOR, Role.EDITOR])
def test_nobody_else_sees_or_revokes_personal_tokens_at_the_desk(client, role, db):
    client.force_login(account("bob", role))
    token, _ = make(account("eve"))
    for path in ("changelist", "add"):
        assert client.get(reverse(f"admin:accounts_personaltoken_{path}")).status_code == 403
    for path in ("change", "delete"):
        address = reverse(f"admin:accounts_personaltoken_{path}", args=[token.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
    assert PersonalToken.objects.exists()


def test_an_account_leads_to_its_personal_tokens(desk, ada):
    bob = account("bob")
    make(bob), make(ada, name="of another")
    page = desk.get(reverse("admin:accounts_user_change", args=[bob.pk]))
    listed = f"{reverse('admin:accounts_personaltoken_changelist')}?user__id__exact={bob.pk}"
    assert f'<a href="{listed}">1</a>' in page.text
    tokens = desk.get(listed).text
    assert "nightly backup" in tokens
    assert "of another" not in tokens


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_of_personal_tokens_takes_as_many_queries_for_one_as_for_many(desk, number):
    for index in range(number):
        make(account(f"bob{index}"))
    with CaptureQueriesContext(connection) as captured:
        desk.get(reverse("admin:accounts_personaltoken_changelist"))
    assert len(captured) <= 8
