"""Tags, series, and the old addresses that lead to articles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import ShowsArticles
from articles.models import Redirect, Series, Tag
from articles.models.article import ArticleQuerySet
from articles.models.redirect import normalize


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Tag]):
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
