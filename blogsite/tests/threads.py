"""Several at the same time, each thread with a connection of its own, in tests marked `django_db(transaction=True)`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

from django.db import connection, transaction

MANY = 8


def at_once(work: Callable[[int], Any], many: int = MANY) -> list[Any]:
    """What each of so many threads gave, or the exception that it raised. None begins before all are ready."""
    ready = Barrier(many, timeout=60)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            ready.wait()
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))


def while_unsaved(save: Callable[[], Any], change: Callable[[], Any]) -> None:
    """Do one, and the other before the first is committed; or right after, where it waits for that."""

    def run() -> None:
        try:
            change()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            save()
            changing = pool.submit(run)
            wait([changing], timeout=1)
        changing.result(timeout=60)
