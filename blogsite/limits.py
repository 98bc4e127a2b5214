"""How many requests a minute the API takes from one account, with one token and from one address.

Reads and writes are counted apart. What was counted is told with every answer, in the header fields that the IETF's
draft "RateLimit header fields for HTTP" names: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from blogsite import counters

WINDOW = 60  # seconds


class RateLimitMiddleware:
    """Tells the limits with what was made of an answer later, too: a 304 would have left them out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in getattr(request, "rate_limits", {}).items():
            response[name] = value
        return response


def check(request: Request) -> None:
    """Count a request whose sender has been looked at. Raises Throttled where there were too many.

    While nothing can be counted, all are answered: the limits are there to keep the site up.
    """
    policies = _policies(request)
    if not policies:
        return
    now = int(time())
    wait = counters.left(WINDOW, now)
    try:
        counts = counters.count([f"{name}:{who}" for name, (who, _) in policies.items()], WINDOW, now)
    except counters.Away:
        return
    left = {name: quota - count for (name, (_, quota)), count in zip(policies.items(), counts, strict=True)}
    request._request.rate_limits = {  # type: ignore[attr-defined]  # for the middleware above
        "RateLimit-Policy": ", ".join(f'"{name}";q={quota};w={WINDOW}' for name, (_, quota) in policies.items()),
        "RateLimit": ", ".join(f'"{name}";r={max(0, rest)};t={wait}' for name, rest in left.items()),
    }
    for name, rest in left.items():
        if rest < 0:
            raise Throttled(wait, f"Too many {name.replace('-', ' ')}: {policies[name][1]} a minute are accepted.")


def _policies(request: Request) -> dict[str, tuple[str, int]]:
    """Those that hold for a request: by name, who is counted, and how often they may come. A quota of 0 is none."""
    kind = "reads" if request.method in SAFE_METHODS else "writes"
    who = {"address": network(request._request)}
    if request.user.is_authenticated:
        who["account"] = str(request.user.pk)
        token = request.headers.get("Authorization", "").partition(" ")[2].strip()  # whose scheme is written any way
        who["token"] = sha256(token.encode()).hexdigest()
    quotas = {part: int(getattr(settings, f"{kind}_PER_{part}".upper())) for part in who}
    return {f"{kind}-per-{part}": (name, quotas[part]) for part, name in who.items() if quotas[part]}


def network(request: HttpRequest) -> str:
    """Whence a request comes, without the port that some proxies tell.

    Who has one IPv6 address has the 2^64 of its network; but one that stands for an IPv4 address, as a socket for both
    kinds tells them, is that.
    """
    return _network(BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]  # believes as much as PROXIES says


@lru_cache(maxsize=1024)
def _network(sender: str) -> str:
    sender = re.sub(r"\A(\[.+\]|[0-9.]+):[0-9]+\Z", r"\1", sender).strip("[]")
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return sender
