"""What became of every row of another service's database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from articles.importers.ledger import Entry


@dataclass
class Tally:
    """created + updated + unchanged + deleted_here + changed_here + refused = rows, of one table."""

    rows: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted_here: int = 0  # after an earlier run, and so they stay
    changed_here: list[Entry] = field(default_factory=list)  # and there as well: what is here stays
    refused: list[Entry] = field(default_factory=list)

    def keep(self, number: int, pk: int) -> None:
        self.changed_here.append({"row": number, "id": pk})

    @contextmanager
    def refusing(
        self, number: int, faults: tuple[type[Exception], ...], reason: Callable[[Exception], str]
    ) -> Iterator[None]:
        try:
            yield
        except faults as fault:
            self.refused.append({"row": number, "reason": reason(fault)})


@dataclass
class Ledger:
    users: Tally
    articles: Tally
    ids_changed: list[Entry] = field(default_factory=list)  # taken here already
    accounts_joined: list[Entry] = field(default_factory=list)  # of the same name and e-mail address, here before
    passwords_left_behind: list[Entry] = field(default_factory=list)  # not hashed by bcrypt

    def note_id(self, table: str, number: int, pk: int) -> None:
        if number != pk:
            self.ids_changed.append({"row": f"{table} {number}", "id": pk})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
