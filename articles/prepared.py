"""Queries that Django puts together once, to be asked again with other values.

To put one together takes Django several times as long as the database takes to answer it. So what every reader's page
asks is kept as SQL from its first use on; `Asked` stands in it for each value that comes later.
"""

from collections.abc import Callable
from copy import copy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


class Asked(Value):
    def __init__(self, name: str, kind: "Field[Any, Any]") -> None:
        super().__init__(None, output_field=kind)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]

    def given(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


class Prepared(Generic[M]):
    def __init__(self, query: Callable[[], QuerySet[M]]) -> None:
        self._query = query
        self._made: tuple[Any, str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> list[M]:
        """What is found with these values."""
        if self._made is None:
            compiler = self._query().query.get_compiler(DEFAULT_DB_ALIAS)
            self._made = (compiler, *compiler.as_sql())
        made, sql, params = self._made
        compiler = copy(made)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # this thread's
        given = tuple(
            param.given(values, compiler.connection) if isinstance(param, Asked) else param for param in params
        )
        compiler.as_sql = lambda: (sql, given)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})  # as a queryset has
        return list(ModelIterable(asked))
