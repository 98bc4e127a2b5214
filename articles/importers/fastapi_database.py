"""The database of the FastAPI blog service: read as it was at one moment, a row at a time, and never written to."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

Table = Literal["users", "articles"]
AT_ONCE = 500  # rows that the server hands over together
PATIENCE = 10  # seconds for the server to answer at all


class Unusable(Exception):
    """There is nothing to import from. Says why in one sentence, without the address, which may hold a password."""


class OldUser(NamedTuple):
    id: int
    email: str
    username: str
    hashed_password: str
    created_at: str


class OldArticle(NamedTuple):
    id: int
    title: str
    content: str
    published: bool
    author_id: int
    created_at: str
    updated_at: str


ROWS: dict[Table, type[OldUser | OldArticle]] = {"users": OldUser, "articles": OldArticle}
OURS = {"accounts_user", "articles_article"}


class OldDatabase:
    """All that is asked of one is as it was when it was opened, whatever the service writes meanwhile."""

    def __init__(self, connection: Any, name: str) -> None:
        self.name = name
        self._connection = connection

    def count(self, table: Table) -> int:
        return int(self._one(f"SELECT count(*) FROM {table}"))  # noqa: S608  # one of two names

    def highest_id(self, table: Table) -> int:
        return int(self._one(f"SELECT coalesce(max(id), 0) FROM {table}"))  # noqa: S608

    def rows(self, table: Table) -> Iterator[Any]:
        """Each OldUser or OldArticle by its id. The times are texts, as not every one need be a time."""
        kind = ROWS[table]
        columns = (f"CAST({name} AS text)" if name.endswith("_at") else name for name in kind._fields)
        statement = f"SELECT {', '.join(columns)} FROM {table} ORDER BY id"  # noqa: S608
        with _troubles_in_one_sentence(), closing(self._cursor()) as cursor:
            cursor.execute(statement)
            while some := cursor.fetchmany(AT_ONCE):
                yield from map(kind._make, some)

    def check(self) -> None:
        """Raises Unusable where it is not the service's."""
        if all(self._columns(table) for table in OURS):
            raise Unusable("That is the database of a blogsite, and not of the FastAPI service.")
        for table, kind in ROWS.items():
            columns = self._columns(table)
            if not columns:
                raise Unusable(f"It has no table {table}: is it the database of the FastAPI service?")
            if missing := [name for name in kind._fields if name not in columns]:
                raise Unusable(f"Its table {table} has no {' and no '.join(missing)}: is it of the FastAPI service?")

    def _columns(self, table: str) -> set[str]:
        if isinstance(self._connection, sqlite3.Connection):
            return {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}
        found = self._connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return {name for (name,) in found}

    def _one(self, statement: str) -> Any:
        with _troubles_in_one_sentence():
            return self._connection.execute(statement).fetchone()[0]

    def _cursor(self) -> Any:
        """On PostgreSQL the server's own, or all rows would come into memory at once."""
        is_file = isinstance(self._connection, sqlite3.Connection)
        return self._connection.cursor() if is_file else self._connection.cursor(name="rows")


@contextmanager
def opened(url: str) -> Iterator[OldDatabase]:
    """The database at an address as SQLAlchemy writes it, such as postgresql+asyncpg://user:password@host/name.

    Raises Unusable where there is none, or none of the service.
    """
    with _troubles_in_one_sentence():
        connection, name = _connect(url)
        with closing(connection):
            database = OldDatabase(connection, name)
            database.check()
            yield database


def _connect(url: str) -> tuple[Any, str]:
    scheme, separator, rest = url.partition("://")
    match scheme.partition("+")[0]:
        case "postgresql" | "postgres" if separator:
            return _postgresql(f"postgresql://{rest}")
        case "sqlite" if separator:
            return _sqlite(rest)
    raise Unusable("That is no address of a database: it begins with postgresql:// or sqlite:///.")


def _postgresql(url: str) -> tuple[Any, str]:
    try:
        parts = urlsplit(url)
        if parts.port == 0 or parts.netloc.count("@") < url.count("@") or url.count("@") > 1:
            raise ValueError  # parts of the password would be taken for the host's name, and told
        asked = {{"ssl": "sslmode"}.get(name, name): value for name, value in parse_qsl(parts.query)}  # asyncpg's name
        given: dict[str, Any] = conninfo_to_dict(parts._replace(query=urlencode(asked)).geturl())
    except (ValueError, psycopg.ProgrammingError):  # which would quote it, with its password
        raise Unusable(
            "That address of a PostgreSQL database can't be read. Signs such as @ / # % in a password are written "
            "as %40 %2F %23 %25."
        ) from None
    connection = psycopg.connect(**{"connect_timeout": PATIENCE, **given, "client_encoding": "utf8"})
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    connection.execute("SET LOCAL TIME ZONE 'UTC'")
    connection.execute("SET LOCAL datestyle TO 'ISO'")
    return connection, connection.info.dbname


def _sqlite(rest: str) -> tuple[Any, str]:
    file = Path(unquote(rest.partition("?")[0]).removeprefix("/"))
    if not file.is_file():
        raise Unusable(f"There is no file {file}.")
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, isolation_level=None)
    connection.text_factory = lambda text: text.decode(errors="surrogateescape")
    connection.execute("BEGIN")
    return connection, file.stem


@contextmanager
def _troubles_in_one_sentence() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, sqlite3.Error) as trouble:
        said = " ".join(str(trouble).split("\n")[0].split())
        raise Unusable(f"The old database can't be read: {said.rstrip('.') or type(trouble).__name__}.") from None
