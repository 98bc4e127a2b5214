"""Tags and series."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import publishing
from articles.admin.desk import ShowsArticles, who
from articles.models import Series, Tag
from articles.models.article import ArticleQuerySet


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(Tag.objects.none(), label=_("Into"))

    def __init__(self, *args: Any, merged: QuerySet[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Tag.objects.exclude(pk__in=merged)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Tag]):
    actions = ["merge"]
    list_display = ["name", "slug", "article_count"]
    search_fields = ["name"]
    fields = ["name", "slug", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return Tag.objects.with_counts()

    def view_on_site(self, obj: Tag) -> str:
        return obj.get_absolute_url()

    @admin.display(description=_("live articles"), ordering="article_count")
    def article_count(self, tag: Any) -> int:
        return int(tag.article_count)

    @admin.action(permissions=["change", "delete"], description=_("Merge into another tag …"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Tag]) -> HttpResponse | None:
        asked = "into" in request.POST
        merged = Tag.objects.filter(pk__in=queryset.values("pk"))
        form = MergeForm(request.POST if asked else None, merged=merged)
        if not (asked and form.is_valid()):
            return self._ask(request, merged, form)
        into = form.cleaned_data["into"]
        moved = publishing.merge(list(merged), into=into, by=who(request))
        said = ngettext(
            "%(count)s article is now under “%(tag)s”.", "%(count)s articles are now under “%(tag)s”.", moved
        )
        self.message_user(request, said % {"count": moved, "tag": into}, messages.SUCCESS)
        return None

    def _ask(self, request: HttpRequest, merged: QuerySet[Tag], form: MergeForm) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Merge tags"),
            "action": "merge",
            "chosen": merged,
            "form": form,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/articles/tag/merge.html", context)


@admin.register(Series)
class SeriesAdmin(ShowsArticles[Series]):
    """An article's place is set in its own form, by the verbs."""

    list_display = ["title", "slug"]
    search_fields = ["title"]
    fields = ["title", "slug", "description"]

    def view_on_site(self, obj: Series) -> str:
        return obj.get_absolute_url()

    def articles_of(self, obj: Series) -> ArticleQuerySet:
        return obj.articles.order_by(F("series_position").asc(nulls_last=True), "published_at", "pk")
