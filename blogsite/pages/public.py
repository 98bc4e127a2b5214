"""Which answers are public: the same for every stranger, whatever they send, but for the parameters that are named."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from django.urls import Resolver404, resolve

V = TypeVar("V", bound=Callable[..., Any])
ASKED, UNTIL = "blogsite.pages.asked", "blogsite.pages.until"  # in the environment of a request
PARAMETERS_AT_MOST = 100
USUAL = 500  # characters of an address


def public(view: V, *parameters: str) -> V:
    """Say of a view that strangers get the same of it, made of the path and these parameters of the query alone.

    Of the API's views it is said by their attribute `public`: for each action its parameters.
    """
    view.public = frozenset(parameters)  # type: ignore[attr-defined]
    return view


def canonical(path: str, query: str) -> str | None:
    """The query as far as what is public at this path depends on it. None where nothing public is.

    The same way to read it as Django's, or one would be kept for what another has asked.
    """
    if len(path) + len(query) > USUAL:
        return _canonical.__wrapped__(path, query)  # what is remembered of thousands stays small
    return _canonical(path, query)


@lru_cache(maxsize=4096)
def _canonical(path: str, query: str) -> str | None:
    parameters = (_parameters if len(path) <= USUAL else _parameters.__wrapped__)(path)
    if parameters is None or query.count("&") >= PARAMETERS_AT_MOST:
        return None
    if not query:
        return ""
    try:
        pairs = parse_qsl(query.encode("latin-1").decode(), keep_blank_values=True)
    except (UnicodeError, ValueError):
        return None
    return urlencode(sorted((pair for pair in pairs if pair[0] in parameters), key=lambda pair: pair[0]))


@lru_cache(maxsize=1024)
def _parameters(path: str) -> frozenset[str] | None:
    try:
        view: Any = resolve(path.encode("latin-1").decode()).func
    except (Resolver404, UnicodeError):
        return None
    if found := getattr(view, "public", None):
        return frozenset(found)
    if (of_class := getattr(getattr(view, "cls", None), "public", None)) is None:
        return getattr(view, "public", None)
    action = getattr(view, "actions", {}).get("get", "get")
    return frozenset(of_class[action]) if action in of_class else None
