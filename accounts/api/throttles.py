"""Guessing passwords is made slow: so many failures for one account and from one address, then a wait."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from time import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


@contextmanager
def attempt(request: Request, login: str) -> Iterator[None]:
    """Around a look at a password: an exception out of it is a failure. Raises Throttled when there were too many.

    An attempt counts as failed until it has succeeded, so that a thousand at once are no way around.
    """
    window = settings.LOGIN_FAILURES_MINUTES * 60
    number, elapsed = divmod(int(time()), window)
    counters = []
    for kind, who, limit in (
        ("address", _network(request), settings.LOGIN_FAILURES_PER_ADDRESS),
        ("account", login.casefold(), settings.LOGIN_FAILURES_PER_ACCOUNT),
    ):
        key = f"failed-logins:{kind}:{sha256(who.encode()).hexdigest()}:{number}"
        cache.add(key, 0, timeout=2 * window)
        if cache.incr(key) > limit:
            raise Throttled(wait=window - elapsed, detail="Too many failed logins.")
        counters.append(key)
    yield
    for key in counters:
        with suppress(ValueError):  # a cache that is full, or was restarted, has forgotten it
            cache.decr(key)


def _network(request: Request) -> str:
    """Whence it comes. Who has one IPv6 address has the 2^64 of its network."""
    sender = BaseThrottle().get_ident(request) or ""  # believes X-Forwarded-For as far as PROXIES says
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else sender
