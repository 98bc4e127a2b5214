from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from articles.caching.version import remembered
from articles.models import SiteSettings

READING = ["GET", "HEAD"]
WRITING = {"accounts", "admin"}
NAMESPACES = {"articles", "accounts", "admin"}  # the API speaks English and UTC


class SiteRequest(HttpRequest):
    """A request as views find it."""

    site: SiteSettings  # type: ignore[assignment]  # the stubs expect django.contrib.sites here


class ReadOnlyMiddleware:
    """Every page but the desk's, and people's own, is there to be read. Said to all who send something, before they are
    asked for a token against forged forms, which no page has given them. The API, which asks for none, says itself what
    it takes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_arguments: Any) -> HttpResponse | None:
        takes_more = getattr(view, "csrf_exempt", False) or _app_name(request) in WRITING
        return None if takes_more or request.method in READING else HttpResponseNotAllowed(READING)


class RevalidationMiddleware:
    """Has caches ask whether a page is still the same, where it says nothing else about them.

    A browser that is told nothing guesses, from the date of the last change: it would go on showing what was corrected
    or withdrawn, and follow an address that has meanwhile been taken back in a circle.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            patch_cache_control(response, no_cache=True)
        return response


class SiteSettingsMiddleware:
    """Puts the site's settings on the request, and shows people's pages in the site's language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponse:
        request.site = SimpleLazyObject(_settings)  # type: ignore[assignment]  # read by those who ask for it
        try:
            return self.get_response(request)
        finally:
            translation.deactivate()
            timezone.deactivate()

    def process_view(self, request: SiteRequest, *_view: Any) -> None:
        if _app_name(request) in NAMESPACES:
            activate(request.site)


_settings = remembered(SiteSettings.load)


def _app_name(request: HttpRequest) -> str:
    return request.resolver_match.app_name if request.resolver_match else ""


def activate(site: SiteSettings) -> None:
    translation.activate(site.language)
    timezone.activate(site.time_zone)
