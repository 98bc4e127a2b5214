"""Connections to PostgreSQL that are seen to be alive without asking the database, which would be a round trip for each
request.
"""

import select
from typing import Any

import psycopg


class Connection(psycopg.Connection[Any]):
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
