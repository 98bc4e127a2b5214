"""Guessing passwords is made slow: so many failures for one account and from one address, then a wait.

The API and the desk count together. Tokens need no such count: nobody guesses a signature or 256 random bits, so a
wrong one is an ordinary request from its address, see blogsite.limits.

Anybody can fail for anybody's account. So that nobody keeps its owner out by it, a browser that has signed in to it
before is counted apart from all others: it knows itself again by a cookie.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.exceptions import Throttled

from blogsite import counters
from blogsite.limits import network

COOKIE = "signed_in_before"
KEPT_FOR = timedelta(days=365)


@contextmanager
def attempt(request: HttpRequest, login: str) -> Iterator[None]:
    """Around a look at a password: an exception out of it is a failure.

    Raises Throttled when there were too many, and counters.Away when they can't be counted: then nobody signs in.
    An attempt counts as failed until it has succeeded, so that a thousand at once are no way around.
    """
    window, now = settings.LOGIN_FAILURES_MINUTES * 60, int(time())
    account = "account-known" if constant_time_compare(request.COOKIES.get(COOKIE, ""), _proof(login)) else "account"
    limits = {
        f"failed-logins:address:{network(request)}": settings.LOGIN_FAILURES_PER_ADDRESS,
        f"failed-logins:{account}:{login.casefold()}": settings.LOGIN_FAILURES_PER_ACCOUNT,
    }
    failed = counters.count(list(limits), window, now)
    if any(number > limit for number, limit in zip(failed, limits.values(), strict=True)):
        raise Throttled(counters.left(window, now), "Too many failed logins.")
    yield
    with suppress(counters.Away):
        counters.count(list(limits), window, now, by=-1)


def remember(response: HttpResponse, login: str) -> None:
    """Have the browser show at the desk's door that it has signed in so before."""
    response.set_cookie(
        COOKIE,
        _proof(login),
        max_age=KEPT_FOR,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _proof(login: str) -> str:
    return salted_hmac(COOKIE, login.casefold(), algorithm="sha256").hexdigest()
