"""How far a long command is: a bar on a terminal, now and then a line in a log."""

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from tqdm import tqdm

EVERY = 100  # lines of a log

T = TypeVar("T")


def progress(items: Iterable[T], *, unit: str, total: int | None = None) -> Iterable[T]:
    """The same items, one by one. `total` says how many come of what can't be asked for its length."""
    number = len(items) if isinstance(items, Sized) else total or 0
    if sys.stderr.isatty():
        return tqdm(items, unit=unit, smoothing=0, total=number, disable=not number)
    return _lines(items, unit, number)


def _lines(items: Iterable[T], unit: str, total: int) -> Iterator[T]:
    for number, item in enumerate(items, start=1):
        yield item
        if number % EVERY == 0 or number == total:
            sys.stderr.write(f"{number} of {total} {unit}s\n")
