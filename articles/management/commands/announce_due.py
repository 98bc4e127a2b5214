import logging
import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from articles import websub

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Tells the WebSub hub which feeds have changed since it was last told: once, or for ever with --every."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="Go on, with a turn as often as this.")
        parser.add_argument("--beside", type=int, metavar="PID", help="Go on only while it has this parent.")

    def run_from_argv(self, argv: list[str]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C stops at once: the next start takes up what is undone
        super().run_from_argv(argv)

    def handle(self, *, every: int | None, beside: int | None, **options: Any) -> None:
        if not settings.WEBSUB_HUB:
            raise CommandError("WEBSUB_HUB is not set: there is no hub to tell (see .env.example).")
        if every is None:
            websub.announce()
        elif every < 1:
            raise CommandError("--every takes a number of seconds from 1 on.")
        else:
            go_on(every, beside)


def go_on(every: int, beside: int | None) -> None:
    while beside in (None, os.getppid()):
        take_turn()
        rest(every, beside)


def take_turn() -> None:
    close_old_connections()  # one that the database has closed meanwhile is replaced
    try:
        websub.announce()
    except DatabaseError as error:
        logger.warning("Nothing could be announced, which is tried again: %s", str(error).partition("\n")[0])


def rest(seconds: int, beside: int | None) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and beside in (None, os.getppid()):
        time.sleep(1)
