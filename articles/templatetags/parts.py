"""{% part "articles/parts/count.html" total=total %}: an include that is handed these values and no others.

What it makes of them is remembered, where all of them are plain: most parts of a page are the same on every page. What
is handed a thing of many values, such as an article, is an include.
"""

from time import time
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
PLAIN = {str, SafeString, int, bool, type(None)}
AT_MOST = 1000  # parts remembered; then all are made anew
QUARTER = 900  # seconds: what shows the day is right, as days begin at a quarter of an hour everywhere


class Part(Node):
    def __init__(self, name: str, values: dict[str, FilterExpression]) -> None:
        self.name, self.values = name, values

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        known, where = _memory(context)
        key = (self.name, where, *(_plain(value) for value in values.values()))
        made = known.get(key)
        if made is None:
            made = self._make(context, values)
            if len(known) >= AT_MOST:
                known.clear()
            known[key] = made
        return made

    def _make(self, context: Context, values: dict[str, Any]) -> SafeString:
        part = context.template.engine.get_template(self.name)  # type: ignore[union-attr]  # it is being rendered
        return part.render(context.new(values))


@register.tag
def part(parser: Parser, token: Token) -> Part:
    _tag, name, *values = token.split_contents()
    return Part(name.strip("\"'"), token_kwargs(values, parser))


def _memory(context: Context) -> tuple[dict[Any, SafeString], Any]:
    """What is remembered, and for which language, time zone and time: looked up once for each page."""
    page: dict[Any, Any] = context.render_context.dicts[0]
    if Part not in page:
        engine = context.template.engine  # type: ignore[union-attr]
        known = {} if settings.DEBUG else engine.__dict__.setdefault("parts", {})
        page[Part] = known, (get_language(), timezone.get_current_timezone_name(), int(time()) // QUARTER)
    found: tuple[dict[Any, SafeString], Any] = page[Part]
    return found


def _plain(value: Any) -> Any:
    """The value and its kind, as 1 and True are equal and shown differently; or what it says that it is `known_by`."""
    kind = type(value)
    if kind in PLAIN:
        return value, kind
    return value.known_by
