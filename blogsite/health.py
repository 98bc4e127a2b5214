"""/healthz: the process runs. /readyz: it can serve, which takes the database, its migrations and the cache.

Whoever asks is a machine that comes by an IP address, without TLS: both are answered before the host or the scheme of
the request is looked at. What fails is named to them, why it fails is told to the log alone.
"""

import logging
from collections.abc import Callable
from functools import cache

from django.core.cache import cache as site_cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger(__name__)


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/healthz":
                response = HttpResponse("ok", content_type="text/plain")
            case "/readyz":
                response = readiness()
            case _:
                return self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


def readiness() -> JsonResponse:
    state = {part: works(part, check) for part, check in CHECKS.items()}
    return JsonResponse(
        {part: "ok" if good else "failing" for part, good in state.items()},
        status=200 if all(state.values()) else 503,
    )


def works(part: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # whatever a driver raises: the answer is the same
        logger.warning("Not ready: %s: %s", part, error)
        return False
    return True


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache  # once they are all applied they stay so; a failure is not remembered
def check_migrations() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise RuntimeError(f"{len(waiting)} not applied: run manage.py migrate")


def check_cache() -> None:
    site_cache.set("readyz", "ok", timeout=5)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "cache": check_cache,
}
