"""Queries that Django puts together once, to be asked again with other values: that takes it several times as long as
the database takes to answer one.

A `Slot` stands in the query for each value that comes later. PostgreSQL is given the values apart from the words, and
plans no statement again that it knows already.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.query import ModelIterable
from psycopg.pq import Format

T = TypeVar("T")


class Slot(Value):
    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(name, output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def given(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.value], connection)


class Prepared(Generic[T]):
    """A query for model instances or, by values_list(), for rows. It is put together when it is first asked."""

    def __init__(self, query: Callable[[], QuerySet[Any, T]]) -> None:
        self._query = query

    def __call__(self, **values: Any) -> list[T]:
        """What is found with these values."""
        made, sql, params, converters, is_rows = self._made
        connection = connections[DEFAULT_DB_ALIAS]  # this thread's
        given = [param.given(values, connection) if isinstance(param, Slot) else param for param in params]
        found = ask(sql, given, is_binary=is_rows)
        if is_rows and not converters:
            return found
        compiler = copy(made)
        compiler.connection = connection
        if is_rows:
            rows: Any = map(tuple, compiler.apply_converters(found, converters))
            return list(rows)
        compiler.execute_sql = lambda *how, **chunks: [found]
        compiler.get_converters = lambda shown: converters
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})  # as a queryset has
        return list(ModelIterable(asked))

    @cached_property
    def _made(self) -> tuple[Any, str, tuple[Any, ...], dict[int, Any], bool]:
        query = self._query()
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([shown for shown, _, _ in compiler.select])
        return compiler, sql, params, converters, not issubclass(query._iterable_class, ModelIterable)


def ask(sql: str, params: Sequence[Any], *, is_binary: bool = True) -> list[Any]:
    """The rows of a statement that is written out already."""
    with _cursor(connections[DEFAULT_DB_ALIAS], is_binary=is_binary) as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def insert(row: Model) -> None:
    """Put in what is new, as save() does; but no signal tells of it, and it is not told its id."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _insertion(type(row))
    given = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with _cursor(connection, is_binary=False) as cursor:
        cursor.execute(sql, given)


@cache
def _insertion(model: type[Model]) -> tuple[str, list[Any]]:
    fields = [field for field in model._meta.concrete_fields if field is not model._meta.auto_field]
    name = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns, values = ", ".join(name(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {name(model._meta.db_table)} ({columns}) VALUES ({values})", fields


class PreparingCursor(ServerBindingCursor):
    def _send_query_prepared(self, name: bytes, pgq: Any, **options: Any) -> None:
        self._query = pgq  # which psycopg leaves out, and Django shows as what was asked
        super()._send_query_prepared(name, pgq, **options)  # type: ignore[misc]


@contextmanager
def _cursor(connection: Any, *, is_binary: bool) -> Iterator[Any]:
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
        if is_binary:  # which takes less to read, but Django's fields don't know how to read all kinds of it
            cursor.cursor.format = Format.BINARY
        yield cursor
