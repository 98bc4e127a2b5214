"""Lists, a page at a time."""

from functools import cached_property, lru_cache, partial
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, DateTimeField, Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views.generic import ListView

from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.models.tally import EVERYTHING, Kind, Place, Span, Stream
from articles.web.errors import Nothing
from blogsite.prepared import Prepared, Slot

M = TypeVar("M", bound=Model)
KEY, BEFORE, NOW = Slot("key", BigIntegerField()), Slot("before", DateTimeField()), Slot("now", DateTimeField())


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

    def __getitem__(self, which: slice) -> list[Article]:
        if which.start == which.stop:
            return []
        kind, key = self.among if isinstance(self.among, Stream) else EVERYTHING
        before, further = self.among.place(which.start)
        page = _page(kind, further, which.stop - which.start)
        return page(key=key, before=before, now=timezone.now())


@lru_cache(maxsize=64)
def _page(kind: Kind, further: int, number: int) -> Prepared[Article]:
    return Prepared(partial(_entries, kind, further, number))


def _entries(kind: Kind, further: int, number: int) -> ArticleQuerySet:
    key: Any = KEY
    before: Any = BEFORE
    ids = Stream(kind, key).entries(Place(before, further), number)
    return Article.objects.live(at=NOW).for_listing().newest().filter(pk__in=ids)


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
