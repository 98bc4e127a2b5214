import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")

framework = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  all views, before gunicorn forks: once in memory, and a mistake in one is seen

from articles.caching import version  # noqa: E402  these ask for the settings
from blogsite.pages.shortway import ShortWay  # noqa: E402

version.check()

if settings.PAGE_CACHE_MB:
    application: Callable[..., Iterable[bytes]] = ShortWay(framework, settings.PAGE_CACHE_MB * 2**20)
else:

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """What the site says of itself is remembered also where no answer is kept: who answers hears of changes."""
        version.serve()
        return framework(environ, start)
