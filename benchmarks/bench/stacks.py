"""What is measured: blogsite in its several ways, and its peers; each with the kinds of requests that it is asked."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from benchmarks.bench import processes, servers
from benchmarks.bench.databases import Databases, Redis, copy_to_peer, free_port
from benchmarks.bench.kinds import Target
from benchmarks.bench.servers import ROOT, first_answer, gunicorn, nginx, running, uvicorn
from deploy.nginx import site as in_front

PEER = ROOT / "benchmarks" / "peer_fastapi"
CACHED = ("home", "article", "gzip", "brotli", "304", "list", "one")
FRONTED = ("home", "article", "gzip", "304", "list", "one")
ANEW = ("home", "articles", "tag", "rss", "search", "deep page", "list", "list 20", "deep list", "ones", "health")
WRITES = ("login", "patch", "post")  # last: what they leave behind is not there for reads
PEERS_OWN = ("list", "list 20", "deep list", "ones", *WRITES)
FLOOR = ("home", "article", "list", "one")
QUICK_STACKS = {"postgresql", "postgresql nginx", "postgresql anew", "sqlite"}
QUICK_STACKS |= {"fastapi", "fastapi best", "gunicorn", "nginx"}
QUICK_WITHOUT_POSTGRESQL = {"sqlite", "sqlite nginx", "sqlite anew", "gunicorn", "nginx"}
QUICK_KINDS = {"home", "article", "gzip", "304", "articles", "search", "list", "one", "ones", "login", "patch", "post"}
UNLIMITED = {f"{what}_PER_{whom}": "0" for what in ("READS", "WRITES") for whom in ("ADDRESS", "ACCOUNT", "TOKEN")}


@dataclass(frozen=True)
class Stack:
    name: str
    title: str
    kinds: tuple[str, ...]
    server: Literal["blogsite", "fastapi", "constant", "file"] = "blogsite"
    database: Literal["", "sqlite", "postgresql"] = ""
    redis: bool = False
    nginx: bool = False
    cached: bool = True
    tuned: bool = False

    @property
    def kept(self) -> bool | None:
        """Whether its answers have to come from the page cache, or must not; None for what has none."""
        return self.cached if self.server == "blogsite" else None


def _ways(name: str, title: str, database: Literal["sqlite", "postgresql"], redis: bool = False) -> list[Stack]:
    base = Stack(name, title, CACHED, database=database, redis=redis)
    return [
        base,
        replace(base, name=f"{name} nginx", title=f"{title}, nginx in front", kinds=FRONTED, nginx=True),
        replace(base, name=f"{name} anew", title=f"{title}, no page cache", kinds=(*ANEW, *WRITES), cached=False),
    ]


POSTGRESQL = _ways("postgresql", "blogsite, PostgreSQL", "postgresql")
SQLITE = _ways("sqlite", "blogsite, SQLite", "sqlite")
REDIS = _ways("redis", "blogsite, PostgreSQL + Redis", "postgresql", redis=True)
PEERS = [
    Stack("fastapi", "FastAPI service as it is", PEERS_OWN, "fastapi", "postgresql"),
    Stack("fastapi best", "FastAPI service at its best", PEERS_OWN, "fastapi", "postgresql", tuned=True),
    Stack("gunicorn", "gunicorn, a constant", FLOOR, "constant"),
    Stack("nginx", "nginx, a file", (*FLOOR, "gzip"), "file", nginx=True),
]
ALL = [*POSTGRESQL, *SQLITE, *REDIS, *PEERS]  # PostgreSQL first: what the floors answer are its pages


@dataclass
class Place:
    """Where it happens: a folder of its own, databases of its own, and what the first of them holds."""

    folder: Path
    databases: Databases | None
    redis: Redis | None
    peer: Path | None  # its python
    copies: bool = True  # whether each start has its own: of a million articles that would take longer than all else
    facts: dict[str, Any] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)  # what each start has a copy of
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    secret: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def constants(self) -> Path:
        return self.folder / "constants"

    @property
    def static(self) -> Path:
        return self.folder / "static"

    def missing(self, stack: Stack) -> str | None:
        """Why a stack can't run here."""
        if stack.database == "postgresql" and not self.databases:
            return "PostgreSQL"
        if stack.redis and not self.redis:
            return "Redis"
        if stack.nginx and not servers.NGINX:
            return "nginx"
        return "the FastAPI service's packages" if stack.server == "fastapi" and not self.peer else None

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """A production site's, for the plain http of one machine; limits would end the measurement."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "ENV_FILE": os.devnull,
            "SECRET_KEY": self.secret,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "DATA_DIR": str(self.folder),
            "STATIC_ROOT": str(self.static),
            "DATABASE_URL": database,
            **UNLIMITED,
            **more,
        }

    def fill(self, kind: Literal["sqlite", "postgresql"], number: int) -> None:
        """Makes the data, from which every start takes a copy."""
        if kind == "sqlite":
            self.templates[kind] = str(self.folder / "filled.sqlite3")
            url = f"sqlite:///{self.templates[kind]}"
        else:
            assert self.databases  # noqa: S101
            self.templates[kind] = self.databases.make()
            url = self.databases.url(self.templates[kind])
        said = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "benchmarks.bench.data", str(number), self.password],
            env=self.environment(url),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if said.returncode:
            raise servers.NotStarted(said.stderr[-2000:])
        self.facts = self.facts or json.loads(said.stdout)

    def fill_peer(self) -> None:
        assert self.databases  # noqa: S101
        assert self.peer  # noqa: S101
        name = self.templates["fastapi"] = self.databases.make()
        create = "import asyncio, service; asyncio.run(service.create_tables())"
        subprocess.run(  # noqa: S603
            [str(self.peer), "-c", create], env=self.peer_environment(name), cwd=PEER, check=True
        )
        copy_to_peer(self.databases.url(self.templates["postgresql"]), self.databases.url(name), self.password)
        self.databases.run(name, "VACUUM ANALYZE")

    def peer_environment(self, name: str, pool: int | None = None) -> dict[str, str]:
        assert self.databases  # noqa: S101
        url = self.databases.url(name, "postgresql+asyncpg")
        more = {"PEER_POOL_SIZE": str(pool)} if pool else {}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "DATABASE_URL": url, "SECRET_KEY": self.secret, "PYTHONDONTWRITEBYTECODE": "1", **more}


@dataclass
class Running:
    """A stack that answers."""

    target: Target
    roots: list[int]
    started: float  # seconds until the first 200
    database: str = ""  # of PostgreSQL
    postmaster: int | None = None

    def spent(self, before: processes.Processes, after: processes.Processes) -> tuple[float, float]:
        """Seconds of processor time: of the servers, and of the database."""
        own = processes.spent(before, after, self.roots)
        theirs = 0.0
        if self.postmaster:
            theirs = processes.spent_on(self.database, before, after, self.postmaster)
        return own, theirs

    def memory(self) -> dict[str, float]:
        """Megabytes: of all servers, of the greatest worker, of the database's backends."""
        table = processes.now()
        shares = processes.memory(processes.tree(table, self.roots))
        workers = [share for pid, share in shares.items() if pid not in self.roots]
        backends = [
            pid
            for pid in processes.tree(table, [self.postmaster] if self.postmaster else [])
            if processes.database_of(table[pid].title) == self.database
        ]
        return {
            "servers": sum(shares.values()),
            "worker": max(workers, default=0.0),
            "processes": float(len(shares)),
            "database": sum(processes.memory(backends).values()),
            "backends": float(len(backends)),
        }


