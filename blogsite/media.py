"""The media folder over HTTP. A web server in front answers these addresses itself; without one, this does."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.static import serve

A_YEAR = 31_536_000  # seconds


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the media folder. Its name carries its digest, so what a browser has once it never asks for again."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"  # a file is looked at, it never acts
    return response
