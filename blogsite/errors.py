"""When the site can't answer: its database or its cache is away, or it has made a mistake."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from blogsite import counters

AWAY = (OperationalError, InterfaceError, RedisError, counters.Away)
WAIT = 5  # seconds, as Retry-After


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs nothing of what may have failed. What failed is in the log already."""
    if not isinstance(sys.exception(), AWAY):
        return _page(500)
    return unavailable()


def unavailable() -> HttpResponse:
    response = _page(503)
    response["Retry-After"] = str(WAIT)
    return response


def _page(status: int) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
