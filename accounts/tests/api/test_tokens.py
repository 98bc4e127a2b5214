"""What tokens are good for, and until when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock
from uuid import uuid4

import jwt
import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken

from accounts.api.tokens import RefreshToken, sign_in
from accounts.housekeeping import tidy
from accounts.models import Session
from accounts.models.token import PREFIX
from accounts.tests.api.clients import API, account, as_json, bearing, signed_in, stranger

pytestmark = pytest.mark.django_db
REFUSED = {"detail": "Could not validate credentials"}


def post(path, **data):
    return stranger().post(f"{API}/auth/{path}", **as_json(data))


def is_good(access, refresh):
    """Whether both of a pair are taken; both or none is."""
    tried = bearing(access).get(f"{API}/users/me").status_code, post("token/verify", token=str(refresh)).status_code
    assert tried in {(200, 200), (401, 401)}
    return tried == (200, 200)


def forged(settings, user, key=None, algorithm="HS256", **claims):
    payload = {**sign_in(user).access_token.payload, **claims}
    return jwt.encode(payload, key if key is not None else settings.SECRET_KEY, algorithm=algorithm)


def bad_tokens(settings, user):
    expired = sign_in(user).access_token
    expired.set_exp(lifetime=-timedelta(seconds=61))
    yield from ["", "x", "x.y.z", "a b", "é", str(sign_in(user).access_token)[:-2], str(expired)]
    yield str(sign_in(user))
    yield forged(settings, user, key="another secret that is long enough to sign with")
    yield forged(settings, user, algorithm="HS512")
    yield jwt.encode(sign_in(user).access_token.payload, None, algorithm="none")
    for sub in ("0", "x", "", str(2**70), "1\0"):
        yield forged(settings, user, sub=sub)
    for claims in ({"token_type": "other"}, {"stamp": "other"}, {"stamp": None}, {"sid": str(uuid4())}):
        yield forged(settings, user, **claims)
    for sid in ("x", 5, None, [], {}, True, "\0"):
        yield forged(settings, user, sid=sid)
    for exp in (10**20, "soon", "9" * 10, None):
        yield forged(settings, user, exp=exp)
    for moment in ("soon", None, [], 1e300):
        yield forged(settings, user, iat=moment)
        yield forged(settings, user, nbf=moment)
    yield from [PREFIX, f"{PREFIX}x", f"{PREFIX}é", f"{PREFIX}\0"]


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same_on_public_pages_too(settings):
    user = account()
    for token in bad_tokens(settings, user):
        for path in ("/articles/", "/users/me"):
            answer = bearing(token).get(API + path)
            assert (answer.status_code, answer.json()) == (401, REFUSED), token
            assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_of_the_former_service_which_says_no_more_than_who_and_until_when_is_refused(settings):
    claims = {"sub": str(account().pk), "exp": AccessToken().payload["exp"]}
    token = jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")
    for answer in (
        bearing(token).get(f"{API}/articles/"),
        post("token/verify", token=token),
        post("token/refresh", refresh=token),
        post("logout", refresh=token),
    ):
        assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_a_token_of_somebody_gone_or_inactive_is_refused():
    gone, inactive = account("gone"), account("inactive")
    refreshes = [sign_in(user) for user in (gone, inactive)]
    clients = [bearing(refresh.access_token) for refresh in refreshes]
    gone.delete()
    inactive.is_active = False
    inactive.save()
    assert [client.get(f"{API}/articles/").status_code for client in clients] == [401, 401]
    for refresh in refreshes:
        answer = post("token/refresh", refresh=str(refresh))
        assert (answer.status_code, answer.json(), answer["WWW-Authenticate"]) == (401, REFUSED, "Bearer")


def test_a_request_without_the_token_that_it_needs_is_told_so():
    answer = stranger().get(f"{API}/users/me")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_whatever_its_case_and_others_are_passed_over():
    user = account()
    token = sign_in(user).access_token
    assert stranger().get(f"{API}/users/me", headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert stranger().get(f"{API}/users/me", headers={"Authorization": "Basic eDp5"}).json() == {
        "detail": "Not authenticated"
    }


def test_a_refresh_token_is_exchanged_for_tokens_that_work():
    first = str(sign_in(account()))
    answer = post("token/refresh", refresh=first)
    assert answer.status_code == 200
    assert is_good(**answer.json())
    assert post("token/refresh/", refresh=answer.json()["refresh"]).status_code == 200


@pytest.mark.parametrize("path", ["token/refresh", "logout"])
def test_a_refresh_token_that_comes_again_ends_all_that_came_of_its_sign_in(path):
    user = account()
    other, first = sign_in(user), str(sign_in(user))
    second = post("token/refresh", refresh=first).json()
    third = post("token/refresh", refresh=second["refresh"]).json()
    again = post(path, refresh=first)
    assert (again.status_code, again.json(), again["WWW-Authenticate"]) == (401, REFUSED, "Bearer")
    assert not any(is_good(**tokens) for tokens in (second, third))
    assert is_good(other.access_token, other)


def test_asking_whether_a_used_refresh_token_is_good_ends_nothing():
    first = str(sign_in(account()))
    second = post("token/refresh", refresh=first).json()
    assert post("token/verify", token=first).status_code == 401
    assert is_good(**second)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_bring_the_same_refresh_token_at_once_one_is_served_and_its_session_ends():
    user = account()
    refresh = str(sign_in(user))

    def exchange(_):
        try:
            return post("token/refresh", refresh=refresh)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        served, *refused = sorted(pool.map(exchange, range(6)), key=lambda answer: answer.status_code)
    assert [served.status_code, *(answer.status_code for answer in refused)] == [200, 401, 401, 401, 401, 401]
    assert not is_good(**served.json())
    assert not Session.objects.open().exists()


def test_where_the_new_token_cannot_be_made_the_old_one_is_not_used_up(monkeypatch):
    refresh = str(sign_in(account()))
    with monkeypatch.context() as broken:
        broken.setattr(OutstandingToken.objects, "create", Mock(side_effect=OperationalError))
        assert post("token/refresh", refresh=refresh).status_code == 503
    assert post("token/refresh", refresh=refresh).status_code == 200


def test_signing_out_ends_the_session_and_no_other():
    user = account()
    refresh, other = sign_in(user), sign_in(user)
    out = post("logout", refresh=str(refresh))
    assert (out.status_code, out.content) == (204, b"")
    for path in ("token/refresh", "logout"):
        assert post(path, refresh=str(refresh)).status_code == 401
    assert not is_good(refresh.access_token, refresh)
    assert is_good(other.access_token, other)


def test_the_text_of_a_refresh_token_is_not_kept():
    refresh = sign_in(account())
    second = post("token/refresh", refresh=str(refresh)).json()
    post("logout", refresh=second["refresh"])
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}


def test_verify_says_whether_a_token_of_either_kind_is_good(settings):
    user = account()
    refresh = sign_in(user)
    for good in (refresh.access_token, refresh):
        answer = post("token/verify", token=str(good))
        assert (answer.status_code, answer.json()) == (200, {})
    for bad in ("x", forged(settings, user, key="another secret that is long enough to sign with")):
        answer = post("token/verify/", token=bad)
        assert (answer.status_code, answer.json()) == (401, REFUSED)


@pytest.mark.parametrize("path", ["token/refresh", "logout"])
@pytest.mark.parametrize("refresh", ["x", "é", 5, None, "", [], "\0", "\ud800"])
def test_what_is_no_refresh_token_is_refused(path, refresh):
    assert post(path, refresh=refresh).status_code in {400, 401}


def test_an_access_token_refreshes_nothing():
    assert post("token/refresh", refresh=str(sign_in(account()).access_token)).status_code == 401


AGE = timedelta(minutes=30)  # that an access token reaches


@pytest.mark.parametrize(("late", "status"), [(59, 200), (60, 401)])
def test_a_token_is_taken_for_less_than_a_minute_after_it_has_expired(late, status, settings):
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        token = sign_in(account()).access_token
    with time_machine.travel(start + AGE + timedelta(seconds=late), tick=False):
        assert bearing(token).get(f"{API}/users/me").status_code == status


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "status"), [(60, 200), (61, 401)])
def test_a_token_may_come_from_a_clock_that_is_a_minute_ahead(claim, ahead, status, settings):
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        token = forged(settings, account(), **{claim: int(now.timestamp()) + ahead})
        assert bearing(token).get(f"{API}/users/me").status_code == status


def test_a_used_refresh_token_is_remembered_as_long_as_it_could_be_taken():
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        first = str(sign_in(account()))
    with time_machine.travel(start + RefreshToken.lifetime - timedelta(seconds=5), tick=False):
        second = post("token/refresh", refresh=first).json()
    with time_machine.travel(start + RefreshToken.lifetime + timedelta(seconds=50), tick=False):
        tidy()
        assert post("token/refresh", refresh=first).status_code == 401
        assert not is_good(**second)


def test_a_request_with_a_token_looks_its_account_and_session_up_in_one_query():
    client = signed_in(account())
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{API}/users/me")
    assert len(captured) == 2  # and the roles of the account
