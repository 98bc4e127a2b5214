"""Standing pages on the desk: written as articles are, and arranged in a menu."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.admin.article import ArticleAdmin, StateFilter
from articles.models import Article, Page


@admin.register(Page)
class PageAdmin(ArticleAdmin):
    list_display = ["title", "slug", "state", "menu_position", "updated_at"]
    list_filter = [StateFilter]
    list_select_related = []
    date_hierarchy = None  # type: ignore[assignment]  # few, and of no day
    ordering = ["menu_position", "title"]
    search_fields = ["title", "summary", "content"]
    autocomplete_fields = ["cover"]

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        languages = ["language", "translation_of"] if self._shows_original(request, obj) else ["language"]
        return [
            (None, {"fields": ["title", "content", "summary", "cover"]}),
            (_("When and where it appears"), {"fields": ["published_at", "slug", "menu_position", *languages]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        return [] if self.has_publish_permission(request, obj) else ["published_at"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {}
