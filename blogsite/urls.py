"""The site map."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from articles.web.errors import not_found
from blogsite.media import media

urlpatterns = [
    # the admin's short links would tell every writer the addresses of the drafts of others
    path(f"{settings.ADMIN_URL}r/<path:exception>", not_found),
    path(settings.ADMIN_URL, admin.site.urls),
    path(settings.ADMIN_URL.rstrip("/"), RedirectView.as_view(pattern_name="admin:index", permanent=True)),
    path("", include("blogsite.api")),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media),
    path("accounts/", include("accounts.web.urls")),
    path("", include("articles.web.urls")),
]

handler404 = "articles.web.errors.not_found"
handler500 = "blogsite.errors.server_error"
