import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  all views, before gunicorn forks: once in memory, and a mistake in one is seen
