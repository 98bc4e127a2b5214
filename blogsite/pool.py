"""Connections to PostgreSQL that are seen to be alive without asking the database, which would be a round trip for each
request; and on which nobody waits for a database that stands still.
"""

import select
from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg

LOOKS = 0.1  # seconds between two looks at whether the database still answers others
PATIENCE = 2.0  # seconds that one waits although it does not


class Connection(psycopg.Connection[Any]):
    def wait(self, gen: Any, interval: float = LOOKS, timeout: float | None = None) -> Any:
        try:
            return super().wait(patient(gen), interval, timeout)
        except StandsStill:
            self.close()  # what was asked may be answered yet
            raise

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """The pool asks nothing (""), to see whether a connection works. While the other side says nothing, it does: a
        server that has gone or closed it has said so.
        """
        if query == "" and not self._has_been_told_something():
            return self.cursor()
        return super().execute(query, *args, **kwargs)

    def _has_been_told_something(self) -> bool:
        waiting = select.poll()
        waiting.register(self.fileno(), select.POLLIN)
        return bool(waiting.poll(0))


class StandsStill(psycopg.OperationalError):
    """It has not hung up: its machine takes what is sent to it, and would let one wait for ever."""


def patient(gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """What psycopg waits for, as long as the database is not away."""
    from articles.caching.version import is_away  # once the settings are there, which name this module

    began = monotonic()
    try:
        ready = yield next(gen)
        while True:
            if not ready and monotonic() - began > PATIENCE and is_away():
                raise StandsStill("the database stands still")
            ready = yield gen.send(ready)
    except StopIteration as end:
        return end.value
