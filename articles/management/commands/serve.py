"""`make serve`: all that lies between a fresh clone and a site that answers, each step only where it is needed."""

import errno
import hashlib
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from articles.models import Article

HOST = "127.0.0.1"
User = get_user_model()


class Command(BaseCommand):
    help = "Serves the site on this machine. The first time, fills it with a demo and makes an administrator."
    requires_system_checks = ()  # a start has to be quick; `make check` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8000")

    def run_from_argv(self, argv: list[str]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C stops at once: the next start takes up what is undone
        super().run_from_argv(argv)

    def handle(self, *, port: str, **options: Any) -> None:
        with problems_in_one_line():
            door = open_door(port)
            reach_database()
            self.prepare()
            self.announce(door.getsockname()[1], new_administrator())
            start_announcing()
            run_gunicorn(door)

    def prepare(self) -> None:
        if migrations_are_waiting():
            self.say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        call_command("render_again")  # after an update; else it finds nothing to do, and says nothing
        if is_untouched():
            self.say("Writing the demo articles ...")
            with transaction.atomic():
                call_command("load_demo", verbosity=0)
        stamp, state = settings.STATIC_ROOT / ".state", state_of_static_files()
        if not stamp.exists() or stamp.read_text() != state:
            self.say("Collecting static files ...")
            call_command("collectstatic", verbosity=0, interactive=False)
            stamp.write_text(state)

    def announce(self, port: int, account: tuple[str, str] | None) -> None:
        site = f"http://{HOST}:{port}"
        self.say(f"\n  The site   {site}/\n  The admin  {site}/{settings.ADMIN_URL}\n  The API    {site}/docs")
        if account:
            self.say("\n  Sign in as {} with the password {} (shown this once only).".format(*account))
        self.say("\n  Ctrl-C stops it.\n\n")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


@contextmanager
def problems_in_one_line() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        sys.exit(str(error))
    except DatabaseError as error:
        file = f": {connection.settings_dict['NAME']}" if connection.vendor == "sqlite" else ""
        sys.exit(str(error).partition("\n")[0] + file)
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))


def open_door(port: str) -> socket.socket:
    """Takes the port before any work is done for it. Who comes early waits until gunicorn opens."""
    choose = f"choose another with make serve PORT={8001 if port == '8000' else 8000}."
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, int(port)))
        door.listen()
    except (ValueError, OverflowError):
        raise CommandError(f"Port {port!r} is no number from 0 to 65535: {choose}") from None
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
        raise CommandError(f"Port {port} {why}: {choose}") from None
    door.set_inheritable(True)
    return door


def reach_database() -> None:
    """Once, directly: the pool would go on trying and answer only that it has waited."""
    if connection.vendor == "postgresql":
        address = connection.get_connection_params()
        address.pop("pool", None)
        with connection.wrap_database_errors:
            psycopg.connect(**address).close()


def migrations_are_waiting() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_untouched() -> bool:
    """Nobody was ever here. Who deletes the demo keeps an account, and so does not get it back."""
    return not (User.objects.exists() or Article.objects.exists())


def new_administrator() -> tuple[str, str] | None:
    """The name and password of one made now, unless somebody can administer the site already."""
    if User.objects.filter(is_active=True, is_superuser=True).exists():
        return None
    names = itertools.chain(["admin"], (f"admin{number}" for number in itertools.count(2)))
    name = next(name for name in names if User.objects.by_login(name) is None)
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(name, f"{name}@localhost", password)
    return name, password


def state_of_static_files() -> str:
    """Changes when a static file does, ours or a package's: to look is far quicker than to collect and compress."""
    found = ((path, storage.path(path)) for finder in get_finders() for path, storage in finder.list(None))
    files = sorted((path, os.stat(file).st_mtime_ns, os.stat(file).st_size) for path, file in found)
    return hashlib.sha256(repr([settings.STORAGES["staticfiles"], files]).encode()).hexdigest()


def start_announcing() -> None:
    """Beside gunicorn, which this process becomes: it ends when gunicorn does."""
    command = [sys.executable, "manage.py", "announce_due", "--every=2", f"--beside={os.getpid()}"]
    subprocess.Popen(command, cwd=settings.BASE_DIR)  # noqa: S603


def run_gunicorn(door: socket.socket) -> NoReturn:
    connection.close()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a Ctrl-C from here on waits for gunicorn.conf.py
    os.chdir(settings.BASE_DIR)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--log-level", "warning"]
    os.execv(sys.executable, [*gunicorn, "--bind", f"fd://{door.fileno()}"])  # noqa: S606
