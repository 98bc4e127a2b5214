"""Personal access tokens: what scripts may do with one, and who makes and revokes them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonalToken
from accounts.models.token import MAX_TOKENS, PREFIX
from accounts.tests.api.clients import API, PASSWORD, account, as_json, bearing, signed_in, stranger

pytestmark = pytest.mark.django_db
ME = f"{API}/users/me"
TOKENS = f"{ME}/tokens/"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
REFUSED = {"detail": "Could not validate credentials"}
FORBIDDEN = {"detail": "Not authorized"}
WRONG: dict[str, list[Any]] = {
    "name": [None, "", " ", "x" * 101, 5, [], "nul\0", "\ud800"],
    "scope": ["admin", "", None, 5, [], {}],
    "days": [0, 367, -1, "", None, "soon", 1.5, 10**30, True, []],
}


@pytest.fixture
def user():
    return account()


def make(user, scope="write", days=90, name="script"):
    return PersonalToken.objects.make(user, name=name, scope=scope, days=days)


def script(user, scope="write"):
    return bearing(make(user, scope)[1])


@time_machine.travel(NOON, tick=False)
def test_one_is_made_and_shown_once(user):
    client = signed_in(user)
    made = client.post(TOKENS, **as_json({"name": " backup "}))
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    text = made.json()["token"]
    assert text.startswith(PREFIX)
    assert len(text) == len(PREFIX) + 43  # 32 bytes
    shown = {name: value for name, value in made.json().items() if name != "token"}
    assert shown == {
        "id": PersonalToken.objects.get().pk,
        "name": "backup",
        "scope": "read",
        "created_at": "2026-05-01T12:00:00Z",
        "expires_at": "2026-07-30T12:00:00Z",
        "last_used_at": None,
    }
    assert client.get(made["Location"]).json() == shown
    assert client.get(TOKENS).json() == [shown]
    assert bearing(text).get(ME).json()["username"] == "ada"


def test_its_text_is_nowhere_in_the_database(user):
    token, text = make(user)
    kept = PersonalToken.objects.filter(pk=token.pk).values().get()
    assert not any(text.removeprefix(PREFIX) in str(value) for value in kept.values())


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_what_makes_no_token_is_refused_by_the_name_of_the_field(user, field, value):
    answer = signed_in(user).post(TOKENS, **as_json({"name": "backup", field: value}))
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not PersonalToken.objects.exists()


@pytest.mark.parametrize("days", [1, 366])
def test_it_is_good_for_as_many_days_as_were_chosen(user, days):
    with time_machine.travel(NOON, tick=False):
        text = signed_in(user).post(TOKENS, **as_json({"name": "backup", "days": days})).json()["token"]
    for late, status in ((timedelta(seconds=-1), 200), (timedelta(), 401)):
        with time_machine.travel(NOON + timedelta(days=days) + late, tick=False):
            assert bearing(text).get(ME).status_code == status


def test_an_account_has_so_many_and_no_more(user):
    PersonalToken.objects.bulk_create(
        PersonalToken(user=user, name="x", digest=str(number), stamp=user.stamp, expires_at=datetime.now(UTC))
        for number in range(MAX_TOKENS)
    )
    answer = signed_in(user).post(TOKENS, **as_json({"name": "one more"}))
    assert (answer.status_code, list(answer.json())) == (400, ["name"])
    assert signed_in(account("eve")).post(TOKENS, **as_json({"name": "one"})).status_code == 201


def test_one_that_only_reads_is_refused_whatever_is_not_reading(user):
    client = script(user, "read")
    for method in ("get", "head", "options"):
        assert getattr(client, method)(ME).status_code == 200
    for method, path in (("post", "/articles/"), ("patch", "/users/me"), ("delete", "/articles/1")):
        answer = getattr(client, method)(API + path, **as_json({"name": "Ada", "title": "T", "content": "C" * 10}))
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    user.refresh_from_db()
    assert user.name == ""


def test_one_that_writes_may_what_its_account_may(user):
    client = script(user)
    assert client.patch(ME, **as_json({"name": "Ada"})).json()["name"] == "Ada"
    assert (
        client.post(f"{API}/articles/", **as_json({"title": "T", "content": "C" * 10})).status_code == 403
    )  # a reader


def test_no_personal_token_gets_a_hold_on_the_account(user):
    token, _ = make(user)
    client = script(user)
    new = as_json({"current_password": PASSWORD, "new_password": "staple battery correct"})
    answers = [
        client.get(TOKENS),
        client.post(TOKENS, **as_json({"name": "another"})),
        client.get(f"{TOKENS}{token.pk}"),
        client.delete(f"{TOKENS}{token.pk}"),
        client.post(f"{ME}/password", **new),
        client.patch(ME, **as_json({"email": "eve@example.com", "name": "Eve"})),
    ]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(403, FORBIDDEN)] * len(answers)
    user.refresh_from_db()
    assert (user.email, user.name, user.personal_tokens.count()) == ("ada@example.com", "", 2)


def test_who_has_no_token_is_told_that_one_is_needed(user):
    for answer in (stranger().get(TOKENS), stranger().post(TOKENS), stranger().delete(f"{TOKENS}1")):
        assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


def test_a_revoked_one_is_refused_at_once(user):
    token, text = make(user)
    assert signed_in(user).delete(f"{TOKENS}{token.pk}/").status_code == 204
    answer = bearing(text).get(f"{API}/articles/")
    assert (answer.status_code, answer.json(), answer["WWW-Authenticate"]) == (401, REFUSED, "Bearer")


def test_if_match_guards_the_token_that_was_seen(user):
    path = f"{TOKENS}{make(user)[0].pk}"
    client = signed_in(user)
    assert client.delete(path, headers={"If-Match": '"other"'}).status_code == 412
    assert client.delete(path, headers={"If-Match": client.get(path)["ETag"]}).status_code == 204


def test_those_of_others_do_not_exist(user):
    token, _ = make(account("eve"))
    client = signed_in(user)
    assert client.get(TOKENS).json() == []
    for answer in (
        client.get(f"{TOKENS}{token.pk}"),
        client.delete(f"{TOKENS}{token.pk}"),
        client.get(f"{TOKENS}{9**18}"),
    ):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Token not found"})
    assert PersonalToken.objects.exists()


def test_its_last_use_is_noted_to_the_minute(user):
    token, text = make(user)

    def used(at):
        with time_machine.travel(at, tick=False), CaptureQueriesContext(connection) as captured:
            bearing(text).get(f"{API}/nowhere")
            bearing(text).get(ME)
        token.refresh_from_db()
        return token.last_used_at, sum(query["sql"].startswith("UPDATE") for query in captured)

    assert used(NOON) == (NOON, 1)
    assert used(NOON + timedelta(seconds=59)) == (NOON, 0)
    assert used(NOON + timedelta(seconds=60)) == (NOON + timedelta(seconds=60), 1)


def test_a_use_that_cannot_be_noted_is_served_all_the_same(user):
    client = script(user)
    with patch.object(QuerySet, "update", side_effect=OperationalError("locked")):
        assert client.get(ME).status_code == 200


@pytest.mark.parametrize("number", [1, 10])
def test_a_request_with_one_takes_one_query_to_know_its_account_as_the_list_of_them_takes_one(user, number):
    tokens = [make(user)[1] for _ in range(number)]
    client = bearing(tokens[0])
    client.get(ME)  # notes its use
    for asking, path, queries in ((client, ME, 2), (signed_in(user), TOKENS, 2)):
        with CaptureQueriesContext(connection) as captured:
            asking.get(path)
        assert len(captured) == queries
