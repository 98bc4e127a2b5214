from datetime import datetime

from django import template

register = template.Library()


@register.filter(expects_localtime=True)
def iso(moment: datetime) -> str:
    """As HTML takes it: with no more than thousandths of a second, of which `date:"c"` gives millionths."""
    return moment.isoformat(timespec="seconds")
