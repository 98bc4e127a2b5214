"""Lists, a page at a time."""

from functools import cached_property
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.encoding import escape_uri_path
from django.views.generic import ListView

from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.models.tally import Span, Stream
from articles.web.errors import Nothing

M = TypeVar("M", bound=Model)


class Listed:
    """Live articles, as a paginator wants them. How many there are is known, and so is where each page begins."""

    def __init__(self, among: Stream | Span, total: int | None = None) -> None:
        self.among = among
        self._known = total

    @cached_property
    def total(self) -> int:
        return self.among.total() if self._known is None else self._known

    def count(self) -> int:
        return self.total

    def exists(self) -> bool:
        return self.total > 0

    def __getitem__(self, which: slice) -> ArticleQuerySet:
        return self.articles.newest().filter(pk__in=self.among.page(which.start, which.stop))

    @property
    def articles(self) -> ArticleQuerySet:
        return Article.objects.live().for_listing()


class PastTheEnd(Exception):
    def __init__(self, last: int) -> None:
        super().__init__(last)
        self.last = last


class Pages(Paginator[M]):
    def page(self, number: int | str) -> Page[M]:
        if int(number) > self.num_pages:
            raise PastTheEnd(self.num_pages)
        return super().page(number)


class PagedView(ListView[M]):
    """A page past the end leads to the last: the list may have been longer, and may be again, so nobody keeps that.

    What is no number of a page never was one.
    """

    paginator_class = Pages

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except PastTheEnd as past:
            query = request.GET.copy()
            query["page"] = str(past.last)
            if past.last == 1:
                del query["page"]
            return HttpResponsePermanentRedirect(f"{escape_uri_path(request.path)}?{query.urlencode()}".rstrip("?"))

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        try:
            return super().paginate_queryset(queryset, page_size)
        except Http404 as error:
            raise Nothing(str(error)) from error
