"""The site map."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from blogsite.media import media

urlpatterns = [
    path(settings.ADMIN_URL, admin.site.urls),
    path("", include("blogsite.api")),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media),
]
if find_spec("articles.web.urls"):
    urlpatterns.append(path("", include("articles.web.urls")))

handler404 = "articles.web.views.not_found"
