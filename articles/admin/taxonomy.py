"""Tags, series, and the old addresses that lead to articles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Redirect, Series, Tag
from articles.models.redirect import normalize


class ShownInOrder(admin.TabularInline[Article, Series]):
    """The articles of a series. Their places are set in each article's own form, by the verbs."""

    model = Article
    fields = ["series_position", "author", "published_at"]
    readonly_fields = ["series_position", "author", "published_at"]
    ordering = [F("series_position").asc(nulls_last=True), "published_at", "pk"]
    verbose_name_plural = _("articles, in their order")
    show_change_link = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        seen = Article.objects.viewable_by(request.user).select_related("author")
        return seen.defer("content", "content_html").order_by(*self.get_ordering(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Tag]):
    list_display = ["name", "slug", "article_count"]
    search_fields = ["name"]
    fields = ["name", "slug", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return Tag.objects.with_counts()

    @admin.display(description=_("live articles"), ordering="article_count")
    def article_count(self, tag: Any) -> int:
        return int(tag.article_count)


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin[Series]):
    list_display = ["title", "slug"]
    search_fields = ["title"]
    fields = ["title", "slug", "description"]
    inlines = [ShownInOrder]


class RedirectForm(forms.ModelForm[Redirect]):
    def clean_path(self) -> str:
        """As it will be stored, so that the same address in another spelling is noticed as taken."""
        return normalize(self.cleaned_data["path"])


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin[Redirect]):
    form = RedirectForm
    list_display = ["path", "article"]
    list_select_related = ["article"]
    search_fields = ["path", "article__title"]
    autocomplete_fields = ["article"]
