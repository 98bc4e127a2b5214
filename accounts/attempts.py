"""Guessing passwords is made slow: so many failures for one account and from one address, then a wait.

The API and the desk count together. Tokens need no such count: nobody guesses a signature or 256 random bits, so a
wrong one is an ordinary request from its address, see blogsite.limits.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import time

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from blogsite import counters
from blogsite.limits import network


@contextmanager
def attempt(request: HttpRequest, login: str) -> Iterator[None]:
    """Around a look at a password: an exception out of it is a failure.

    Raises Throttled when there were too many, and counters.Away when they can't be counted: then nobody signs in.
    An attempt counts as failed until it has succeeded, so that a thousand at once are no way around.
    """
    window, now = settings.LOGIN_FAILURES_MINUTES * 60, int(time())
    limits = {
        f"failed-logins:address:{network(request)}": settings.LOGIN_FAILURES_PER_ADDRESS,
        f"failed-logins:account:{login.casefold()}": settings.LOGIN_FAILURES_PER_ACCOUNT,
    }
    failed = counters.count(list(limits), window, now)
    if any(number > limit for number, limit in zip(failed, limits.values(), strict=True)):
        raise Throttled(counters.left(window, now), "Too many failed logins.")
    yield
    with suppress(counters.Away):
        counters.count(list(limits), window, now, by=-1)
