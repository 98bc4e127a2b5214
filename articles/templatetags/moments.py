from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language

register = template.Library()


@register.filter(expects_localtime=True)
def iso(moment: datetime) -> str:
    """As HTML takes it: with no more than thousandths of a second, of which `date:"c"` gives millionths."""
    return moment.isoformat(timespec="seconds")


@register.filter(expects_localtime=True)
def day(moment: datetime) -> str:
    """As Django's `date` shows it without a format, remembered: the lists of a site show the same days again."""
    return _shown(moment.date(), get_language())


@lru_cache(maxsize=1000)
def _shown(day: date, _language: str | None) -> str:
    return date_format(day)
