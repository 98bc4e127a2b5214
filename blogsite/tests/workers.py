"""Two workers as gunicorn forks them, which share what is kept and what is known; each takes its time from the test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage
from io import BytesIO
from multiprocessing.connection import Connection
from socket import socketpair
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import time_machine
from django.conf import settings
from django.db import connection

WORKERS = 2
KEPT, ANEW = "kept", "anew"  # the two ways: with what is kept, and around it


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage  # whose names may be written any way
    body: bytes


class Site(NamedTuple):
    folder: str  # where the answers are kept
    doors: list[Connection]

    def ask(self, worker: int, address: str, *, at: float, way: str = KEPT, **more: Any) -> Reply:
        self.doors[worker].send((way, at, environ(address, **more)))
        reply = self.doors[worker].recv()
        if isinstance(reply, str):
            raise AssertionError(reply)
        return Reply(*reply)

    def wipe(self) -> None:
        for name in os.listdir(self.folder):
            if name != "lock":
                os.unlink(f"{self.folder}/{name}")


def environ(address: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> dict[str, Any]:
    """As gunicorn hands a request on: `environ("/?page=2", accept_encoding="br")`."""
    path, _, query = address.partition("?")
    made = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body) or ""),
        "CONTENT_TYPE": "application/json" if body else "",
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
    }
    return made | {f"HTTP_{name.upper()}": value for name, value in headers.items()}


def run(application: Any, asked: dict[str, Any]) -> Reply:
    """What a WSGI application answers."""
    said: list[Any] = []
    given = {**asked, "wsgi.input": BytesIO(asked["wsgi.input"]), "wsgi.errors": sys.stderr}
    response = application(given, lambda status, headers, *_: said.append((status, headers)))
    try:
        body = b"".join(response)
    finally:
        if close := getattr(response, "close", None):
            close()
    status, pairs = said[-1]
    headers = HTTPMessage()
    for name, value in pairs:
        headers[name] = value
    return Reply(int(status[:3]), headers, body)


def database() -> str:
    """The address of the test database, for other processes."""
    about = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{about['NAME']}"
    return f"postgres://{about['USER']}:{about['PASSWORD']}@{about['HOST']}:{about['PORT']}/{about['NAME']}"


@contextmanager
def site(database: str, *, limit: int, **variables: str) -> Iterator[Site]:
    """Of the database at this address. At most `limit` bytes are kept."""
    pairs = [socketpair() for _ in range(WORKERS)]
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(limit), *(str(theirs.fileno()) for _, theirs in pairs)],
        env={**os.environ, "DATABASE_URL": database, "DATA_DIR": str(settings.DATA_DIR), **variables},
        pass_fds=[theirs.fileno() for _, theirs in pairs],
    )
    for _, theirs in pairs:
        theirs.close()
    doors = [Connection(ours.detach()) for ours, _ in pairs]
    try:
        yield Site(doors[0].recv(), doors)
    finally:
        for door in doors:
            door.close()
        process.wait(timeout=60)


def main(limit: str, *doors: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "blogsite.tests.settings"
    from django.core.wsgi import get_wsgi_application

    framework = get_wsgi_application()
    from blogsite.pages.shortway import ShortWay

    short = ShortWay(framework, int(limit))
    ways = {KEPT: short, ANEW: framework}
    connections = [Connection(int(door)) for door in doors]
    connections[0].send(str(short._store._folder))
    for number, door in enumerate(connections):
        if os.fork() == 0:
            connections.pop(1 - number).close()
            serve(door, ways)
    for door in connections:
        door.close()
    for _ in doors:
        os.wait()


def serve(door: Connection, ways: dict[str, Any]) -> None:
    while True:
        try:
            way, at, asked = door.recv()
        except EOFError:
            os._exit(0)
        try:
            with time_machine.travel(at, tick=False):
                door.send(tuple(run(ways[way], asked)))
        except Exception as error:
            door.send(repr(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
