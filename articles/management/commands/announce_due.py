import logging
import os
import signal
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from accounts.housekeeping import tidy
from articles import counting, related, websub
from articles.webhooks import deliver, note

Job = Callable[[], None]
AFTER_TROUBLE = 30  # seconds of rest: what fails now fails in a moment too

logger = logging.getLogger(__name__)


def tell_hub() -> None:
    if settings.WEBSUB_HUB:
        websub.announce()


def keep_house() -> None:
    tidy()
    deliver.forget_old()


# Each, and the seconds between two turns of it at least
JOBS: dict[Job, int] = {
    related.catch_up: 1,
    deliver.deliver: 1,
    note.foresee_scheduled: 60,
    counting.fold: 60,
    tell_hub: 30,
    keep_house: 3600,
}


class Command(BaseCommand):
    help = (
        "Does what nobody waits for: finds which articles are near those that have changed, tells webhooks what became"
        " of articles and a WebSub hub which feeds have changed, clears away what is of no use any more. Once, or for"
        " ever with --every."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="Go on, and look as often as this.")
        parser.add_argument("--beside", type=int, metavar="PID", help="Go on only while it has this parent.")

    def run_from_argv(self, argv: list[str]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C stops at once: the next start takes up what is undone
        super().run_from_argv(argv)

    def handle(self, *, every: int | None, beside: int | None, **options: Any) -> None:
        if every is None:
            for job in JOBS:
                job()
        elif every < 1:
            raise CommandError("--every takes a number of seconds from 1 on.")
        else:
            go_on(every, beside)


def go_on(every: int, beside: int | None) -> None:
    """Each job in a thread of its own, so that none waits for a hub or a receiver of another."""
    for job, least in JOBS.items():
        Thread(target=repeat, args=[job, max(every, least)], daemon=True).start()
    while beside in (None, os.getppid()):
        time.sleep(1)


def repeat(job: Job, seconds: int) -> None:
    while True:
        time.sleep(seconds if take_turn(job) else max(seconds, AFTER_TROUBLE))


def take_turn(job: Job) -> bool:
    """Whether it went well. Nothing that it meets stops the next turn."""
    try:
        close_old_connections()  # one that the database has closed meanwhile is replaced
        job()
    except DatabaseError as error:
        logger.warning("%s failed, which is tried again: %s", job.__name__, str(error).partition("\n")[0])
    except Exception:
        logger.exception("%s failed, which is tried again", job.__name__)
    else:
        return True
    finally:
        close_old_connections()  # what it doesn't keep goes back to the pool
    return False
