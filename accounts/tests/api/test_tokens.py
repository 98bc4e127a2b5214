"""What tokens are good for, and until when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.tests.api.clients import API, account, as_json, bearing, stranger

pytestmark = pytest.mark.django_db
REFUSED = {"detail": "Could not validate credentials"}


def post(path, **data):
    return stranger().post(f"{API}/auth/{path}", **as_json(data))


def forged(settings, user, key=None, algorithm="HS256", **claims):
    payload = {**AccessToken.for_user(user).payload, **claims}
    return jwt.encode(payload, key if key is not None else settings.SECRET_KEY, algorithm=algorithm)


def bad_tokens(settings, user):
    expired = AccessToken.for_user(user)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    yield from ["", "x", "x.y.z", "a b", "é", str(AccessToken.for_user(user))[:-2], str(expired)]
    yield str(RefreshToken.for_user(user))
    yield forged(settings, user, key="another secret that is long enough to sign with")
    yield forged(settings, user, algorithm="HS512")
    yield jwt.encode(AccessToken.for_user(user).payload, None, algorithm="none")
    for sub in ("0", "x", "", str(2**70), "1\0"):
        yield forged(settings, user, sub=sub)
    for claims in ({"token_type": "other"}, {"hash_password": "other"}):
        yield forged(settings, user, **claims)
    for exp in (10**20, "soon", "9" * 10, None):
        yield forged(settings, user, exp=exp)


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
    clients = [bearing(AccessToken.for_user(user)) for user in (gone, inactive)]
    refreshes = [str(RefreshToken.for_user(user)) for user in (gone, inactive)]
    gone.delete()
    inactive.is_active = False
    inactive.save()
    assert [client.get(f"{API}/articles/").status_code for client in clients] == [401, 401]
    for refresh in refreshes:
        answer = post("token/refresh", refresh=refresh)
        assert (answer.status_code, answer.json(), answer["WWW-Authenticate"]) == (401, REFUSED, "Bearer")


def test_a_request_without_the_token_that_it_needs_is_told_so():
    answer = stranger().get(f"{API}/users/me")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_whatever_its_case_and_others_are_passed_over():
    user = account()
    token = AccessToken.for_user(user)
    assert stranger().get(f"{API}/users/me", headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert stranger().get(f"{API}/users/me", headers={"Authorization": "Basic eDp5"}).json() == {
        "detail": "Not authenticated"
    }


def test_a_refresh_token_is_exchanged_once_and_the_new_one_goes_on():
    first = str(RefreshToken.for_user(account()))
    answer = post("token/refresh", refresh=first)
    assert answer.status_code == 200
    assert bearing(answer.json()["access"]).get(f"{API}/users/me").status_code == 200
    again = post("token/refresh", refresh=first)
    assert (again.status_code, again.json()) == (401, REFUSED)
    assert post("token/refresh/", refresh=answer.json()["refresh"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_who_bring_the_same_refresh_token_at_once_one_is_served():
    refresh = str(RefreshToken.for_user(account()))

    def exchange(_):
        try:
            return post("token/refresh", refresh=refresh).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(exchange, range(6))) == [200, 401, 401, 401, 401, 401]


def test_logging_out_takes_the_refresh_token_back():
    refresh = str(RefreshToken.for_user(account()))
    out = post("logout", refresh=refresh)
    assert (out.status_code, out.content) == (204, b"")
    for path in ("token/refresh", "logout"):
        assert post(path, refresh=refresh).status_code == 401
    assert post("token/verify", token=refresh).status_code == 401


def test_verify_says_whether_a_token_of_either_kind_is_good(settings):
    user = account()
    for good in (AccessToken.for_user(user), RefreshToken.for_user(user)):
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
    assert post("token/refresh", refresh=str(AccessToken.for_user(account()))).status_code == 401
