"""How much longer a page deep down a list takes than its first: `python -m benchmarks.paging`, against DATABASE_URL.

`manage.py make_articles` fills it first. For each ordering, as a stranger and as an author, the first page and one from
the end of the list, which a cursor leads to, are asked for in turn through the whole site: what else the machine is
busy with slows both alike.
"""

import os
import re
import statistics
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import django

ROUNDS = 15
LIMIT = 100
ORDERINGS = ["created_at", "published_at", "updated_at", "title"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection

    from articles.models import Article

    settings.READS_PER_ADDRESS = settings.READS_PER_ACCOUNT = settings.READS_PER_TOKEN = 0  # no limit
    print(f"{Article.objects.count():,} articles, {connection.vendor}, {ROUNDS} rounds, {LIMIT} on a page")
    print(f"{'':34}{'first':>10}{'deep':>10}{'ratio':>8}   milliseconds, medians")
    worst = 0.0
    for who, headers in askers():
        for ordering in [name for each in ORDERINGS for name in (f"-{each}", each)]:
            first, deep = measure(f"/api/v1/articles?ordering={ordering}&limit={LIMIT}", headers)
            worst = max(worst, deep / first)
            print(f"{f'{who}, {ordering}':34}{first:10.1f}{deep:10.1f}{deep / first:8.2f}")
    print(f"{'worst':34}{worst:28.2f}")


def askers() -> Iterator[tuple[str, dict[str, str]]]:
    from accounts import roles
    from accounts.api.tokens import sign_in
    from accounts.models import User
    from accounts.roles import Role

    yield "a stranger", {}
    author = User.objects.by_login("paging-benchmark") or User.objects.create_user(
        "paging-benchmark", "paging-benchmark@example.invalid"
    )
    roles.assign(author, Role.AUTHOR)
    yield "an author", {"Authorization": f"Bearer {sign_in(author).access_token}"}


def measure(path: str, headers: dict[str, str]) -> tuple[float, float]:
    """Milliseconds for the first page, and for the one before the last."""
    end = link(ask(path, headers), "last")
    deep = link(ask(end, headers), "prev")
    # the same page from the other side: forward, as a program that walks through the list comes to it
    deep = link(ask(link(ask(deep, headers), "prev"), headers), "next")
    times: dict[str, list[float]] = {path: [], deep: []}
    for _ in range(ROUNDS):
        for url, taken in times.items():
            began = perf_counter()
            ask(url, headers)
            taken.append((perf_counter() - began) * 1000)
    return statistics.median(times[path]), statistics.median(times[deep])


def link(answer: Any, relation: str) -> str:
    links = dict(re.findall(r'<https?://[^/]+([^>]+)>; rel="(\w+)"', answer["Link"]))
    return str(next(url for url, name in links.items() if name == relation))


def ask(url: str, headers: dict[str, str]) -> Any:
    from django.conf import settings
    from django.test import Client

    answer = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip(".")).get(url, secure=settings.HTTPS, headers=headers)
    if answer.status_code != 200:
        sys.exit(f"{answer.status_code} for {url}")
    return answer


if __name__ == "__main__":
    main()
