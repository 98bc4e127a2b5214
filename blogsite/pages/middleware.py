"""What stands within the framework for the short way around it."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from articles.caching import clock, version
from blogsite import errors
from blogsite.pages.public import ASKED, UNTIL


class PublicMiddleware:
    """Tells who keeps a public answer until when it is good: asked for before anything is read that it shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if ASKED in request.META:
            moment = clock.next_change()
            request.META[UNTIL] = float("inf") if moment is None else moment.timestamp()


class AwayMiddleware:
    """Says at once that the database is away, where that is known: to wait for it would keep a thread from readers of
    what is kept.

    Connections from before are of no use then, nor once it is back: the pool would find that out one by one, with
    pauses that grow, and have those wait who ask it for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._was_away, self._turning = False, Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        away = version.is_away()
        if away != self._was_away:
            self._turn(away)
        return errors.unavailable() if away else self.get_response(request)

    def _turn(self, away: bool) -> None:
        with self._turning:
            if away != self._was_away:
                self._was_away = away
                connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL alone, as is being away
