"""An article's history: its revisions, each with what it changed, and the way back to one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from accounts.models import User
from articles import diff, publishing
from articles.admin.desk import DeskAdmin, who
from articles.models import Article, Image, Series
from articles.models.article import ArticleQuerySet
from articles.models.site import languages

State = dict[str, Any]
FIELDS = (*publishing.COLUMNS, "tags")  # in their order, which a database may not keep
LINKS: dict[str, type[Model]] = {"author": User, "cover": Image, "series": Series}


@dataclass
class Change:
    """A field that differs, and how."""

    name: str
    label: str
    after: str
    lines: list[diff.Line]


def changes(before: State, after: State) -> list[Change]:
    """The fields that differ, the words of both in lines."""
    differing = [name for name in FIELDS if before.get(name) != after.get(name)]
    pairs = [(name, shown(name, before.get(name)), shown(name, after.get(name))) for name in differing]
    return [Change(name, label(name), new, diff.lines(old, new)) for name, old, new in pairs]


def label(name: str) -> str:
    return str(getattr(Article._meta.get_field(name), "verbose_name", name))


def shown(name: str, value: Any) -> str:
    """A field's value in a revision, as people read it."""
    if value in (None, "", []):
        return ""
    if name == "language":
        return str(dict(languages()).get(value, value))
    if name == "translation_of":  # the title of a draft is for those who may see it
        return str(ArticleQuerySet(Article).live().filter(pk=value).first() or _("one that is not live"))
    if name in LINKS:
        return str(LINKS[name]._default_manager.filter(pk=value).first() or _("deleted"))
    if name == "published_at" and (moment := parse_datetime(value)):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return pgettext("between the names of a list", ", ").join(value) if name == "tags" else str(value)


class HistoryPages(DeskAdmin[Article]):
    """The pages of an article's history. They only show; nobody adds, changes or deletes a revision."""

    object_history_template = "admin/articles/article/history.html"

    @property
    def noun(self) -> str:
        return str(self.opts.model_name)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        here = "<path:object_id>/history/<int:number>/"
        return [
            path(here, view(self.revision_view), name=f"articles_{self.noun}_revision"),
            path(f"{here}restore/", view(require_POST(self.restore_view)), name=f"articles_{self.noun}_restore"),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        article = self._article(request, object_id)
        revisions = article.revisions.select_related("by").defer("state")
        page = self.get_paginator(request, revisions, 100).get_page(request.GET.get("p", 1))
        return self._page(request, self.object_history_template, article, _("History"), revisions=page)

    def revision_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        article = self._article(request, object_id)
        revision = article.revisions.select_related("by").filter(number=number).first()
        if revision is None:
            raise Http404
        before = article.revisions.filter(number__lt=number).first()
        return self._page(
            request,
            "admin/articles/article/revision.html",
            article,
            _("Revision %(number)s") % {"number": number},
            revision=revision,
            before=before,
            after=article.revisions.filter(number__gt=number).last(),
            changes=changes(before.state, revision.state) if before else [],
            fields=[(label(name), shown(name, revision.state.get(name))) for name in FIELDS if name != "content"],
            may_restore=number != article.version and self.has_change_permission(request, article),
        )

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        article = self._article(request, object_id)
        try:
            restored = publishing.restore(article, by=who(request), number=number)
        except ObjectDoesNotExist:  # it, or the article, which somebody else has deleted
            raise Http404 from None
        said = _("Nothing to bring back: the words are the same.")
        if restored.version != article.version:
            said = _("The words of revision %(number)s are back, as revision %(new)s.") % {
                "number": number,
                "new": restored.version,
            }
            self.log_change(request, restored, said)
        self.message_user(request, said, messages.SUCCESS)
        return redirect(f"admin:articles_{self.noun}_change", article.pk)

    def _article(self, request: HttpRequest, object_id: str) -> Article:
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        if not who(request).has_perm("articles.view_revision", article):
            raise PermissionDenied
        return article

    def _page(
        self, request: HttpRequest, template: str, article: Article, title: str, **context: Any
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": article}
        return TemplateResponse(request, template, {**shared, "title": title, "subtitle": str(article), **context})
