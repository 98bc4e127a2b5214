"""What visitors are told where there is no page, and what may help them on."""

from django.http import Http404, HttpResponse, HttpResponseNotFound
from django.shortcuts import render

from articles.models import Article
from articles.web.middleware import SiteRequest, activate

RECENT = 5


class Nothing(Http404):
    """Raised by a view that knows that nothing was ever there: the ledger of addresses need not be asked."""


class NotFound(HttpResponseNotFound):
    """Nothing stands here. What people are told is written last, as most of them are led on to somewhere else."""

    was_never: bool


def not_found(request: SiteRequest, exception: Exception) -> HttpResponse:
    response = NotFound()
    response.was_never = isinstance(exception, Nothing)
    return response


def write(request: SiteRequest, response: HttpResponse) -> HttpResponse:
    return _help(request, 404) if isinstance(response, NotFound) else response


def gone(request: SiteRequest) -> HttpResponse:
    return _help(request, 410)


def _help(request: SiteRequest, status: int) -> HttpResponse:
    activate(request.site)  # no view has done so, where the address leads to none
    recent = Article.objects.live().newest().only("title", "slug", "language")[:RECENT]
    return render(request, f"{status}.html", {"recent": recent}, status=status)
