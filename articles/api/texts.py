"""The texts of articles as they stand in JSON, remembered from one list to the next: most of a list's bytes, and of the
work of reading, unpacking and writing it.

What is remembered is that of one row as it stands in the database: PostgreSQL gives a row another place or another
transaction whenever anything of it changes, and every list is asked which rows it has now. So nothing that is
remembered can be out of date, and nobody has to make it void.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping, Sequence
from threading import Lock

from django.db.models import Field
from django.db.models.expressions import RawSQL
from orjson import dumps

TEXTS = ("content", "content_html")
SAME = {name: RawSQL(f'"articles_article"."{name}"', [], Field()) for name in ("xmin", "ctid")}  # noqa: S611  # our own
MOST = 8 * 2**20  # bytes in each worker
BESIDES = 300  # that a row takes here besides its texts; measured
Texts = tuple[bytes, ...]


class Remembered:
    """Those used last, of all threads."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self._kept: OrderedDict[Hashable, Texts] = OrderedDict()
        self._lock = Lock()

    def of(self, rows: Collection[Hashable]) -> list[Texts] | None:
        """The texts of each of these rows; None unless all are known."""
        with self._lock:
            if not all(row in self._kept for row in rows):
                return None
            for row in rows:
                self._kept.move_to_end(row)
            return [self._kept[row] for row in rows]

    def keep(self, made: Mapping[Hashable, Texts]) -> None:
        with self._lock:
            for row, texts in made.items():
                if row not in self._kept:
                    self._kept[row] = texts
                    self.size += _size(texts)
            while self.size > self.most:
                self.size -= _size(self._kept.popitem(last=False)[1])


def _size(texts: Texts) -> int:
    return BESIDES + sum(map(len, texts))


def written(texts: Sequence[str]) -> Texts:
    return tuple(map(dumps, texts))


remembered = Remembered(MOST)
