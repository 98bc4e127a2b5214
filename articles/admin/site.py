"""The settings of the site: one form, with no list before it."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from articles.models import SiteSettings
from articles.models.site import languages


def language_choices() -> list[tuple[StrOrPromise, list[tuple[str, Any]]]]:
    """Those that the whole site speaks first. In the others it has its dates, and words that Django knows; but a site
    may well be written in one, and search engines and screen readers have to know.
    """
    complete = {"en", *(folder.name for folder in settings.LOCALE_PATHS[0].iterdir() if folder.is_dir())}
    spoken = [choice for choice in languages() if choice[0] in complete]
    others = [choice for choice in languages() if choice[0] not in complete]
    return [(_("The whole site"), spoken), (_("Dates, and little else"), others)]


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin[SiteSettings]):
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["title", "tagline", "description", "footer"]}),
        (None, {"fields": ["language", "time_zone", "articles_per_page", "public_history"]}),
        (None, {"fields": ["license_name", "license_url"]}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            kwargs["choices"] = language_choices()
        if db_field.name == "time_zone":
            kwargs["widget"] = forms.Select(choices=[(name, name) for name in sorted(zoneinfo.available_timezones())])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SiteSettings:
        """The row, or the defaults while nobody has saved any."""
        return SiteSettings.load()

    def save_model(self, request: HttpRequest, obj: SiteSettings, form: Any, change: bool) -> None:
        """What was typed and no more: the menu may have changed since the form was read."""
        obj.save(update_fields=None if obj._state.adding else form.changed_data)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:articles_sitesettings_change", SiteSettings.ONLY)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return self.changelist_view(request)
