"""The site map."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [path(settings.ADMIN_URL, admin.site.urls)]
if find_spec("articles.web") and find_spec("articles.web.urls"):
    urlpatterns.append(path("", include("articles.web.urls")))
