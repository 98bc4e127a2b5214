"""Statements that are asked so often that they are compiled once: that takes longer than the database takes for one.

PostgreSQL is given the values apart from the words, and plans no statement again that it knows already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Field, QuerySet, Value
from psycopg.pq import Format


class Slot(Value):
    """Where a statement is given a value each time that it is run."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(name, output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def given(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.value], connection)


class Prepared:
    """The rows of a values_list(), in the places of whose Slots there is something else each time."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self._compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._params = self._compiler.as_sql()
        self._converters = self._compiler.get_converters([shown for shown, _, _ in self._compiler.select])

    def rows(self, **values: Any) -> list[Any]:
        params = [param.given(values) if isinstance(param, Slot) else param for param in self._params]
        with _cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        return list(self._compiler.apply_converters(found, self._converters)) if self._converters else found


class PreparingCursor(ServerBindingCursor):
    def _send_query_prepared(self, name: bytes, pgq: Any, **options: Any) -> None:
        self._query = pgq  # which psycopg leaves out, and Django shows as what was asked
        super()._send_query_prepared(name, pgq, **options)  # type: ignore[misc]


@contextmanager
def _cursor() -> Iterator[Any]:
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    usual, connection.connection.cursor_factory = connection.connection.cursor_factory, PreparingCursor
    try:
        made = connection.cursor()
    finally:
        connection.connection.cursor_factory = usual
    with made as cursor:
        cursor.cursor.format = Format.BINARY  # which takes less to read
        yield cursor