@contextmanager
def start(stack: Stack, place: Place) -> Iterator[Running]:
    with ExitStack() as ends:
        yield {"blogsite": _blogsite, "fastapi": _fastapi, "constant": _constant, "file": _file}[stack.server](
            stack, place, ends
        )


def _copy(stack: Stack, place: Place, ends: ExitStack, of: str) -> str:
    """A database as it was filled, for one start."""
    if of == "sqlite":
        file = place.folder / "run.sqlite3"
        for left in place.folder.glob("run.sqlite3*"):
            left.unlink()
        shutil.copyfile(place.templates[of], file)
        return f"sqlite:///{file}"
    assert place.databases  # noqa: S101
    if not place.copies:
        return place.templates[of]
    name = place.databases.make(place.templates[of])
    ends.callback(place.databases.drop, name)
    return name


def _blogsite(stack: Stack, place: Place, ends: ExitStack) -> Running:
    copy = _copy(stack, place, ends, stack.database)
    postgres = place.databases if stack.database == "postgresql" else None
    more = {} if stack.cached else {"PAGE_CACHE_MB": "0"}
    if stack.nginx:
        more["PROXIES"] = "1"
    if stack.redis and place.redis:
        more["REDIS_URL"] = place.redis.url
        ends.callback(place.redis.empty)
    port, log = free_port(), place.folder / "gunicorn.log"
    environment = place.environment(postgres.url(copy) if postgres else copy, **more)
    began = perf_counter()
    pid = ends.enter_context(running(gunicorn(port, "--config=gunicorn.conf.py"), environment, log))
    first_answer(port, "/", log, pid)
    started, roots = perf_counter() - began, [pid]
    if stack.nginx:
        web, port = port, free_port()
        pid = _nginx(place, ends, port, in_front(place.folder, port=port, web=web, static=place.static))
        first_answer(port, "/", place.folder / "nginx.log", pid)
        roots.append(pid)
    if stack.redis and place.redis and (process := place.redis.process):
        roots.append(process)
    target = Target(port, place.facts, "/api/v1", cursors=True, password=place.password)
    return Running(target, roots, started, copy, postgres.postmaster() if postgres else None)


