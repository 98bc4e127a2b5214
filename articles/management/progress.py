"""How far a long command is: a bar on a terminal, now and then a line in a log."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

EVERY = 100  # lines of a log

T = TypeVar("T")


def progress(items: Sequence[T], *, unit: str) -> Iterable[T]:
    return tqdm(items, unit=unit, smoothing=0, disable=not items) if sys.stderr.isatty() else _lines(items, unit)


def _lines(items: Sequence[T], unit: str) -> Iterator[T]:
    for number, item in enumerate(items, start=1):
        yield item
        if number % EVERY == 0 or number == len(items):
            sys.stderr.write(f"{number} of {len(items)} {unit}s\n")
