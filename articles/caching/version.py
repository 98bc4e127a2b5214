"""Which number it has now what readers see, known at next to no cost.

- SQLite: `PRAGMA data_version` says whether anybody has written since; only then the number is read.
- PostgreSQL: all processes of this machine share a few bytes of memory. Who commits a change writes the new number
  there before anybody hears that it is done, so the next request on any process is fresh. One process listens to what
  other machines notify, within milliseconds, and asks twice a second besides. Where nothing was heard for a second,
  the database is asked before anything is answered.
- PostgreSQL with CACHE_FRESHNESS=strict: the database is asked each time.

While the database does not answer, what was last known holds, and is said to be as old as it is.
"""

import fcntl
import os
import re
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from hashlib import blake2b
from mmap import mmap
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, Protocol, TypeVar

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection, transaction
from django.db.backends.signals import connection_created

from articles.caching.raising import CHANNEL, COLUMNS, OF_ARTICLES, TABLE

SURE = 1.0  # seconds for which what was heard last is trusted
PAUSE = 0.5  # seconds between two questions of the one who listens
PATIENCE = 2  # seconds that a question may take
AWAY = 3.0  # seconds for which only who listens asks a database that has not answered: PAUSE, PATIENCE and some
FULL = ("too many clients", "remaining connection slots", "too many connections")  # as PostgreSQL and its poolers say
A_MINUTE = 60.0  # seconds: what is further ahead was written before the machine was started again
# Nothing is an answer too: while a copy of the database is read in, its rows are missing for a moment.
ASK = f"SELECT CAST(coalesce(sum(number), 0) AS bigint), CAST(coalesce(sum(taken_away), 0) AS bigint) FROM {TABLE}"  # noqa: S608

T = TypeVar("T")


class Known(NamedTuple):
    """What is kept is good under the same number; under the same count of what was taken away, it hides nothing."""

    epoch: int  # one more where the database was put back to an earlier state
    number: int
    taken_away: int


class State(NamedTuple):
    known: Known
    age: float  # in seconds: 0 where it is certain, else how long ago it was, for the database does not answer


class Source(Protocol):
    def state(self) -> State: ...


def current() -> State:
    """What is known of this moment."""
    return _source().state()


def is_away() -> bool:
    """Whether the database was found not to answer, a moment ago. A file answers at once either way."""
    return _serving.on and connection.vendor == "postgresql" and _shared().is_away()


def serve() -> None:
    """This process answers readers: from now on it hears of changes by itself."""
    if not _serving.on:
        _serving.on = True
        if connection.vendor == "postgresql":
            Thread(target=_listen, name="version", daemon=True).start()


class _Serving:
    on = False


_serving = _Serving()


def _serve_no_more() -> None:
    """A process that was forked has no thread that listens: it begins anew, should it answer readers."""
    _serving.on = False


os.register_at_fork(after_in_child=_serve_no_more)


def remembered(load: Callable[[], T]) -> Callable[[], T]:
    """What `load` gives, read again only once something has changed. Only where readers are answered: a transaction
    that has changed something itself would not see it."""
    kept: list[tuple[Known, T]] = []

    def value() -> T:
        if not _serving.on or connection.in_atomic_block:
            return load()
        known, age = current()
        if kept and kept[0][0] == known:
            return kept[0][1]
        loaded = load()
        if not age:
            kept[:] = [(known, loaded)]
        return loaded

    return value


@cache
def _source_of(pid: int) -> Source:
    """A process that was forked takes no connection with it."""
    if connection.vendor == "sqlite":
        return File(str(connection.settings_dict["NAME"]))
    return Asked(_shared(), always=settings.CACHE_FRESHNESS == "STRICT")


def _source() -> Source:
    return _source_of(os.getpid())


class File:
    """An SQLite database, seen by a connection that writes nothing: so it notices what any other has written."""

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, Lock()
        self._connection: sqlite3.Connection | None = None
        self._stamp: Any = None
        self._known, self._heard = Known(0, 0, 0), 0.0

    def state(self) -> State:
        with self._lock:
            try:
                self._look()
            except sqlite3.Error:
                self._connection = None
                return State(self._known, max(monotonic() - self._heard, 0.001))
            self._heard = monotonic()
            return State(self._known, 0.0)

    def _look(self) -> None:
        if self._connection is None:
            address = f"{Path(self._name).absolute().as_uri()}?mode=rw"  # it is not made where it is missing
            self._connection = sqlite3.connect(
                address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._stamp = None
        stamp = self._connection.execute("PRAGMA data_version").fetchone()
        if stamp != self._stamp:
            self._known = Known(0, *self._connection.execute(ASK).fetchone())
            self._stamp = stamp


class Shared:
    """A few bytes of memory that all processes of this machine have in common: of one database."""

    # What is known, when it was asked for, until when the database is held for away, and since when nothing that was
    # asked before counts. In the machine's own form: each is read and written whole, and is never half an old one.
    LAYOUT = struct.Struct("@QQQddd")

    def __init__(self, path: Path) -> None:
        """Kept open: should somebody clear it away, those who have it go on with it."""
        self.path, self._lock = path, Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._file, 0, self.LAYOUT.size)  # on a full disk it fails here, and not when it is written
        self._memory = mmap(self._file, self.LAYOUT.size)

    def read(self) -> tuple[Known, float, float]:
        return self._read()[:3]

    def _read(self) -> tuple[Known, float, float, float]:
        epoch, number, taken_away, heard, away, doubted = self.LAYOUT.unpack_from(self._memory)
        return Known(epoch, number, taken_away), heard, away, doubted

    def learn(self, before: Known, asked: float, number: int, taken_away: int) -> Known:
        """The database's answer to a question that was `asked` when `before` was known."""
        with self._locked():
            known, heard, _, doubted = self._read()
            if number < before.number and before.epoch == known.epoch:
                known = Known(known.epoch + 1, number, taken_away)
            elif number > known.number:
                known = Known(known.epoch, number, taken_away)
            if asked >= doubted or doubted > asked + A_MINUTE:
                heard = asked if heard > asked + A_MINUTE else max(heard, asked)
            self._write(known, heard, 0.0, doubted)
        return known

    def is_away(self) -> bool:
        now = monotonic()
        return now < self.read()[2] < now + A_MINUTE

    def miss(self, error: psycopg.Error) -> None:
        """The database has not answered. One that has too many connections has; it answers those who have theirs."""
        if any(words in str(error) for words in FULL):
            return
        with self._locked():
            known, heard, _, doubted = self._read()
            self._write(known, heard, monotonic() + AWAY, doubted)

    def doubt(self) -> None:
        """Something was committed, and the number that it made is not known: whoever answers asks for it first."""
        with self._locked():
            known, heard, away, _ = self._read()
            now = monotonic()
            self._write(known, min(heard, now - SURE), away, now)

    def _write(self, known: Known, heard: float, away: float, doubted: float) -> None:
        self.LAYOUT.pack_into(self._memory, 0, *known, heard, away, doubted)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


