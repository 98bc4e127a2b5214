"""What changed in an article since it was published: each version that readers saw, against the one before it.

Versions are numbered among themselves: no address leads to what was saved while the article was not live, or tells how
much that was. A withdrawal takes back all that came before it: what is published anew has no earlier versions.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView, View
from django.views.generic.base import TemplateResponseMixin

from articles import diff, publishing
from articles.models import Article, Revision
from articles.models.revision import Published, published
from articles.web import errors, head
from articles.web.middleware import SiteRequest
from articles.web.paging import PagedView
from articles.web.redirects import moved
from blogsite.prepared import Prepared, Slot

CORRECTIONS = 5  # shown with an article, at most; its history has all
WENT_AWAY = (Revision.Action.CREATED, Revision.Action.SCHEDULED, Revision.Action.WITHDRAWN)


class Version(NamedTuple):
    number: int  # from 1
    at: datetime
    note: str
    revision: int


def versions(article: Article) -> list[Version]:
    """Those of a live article since it was last published, the newest first. One query, and no texts.

    One that was made without revisions has a single version: as it is.
    """
    seen: list[Published] = []
    for each in published(article):
        follows = seen and each.revision.number == seen[-1].revision.number + 1
        if not follows or each.at > each.revision.created_at:
            seen.clear()
        seen.append(each)
    found = [Version(number, each.at, each.revision.note, each.revision.pk) for number, each in enumerate(seen, 1)]
    return found[::-1] or [Version(1, article.modified_at, "", 0)]


def corrections(article: Article) -> list[Revision]:
    """The notes of those versions, the newest first. One query, for articles alone that may have some."""
    return _noted(pk=article.pk) if article.revised_at else []


@Prepared
def _noted() -> QuerySet[Revision]:
    revisions = Revision.objects.filter(article=Slot("pk", BigIntegerField()))
    away = revisions.filter(action__in=WENT_AWAY).order_by("-number").values("number")[:1]
    since = revisions.filter(number__gt=Coalesce(Subquery(away), 0))
    return since.exclude(note="").only("article", "note", "created_at")[:CORRECTIONS]


class NoVersion(Exception):
    pass


class OfAnArticle(TemplateResponseMixin, View):
    """What comes before a view of a live article's past: the article, and whether the site's settings allow for it."""

    request: SiteRequest
    name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        readable = Article.objects.live().only("slug", "title", "language", "published_at", "updated_at")
        self.article = get_object_or_404(readable, slugs__slug=kwargs["slug"])  # its present slug is one of them
        if self.article.slug != kwargs["slug"]:
            return moved(request, reverse(self.name, kwargs=kwargs | {"slug": self.article.slug}))
        if not self.request.site.public_history:
            return errors.gone(self.request)
        return super().dispatch(request, *args, **kwargs)


class History(OfAnArticle, PagedView[Any]):
    name = "articles:history"
    template_name = "articles/history.html"
    paginate_by = 50

    def get_queryset(self) -> Any:
        return versions(self.article)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(article=self.article, **kwargs)
        return {"head": head.history(self.request, self.article, context["page_obj"]), **context}


class Comparison(OfAnArticle, TemplateView):
    """One version against the one before it."""

    name = "articles:comparison"
    template_name = "articles/comparison.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One that there is not leads to those that there are: it may have been, until a withdrawal took it back."""
        try:
            return super().get(request, *args, **kwargs)
        except NoVersion:
            return moved(request, reverse("articles:history", args=[self.article.slug]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = {version.number: version for version in versions(self.article)}
        number = kwargs["number"]
        if number not in found or number - 1 not in found:
            raise NoVersion
        before, after = found[number - 1], found[number]
        return super().get_context_data(
            article=self.article,
            head=head.comparison(self.request, self.article, number),
            version=after,
            previous=before if before.number > 1 else None,
            next=found.get(number + 1),
            changes=changes(before, after),
            **kwargs,
        )


def changes(before: Version, after: Version) -> list[tuple[Any, list[diff.Line]]]:
    """The words and tags that differ, each text by its name."""
    states = dict(Revision.objects.filter(pk__in=[before.revision, after.revision]).values_list("pk", "state"))
    old, new = states[before.revision], states[after.revision]
    compared = [(name, diff.lines(_text(old[name]), _text(new[name]))) for name in (*publishing.WORDS, "tags")]
    return [(getattr(Article._meta.get_field(name), "verbose_name", name), lines) for name, lines in compared if lines]


def _text(said: str | list[str]) -> str:
    return said if isinstance(said, str) else "\n".join(said)