def _nginx(place: Place, ends: ExitStack, port: int, configuration: str) -> int:
    log = place.folder / "nginx.log"
    return ends.enter_context(running(nginx(place.folder, configuration), dict(os.environ), log))


def _fastapi(stack: Stack, place: Place, ends: ExitStack) -> Running:
    copy = _copy(stack, place, ends, "fastapi")
    assert place.databases  # noqa: S101
    assert place.peer  # noqa: S101
    if stack.tuned:
        place.databases.run(copy, "CREATE INDEX ON articles (created_at DESC)", "ANALYZE")
    port, log = free_port(), place.folder / "uvicorn.log"
    began = perf_counter()
    environment = place.peer_environment(copy, pool=20 if stack.tuned else None)
    pid = ends.enter_context(running(uvicorn(place.peer, port), environment, log, PEER))
    first_answer(port, f"/articles/{place.facts['ids'][0]}", log, pid)
    target = Target(port, place.facts, password=place.password)
    return Running(target, [pid], perf_counter() - began, copy, place.databases.postmaster())


def _constant(stack: Stack, place: Place, ends: ExitStack) -> Running:
    port, log = free_port(), place.folder / "constant.log"
    environment = {"PATH": os.environ["PATH"], "CONSTANTS": str(place.constants)}
    began = perf_counter()
    command = gunicorn(port, *servers.BARE, "benchmarks.bench.constant:application")
    pid = ends.enter_context(running(command, environment, log))
    first_answer(port, "/home", log, pid)
    return Running(Target(port, place.facts, constants=True), [pid], perf_counter() - began)


def _file(stack: Stack, place: Place, ends: ExitStack) -> Running:
    port, began = free_port(), perf_counter()
    pid = _nginx(place, ends, port, servers.FILES.format(port=port, folder=place.constants))
    first_answer(port, "/home", place.folder / "nginx.log", pid)
    return Running(Target(port, place.facts, constants=True), [pid], perf_counter() - began)