class Asked:
    """A PostgreSQL database: what was heard within the last second, or else its own answer."""

    def __init__(self, shared: Shared, *, always: bool) -> None:
        self._shared, self._always = shared, always
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def state(self) -> State:
        known, heard, _ = self._shared.read()
        now = monotonic()
        if not self._always and 0 <= now - heard < SURE:
            return State(known, 0.0)
        if self._shared.is_away() or not self._lock.acquire(timeout=PATIENCE):
            return State(known, max(now - heard, 0.001))
        try:
            return State(self._ask(), 0.0)
        except psycopg.Error as error:
            self._connection = None
            self._shared.miss(error)
            return State(known, max(now - heard, 0.001))
        finally:
            self._lock.release()

    def _ask(self) -> Known:
        if self._connection is None:
            self._connection = connect()
        began = monotonic()
        try:
            return ask(self._connection, self._shared)
        except psycopg.OperationalError:  # it may have been restarted; but one that stands still is not asked twice
            if monotonic() - began >= PATIENCE:
                raise
            self._connection = connect()
            return ask(self._connection, self._shared)


def ask(database: psycopg.Connection[Any], shared: Shared) -> Known:
    (before, _, _), asked = shared.read(), monotonic()
    row = database.execute(ASK).fetchone()
    return shared.learn(before, asked, *(row or (0, 0)))


class Impatient(psycopg.Connection[Any]):
    """To a database that may stand still, which its machine does not tell: what was sent to it did arrive."""

    def wait(self, gen: Any, interval: float = PAUSE, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, PATIENCE if timeout is None else timeout)


def connect() -> psycopg.Connection[Any]:
    """Beside the pool, so that knowing the number never waits for a request that is slow."""
    parameters = connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"):
        parameters.pop(name, None)
    parameters |= {"connect_timeout": PATIENCE, "tcp_user_timeout": PATIENCE * 1000, "autocommit": True}
    return Impatient.connect(**parameters)


def check() -> None:
    """Refuses to start where what processes share can't be written, which each request would else fail on."""
    if connection.vendor == "postgresql":
        try:
            _shared()
        except OSError as error:
            raise ImproperlyConfigured(f"DATA_DIR can't be written: {error.strerror}: {error.filename}") from None


@cache
def _shared() -> Shared:
    database = connection.settings_dict
    name = "\n".join(str(database[part]) for part in ("HOST", "PORT", "NAME"))
    return Shared(settings.DATA_DIR / f"version-{blake2b(name.encode(), digest_size=6).hexdigest()}")


def _listen() -> None:
    """For all processes of this machine: the others wait here until the one that does so ends."""
    shared = _shared()
    file = os.open(shared.path.with_suffix(".listener"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    while True:
        try:
            _hear(shared)
        except psycopg.Error as error:
            shared.miss(error)
            sleep(PAUSE)


def _hear(shared: Shared) -> None:
    """Until the connection is cut: the database may well be there, so it is called anew at once."""
    with closing(connect()) as database:
        database.execute(f"LISTEN {CHANNEL}")
        ask(database, shared)
        with suppress(psycopg.OperationalError):
            while True:
                for _ in database.notifies(timeout=PAUSE, stop_after=1):
                    pass
                ask(database, shared)


SEEN = "|".join(["articles_article", "articles_sitesettings", *COLUMNS, *OF_ARTICLES])
WRITES = re.compile(rf'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"({SEEN})"')


def watch(**signal: Any) -> None:
    """Has every connection of Django's tell the other processes of this machine what it has committed."""
    database = signal["connection"]
    if database.vendor == "postgresql" and _tell not in database.execute_wrappers:
        database.execute_wrappers.append(_tell)


def listen() -> None:
    """Called once, when the app is ready."""
    connection_created.connect(watch, dispatch_uid="articles.caching.watch")


def _tell(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    result = execute(sql, params, many, context)
    if isinstance(sql, str) and WRITES.match(sql):
        database = context["connection"]
        if not any(each[1] is sync for each in database.run_on_commit):
            transaction.on_commit(sync, using=database.alias, robust=True)
    return result


def sync() -> None:
    """What was committed just now is known to this machine when this returns, or known to be unknown. One query, if
    anybody here listens."""
    shared = _shared()
    before, heard, _ = shared.read()
    asked = monotonic()
    if not 0 <= asked - heard < SURE:
        shared.doubt()
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(ASK)
            shared.learn(before, asked, *cursor.fetchone())
    except Error:
        shared.doubt()
        raise
