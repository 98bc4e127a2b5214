"""The databases that a run makes for itself, and drops."""

import secrets
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self
from urllib.parse import urlsplit

import bcrypt
import psycopg
import redis
from psycopg import sql

HERE = ("127.0.0.1", "localhost", "::1")
COLUMNS: dict[str, tuple[LiteralString, LiteralString]] = {
    "users": (
        "id, email, username, hashed_password, created_at, updated_at",
        "COPY (SELECT id, email, username, {password}, date_joined, date_joined FROM accounts_user) TO STDOUT",
    ),
    "articles": (
        "id, title, content, published, author_id, created_at, updated_at",
        "COPY (SELECT id, title, content, published_at <= now(), author_id, created_at, updated_at"
        " FROM articles_article ORDER BY id) TO STDOUT",
    ),
}


class Databases:
    """Makes databases in a PostgreSQL server and drops those, and only those, at the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []
        self._connection = psycopg.connect(url, autocommit=True, connect_timeout=3)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in list(self._made):
            self.drop(name)
        self._connection.close()

    def make(self, template: str = "template0") -> str:
        """A new one, under a name that nobody else has: if there were one already, PostgreSQL would refuse."""
        name = f"blogsite_bench_{secrets.token_hex(4)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        self._made.append(name)
        return name

    def drop(self, name: str) -> None:
        if name not in self._made:
            raise ValueError(f"{name} was not made here")
        self._connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)

    def url(self, name: str, scheme: str = "postgres") -> str:
        return urlsplit(self._url)._replace(scheme=scheme, path=f"/{name}").geturl()

    def run(self, name: str, *statements: LiteralString) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @property
    def version(self) -> str:
        return str(self._connection.execute("SHOW server_version").fetchone()[0]).split()[0]  # type: ignore[index]

    def postmaster(self) -> int | None:
        """The parent of all its processes, where these run on this machine."""
        host = self._connection.info.host
        if host not in HERE and not host.startswith("/"):
            return None
        with suppress(OSError):
            stat = Path(f"/proc/{self._connection.info.backend_pid}/stat").read_text()
            return int(stat[stat.rindex(")") + 2 :].split()[1])
        return None


def copy_to_peer(source: str, target: str, password: str) -> None:
    """The same accounts and articles, in the tables of the FastAPI service. All have one password."""
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(12)).decode()
    with psycopg.connect(source) as ours, psycopg.connect(target) as theirs:
        for table, (columns, select) in COLUMNS.items():
            query = sql.SQL(select).format(password=sql.Literal(hashed))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(columns))
            with ours.cursor().copy(query) as rows, theirs.cursor().copy(into) as copied:
                for row in rows:
                    copied.write(row)
            last = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
            theirs.execute(last.format(sql.Literal(table), sql.Identifier(table)))


class Redis:
    """A database of Redis that was empty, and is made so again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = redis.Redis.from_url(url, socket_connect_timeout=3)
        if self._client.dbsize():
            raise LookupError(f"the Redis database {url} is not empty; name another with BENCH_REDIS_URL")
        self.version = str(self._client.info("server")["redis_version"])

    @property
    def process(self) -> int | None:
        if self._client.connection_pool.connection_kwargs.get("host") not in HERE:
            return None
        return int(self._client.info("server")["process_id"])

    def empty(self) -> None:
        self._client.flushdb()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
