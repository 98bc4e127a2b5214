"""The editors' desk: Django's admin, saving by the verbs and asking access.py who may what."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin import article, media, page, people, redirect, site, taxonomy, webhook

__all__ = ["article", "media", "page", "people", "redirect", "site", "taxonomy", "webhook"]

admin.site.site_header = admin.site.site_title = "blogsite"
admin.site.index_title = _("The desk")
