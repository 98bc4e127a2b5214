"""Whole addresses, for those who read what the site says somewhere else."""

import re
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import iri_to_uri

PLAIN = re.compile(r"/(?![./])[A-Za-z0-9_~%/?=&+-]*(?:\.\w+)?", re.ASCII)  # nothing in it to join or to escape


def origin(request: HttpRequest) -> str:
    """The site's own address, with no slash at its end: SITE_URL, or where that isn't set, the host that was asked."""
    return settings.SITE_URL or request.build_absolute_uri("/")[:-1]


def absolute(request: HttpRequest, path: str) -> str:
    """The whole address of something of this site."""
    return join(origin(request), path)


def join(origin: str, path: str) -> str:
    """The same, where the origin is known."""
    return f"{origin}{path}" if PLAIN.fullmatch(path) and origin.isascii() else iri_to_uri(urljoin(f"{origin}/", path))
