"""Where the readers' pages are. Each address is put together once: a page shows dozens, and Django takes its time."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def path_to(name: str, *of: str | int) -> str:
    """Django's reverse(), remembered."""
    return _made(get_script_prefix(), name, of)


@lru_cache(maxsize=5000)
def _made(_root: str, name: str, of: tuple[str | int, ...]) -> str:
    return reverse(name, args=of)
