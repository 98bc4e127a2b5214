"""Addresses that articles had elsewhere, before they came here."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.models import Article
from articles.models.redirect import normalize


class RedirectMiddleware:
    """Leads on from where nothing stands to the article that once did.

    Its place is inside of CommonMiddleware, which would lead some to the same address with a slash first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.method in {"GET", "HEAD"}:
            article = _formerly_at(request)
            return redirect(article, permanent=True) if article else response
        return response


def _formerly_at(request: HttpRequest) -> Article | None:
    path = request.path_info
    if path.startswith("/api/") or "\0" in path:  # PostgreSQL refuses to look for a NUL
        return None
    return Article.objects.viewable_by(request.user).filter(redirects__path=normalize(path)).first()
