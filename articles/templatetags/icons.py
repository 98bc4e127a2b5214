from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django import template
from django.contrib.staticfiles import finders

register = template.Library()


@register.simple_tag
@lru_cache
def svg(name: str) -> str:
    """A small drawing among the static files as an address that holds all of it, so that nothing is asked for."""
    text = " ".join(Path(str(finders.find(name))).read_text(encoding="utf-8").split())
    return "data:image/svg+xml," + quote(text, safe="/:=',;()")
