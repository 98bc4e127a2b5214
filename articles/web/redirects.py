"""Every address for good: from where nothing stands any more, to where it went, or to the word that it is gone."""

from collections.abc import Callable
from copy import copy
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.middleware import common
from django.urls import is_valid_path, resolve
from django.utils.encoding import escape_uri_path

from articles import access
from articles.models import Article, Redirect, ledger
from articles.models.redirect import is_kept, normalize
from articles.web import errors
from articles.web.middleware import SiteRequest

STEPS = 5  # of one way: a slash, a new name, what editors have led on. Longer ones lead nowhere, as circles do.


class CommonMiddleware(common.CommonMiddleware):
    """Leaves the slash at the end of an address to RedirectMiddleware, which knows where the way goes from there."""

    def should_redirect_with_slash(self, request: Any) -> bool:
        return False


class RedirectMiddleware:
    """Answers where nothing stands: 301 to where what stood there is now, 410 where it is gone, 404 if it never was.

    A visitor is led once, however many steps the way has: they are taken here first.
    """

    def __init__(self, get_response: Callable[[SiteRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and _may_lead_on(request, response):
            response = Way(request, self.get_response).end() or response
        return errors.write(request, response)


def _may_lead_on(request: SiteRequest, response: HttpResponse) -> bool:
    asks = request.method in {"GET", "HEAD"}
    return asks and _is_ours(request.path_info) and not getattr(response, "was_never", False)


def moved(request: HttpRequest, address: str) -> HttpResponse:
    """Lead on for good, with the query that was asked."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def _is_ours(path: str) -> bool:
    return "\0" not in path and not is_kept(path)  # PostgreSQL refuses to look for a NUL


class Way:
    """The way from an address to its end, along other spellings of it and along the ledger."""

    def __init__(self, request: SiteRequest, view: Callable[[SiteRequest], HttpResponse]) -> None:
        self.request, self.view = request, view
        self.query, self.fragment = request.META.get("QUERY_STRING", ""), ""
        self.tried = {request.path_info}

    def end(self) -> HttpResponse | None:
        """A redirect, the word that it is gone, or None where there never was anything."""
        address = path = normalize(self.request.path_info)
        gone, passed = False, set[str]()
        while path not in passed and len(passed) < STEPS and "\0" not in path:
            passed.add(path)
            if response := self._answer_at(address) or self._answer_at(path):
                return response
            row, rest = self._row(path)
            if row is None:
                break
            if row.article and not row.is_seen:
                gone = ledger.was_published(row.article)
                break
            gone = not (row.article and rest)  # its page is there, and never had this below it
            if not row.leads_to:
                break
            url = self._take_along(urlsplit(row.leads_to))
            address = unquote(url.path).rstrip("/") + rest
            path = normalize(address)
            if url.netloc or is_kept(url.path) or (row.article and not rest and path not in passed):
                return _lead(url)  # there is no need to try it
        return errors.gone(self.request) if gone else None

    def _answer_at(self, path: str) -> HttpResponse | None:
        """The way to what stands at this address, with the slash that belongs there; None if nothing does."""
        address = _spelled(path)
        if not address or address in self.tried:
            return None
        self.tried.add(address)
        response = self.view(self._asking_for(address))
        if response.status_code == 404:
            return None
        if response.status_code == 301:
            url = urlsplit(response["Location"])
            return _lead(url._replace(fragment=url.fragment or self.fragment))
        if response.status_code >= 500:
            return response
        return _lead(SplitResult("", "", escape_uri_path(address), self.query, self.fragment))

    def _asking_for(self, address: str) -> SiteRequest:
        request = copy(self.request)
        request.path = request.path_info = address
        request.META = {**request.META, "PATH_INFO": address, "QUERY_STRING": self.query}
        request.GET = QueryDict(self.query)
        return request

    def _row(self, path: str) -> tuple[Any, str]:
        """What the ledger says of an address or of what that is below, and the rest of the address then. One query."""
        above, rest = _above(path)
        seen = Article._base_manager.filter(access.viewable(self.request.user), pk=OuterRef("article"))
        rows = Redirect.objects.filter(path__in={path, above}).annotate(is_seen=Exists(seen))
        whole = rows.select_related("article", "tag", "series", "author")
        found = {row.path: row for row in whole.defer("article__content", "article__content_html")}
        return (found[path], "") if path in found else (found.get(above), rest)

    def _take_along(self, url: SplitResult) -> SplitResult:
        """An address with the query that was asked for as well."""
        self.query = "&".join(filter(None, [url.query, self.query]))
        self.fragment = url.fragment or self.fragment
        return url._replace(query=self.query, fragment=self.fragment)


def _lead(url: SplitResult) -> HttpResponse:
    return HttpResponsePermanentRedirect(urlunsplit(url))


def _spelled(path: str) -> str:
    """The address with the slash that belongs at its end, or none; "" where no view of ours is."""
    addresses = (path, f"{path.rstrip('/')}/")
    return next((address for address in addresses if is_valid_path(address) and _is_ours(address)), "")


def _above(path: str) -> tuple[str, str]:
    """The address of a thing and the rest, which says what of it: of a tag its feed, of an article its Markdown."""
    match = resolve(address) if (address := _spelled(path)) else None
    name = match and (match.kwargs.get("slug") or match.kwargs.get("username"))
    if not match or not name:
        return path, ""
    above = f"/{match.route.partition('<')[0]}{name}"
    return above, path.removeprefix(above)
