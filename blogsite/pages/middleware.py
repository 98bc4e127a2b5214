"""What stands within the framework for the short way around it."""

from collections.abc import Callable
from typing import Any

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
    what is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return errors.unavailable() if version.is_away() else self.get_response(request)
