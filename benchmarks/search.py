"""How long the search page takes: `python -m benchmarks.search`, against DATABASE_URL.

`manage.py make_articles` fills it first. 200 seeded questions of eight kinds go through the whole site, each once to
warm the caches and once measured, on one core: this process is pinned to it, and so is the PostgreSQL backend that
answers it, where that is on this machine and allowed.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import django
from django.core.management import call_command

EACH = 25
CORE = 0
SHARES = (0.5, 0.95, 1)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")
    django.setup()
    call_command("collectstatic", verbosity=0, interactive=False)
    questions = list(ask(random.Random(7)))  # noqa: S311  # not for secrets
    where, backend = pin()
    times = measure(questions, backend)
    from articles.models import Entry

    print(f"{Entry.objects.count():,} articles, {where}, {len(questions)} questions")
    print("Milliseconds by the clock (and of processor time, which others on a busy machine add nothing to)")
    print(f"{'':24}{'p50':>15}{'p95':>15}{'max':>15}   slowest")
    for kind in [*dict.fromkeys(kind for kind, _ in questions), "all"]:
        some = [time for time in times if kind in (time.kind, "all")]
        shares = "".join(
            f"{share([t.wall for t in some], at):8.1f} ({share([t.cpu for t in some], at):4.1f})" for at in SHARES
        )
        print(f"{kind:24}{shares}   {max(some, key=lambda time: time.cpu).text}")


class Time(NamedTuple):
    kind: str
    text: str
    wall: float
    cpu: float


def share(times: list[float], at: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * at))]


def ask(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Kinds and questions, from the words that the articles have."""
    from articles.models import Entry

    places = list(Entry.objects.values_list("place", flat=True))
    texts = list(Entry.objects.filter(place__in=chance.sample(places, 1500)).values_list("content", flat=True))
    western = [text.split() for text in texts if text.isascii()]
    eastern = [text.split() for text in texts if not text.isascii()]
    often = Counter(word for text in western for word in set(text))
    ranked = [word for word, _ in often.most_common()]
    common, middle, rare = ranked[:40], ranked[200:1500], [word for word in ranked if often[word] == 1]

    def phrase(length: int) -> str:
        text = chance.choice(western)
        start = chance.randrange(len(text) - length)
        return " ".join(text[start : start + length])

    kinds: dict[str, Callable[[], str]] = {
        "a rare word": lambda: chance.choice(rare),
        "a word of the middle": lambda: chance.choice(middle),
        "a very common word": lambda: chance.choice(common),
        "two very common words": lambda: " ".join(chance.sample(common, 2)),
        "a phrase": lambda: f'"{phrase(chance.choice((2, 3, 4)))}"',
        "a beginning": lambda: chance.choice([word for word in middle if len(word) > 5])[: chance.choice((3, 4, 5))],
        "Japanese": lambda: chance.choice(chance.choice(eastern)),
        "nothing to be found": lambda: f"{chance.choice(common)} {chance.choice(rare)}qqq",
    }
    for kind, question in kinds.items():
        for _ in range(EACH):
            yield kind, question()


def pin() -> tuple[str, int | None]:
    """Says where it runs now, and which process of PostgreSQL answers it, if one does."""
    from django.db import connection

    os.sched_setaffinity(0, {CORE})
    if connection.vendor != "postgresql":
        return "SQLite on one core", None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    try:
        os.sched_setaffinity(backend, {CORE})
    except OSError:
        return "PostgreSQL, itself on any core", None
    return "PostgreSQL, both on one core", backend


def measure(questions: list[tuple[str, str]], backend: int | None) -> list[Time]:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip("."))

    def cpu() -> float:
        theirs = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9 if backend else 0
        return process_time() + theirs

    times = []
    for kind, text in questions:
        for _ in range(2):
            wall, own = perf_counter(), cpu()
            answer = client.get("/search/", {"q": text}, secure=settings.HTTPS)
            taken = Time(kind, text, (perf_counter() - wall) * 1000, (cpu() - own) * 1000)
        if answer.status_code != 200:
            sys.exit(f"{answer.status_code} for {text}")
        times.append(taken)
    return times


if __name__ == "__main__":
    main()
