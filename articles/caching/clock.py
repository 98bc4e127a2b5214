"""When what readers see changes by the clock alone: an article whose time comes goes live with no job that must run."""

from datetime import datetime

from django.utils import timezone

from articles.caching.version import remembered
from articles.models import Article


def next_change() -> datetime | None:
    """When the next article goes live, standing pages among them; None where none is scheduled. One query, or none."""
    moment = _next()
    if moment is None or moment > timezone.now():
        return moment
    return _ask()


def _ask() -> datetime | None:
    scheduled = Article._base_manager.filter(published_at__gt=timezone.now())
    return scheduled.order_by("published_at").values_list("published_at", flat=True).first()


_next = remembered(_ask)
