"""Many made-up articles: to see how the site does with as many as it may one day have."""

import json
import multiprocessing
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime
from functools import cache
from time import perf_counter
from types import SimpleNamespace
from typing import Any, TypeVar

import django
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models, transaction
from django.db.models import Max
from tqdm import tqdm

from accounts.models import User
from articles import counting, slugs
from articles.management.made_up import Made, Maker
from articles.models import Article, Entry, Series, SlugHistory, Tag
from articles.search import index

AT_ONCE = 500  # articles: about 10 MB in memory, and one transaction
AUTHORS, TAGS = 40, 200
SERIES, SERIES_PARTS, SERIES_EVERY = 20, 10, 50  # of the first articles each fiftieth is the next part of one
PROCESSES_FROM = 8  # times that many; fewer are made sooner than other processes start
HASTE = {"gin_pending_list_limit": "64MB", "work_mem": "256MB", "synchronous_commit": "off"}

M = TypeVar("M", bound=models.Model)
Task = tuple[int, float, int, int]  # seed, kB, the first id, how many
Rows = dict[type[models.Model], list[tuple[Any, ...]]]
Tagged = Article.tags.through
FIELDS = {field.attname: field for field in Article._meta.concrete_fields}
DEFAULTS = {name: field.get_default() for name, field in FIELDS.items()}
COLUMNS: dict[type[models.Model], list[str]] = {  # what takes longest first: keys to others are checked at the end
    Entry: ["place", "article_id", "published_at", "title", "names", "summary", "content"],
    Article: list(FIELDS),
    SlugHistory: ["slug", "article_id", "since"],
    Tagged: ["article_id", "tag_id"],
}


class Command(BaseCommand):
    help = (
        "Fill the database with made-up articles, for tries and measurements. The same seed makes the same ones. "
        "Each is stored whole or not at all: after an interruption, run it again for those that are missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--kb", type=float, default=4, help="of Markdown, on average (default: 4)")
        parser.add_argument("--yes", action="store_true", help="also on a site in production that has articles")

    def handle(self, *, number: int, seed: int, kb: float, yes: bool, **options: Any) -> None:
        if number < 1:
            raise CommandError("Say how many: one at least.")
        if settings.PRODUCTION and not yes and Article.objects.exists():
            raise CommandError("This site is in production and has articles. To add made-up ones, say --yes.")
        started = perf_counter()
        done = 0
        with self._bar(number) as bar:
            for made in _fill(seed, kb, _first_of(number), number):
                done += made
                bar.update(made)
                if bar.disable:
                    self.stderr.write(f"{done} of {number} articles")
        _settle()
        seconds = perf_counter() - started
        self.stdout.write(f"{number} articles in {seconds:.1f} s, {number / seconds:.0f} a second")

    def _bar(self, number: int) -> "tqdm[Any]":
        return tqdm(total=number, unit="article", smoothing=0, disable=not sys.stderr.isatty())


def _first_of(number: int) -> int:
    """The id of the first of so many new articles. PostgreSQL gives none of them to others meanwhile."""
    first = (Article._base_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(name, greatest(nextval(name), %s)) FROM pg_get_serial_sequence(%s, 'id') AS name",
                [first + number, Article._meta.db_table],
            )
    return first


def _fill(seed: int, kb: float, first: int, number: int) -> Iterator[int]:
    """Make and store them, and say how many more there are now and then. Many are made by several processes."""
    starts = range(first, first + number, AT_ONCE)
    tasks = [(seed, kb, start, min(AT_ONCE, first + number - start)) for start in starts]
    filler = Filler(seed, kb)  # makes the authors, tags and series too
    if len(tasks) < PROCESSES_FROM:
        yield from (filler.fill(*task[2:]) for task in tasks)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would share the connection to the database
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn, initializer=django.setup) as processes:
        try:
            for done in as_completed([processes.submit(_elsewhere, _database(), task) for task in tasks]):
                yield done.result()
        finally:
            processes.shutdown(cancel_futures=True)


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _elsewhere(database: str, task: Task) -> int:
    """In another process; a test's database is not that of the settings."""
    connection.settings_dict["NAME"] = database
    seed, kb, first, count = task
    return _filler(seed, kb).fill(first, count)


@cache
def _filler(seed: int, kb: float) -> "Filler":
    return Filler(seed, kb)


class Filler:
    """Makes and stores articles, with all that saving them one by one would, except revisions and what is related."""

    def __init__(self, seed: int, kb: float) -> None:
        self._maker = Maker(seed, kb, AUTHORS, TAGS)
        words = self._maker.words
        self._authors = _kept(User, "username", (_author(number, words) for number in range(1, AUTHORS + 1)))
        self._tags = _kept(Tag, "slug", (_tag(f"{words[number * 50]} {number}") for number in range(1, TAGS + 1)))
        series = (f"{words[number * 50 + 7]} {number}" for number in range(1, SERIES + 1))
        self._series = _kept(Series, "slug", (Series(title=title, slug=slugs.make(title)) for title in series))

    def fill(self, first: int, count: int) -> int:
        self._store(first, [self._maker.make(number) for number in range(first, first + count)])
        return count

    @transaction.atomic
    def _store(self, first: int, made: list[Made]) -> None:
        rows: Rows = {model: [] for model in COLUMNS}
        for pk, each in enumerate(made, start=first):
            self._add(rows, pk, each)
        _hasten()
        for model, of_model in rows.items():
            _insert(model, of_model)

    def _add(self, rows: Rows, pk: int, made: Made) -> None:
        author, tags, slug = self._authors[made.author], [self._tags[tag] for tag in made.tags], made.fields["slug"]
        moment, stored = made.published_at, _stored(made.published_at)
        fields = DEFAULTS | made.fields | self._place_in_series(pk)
        fields |= {"id": pk, "author_id": author.pk, "toc": json.dumps(made.toc), "published_at": stored}
        fields |= {"created_at": stored, "updated_at": _stored(made.updated_at)}
        rows[Article].append(tuple(fields[name] for name in COLUMNS[Article]))
        rows[SlugHistory].append((slug, pk, stored))
        rows[Tagged] += [(pk, tag.pk) for tag in tags]
        names = index.names(SimpleNamespace(author=author), tags)
        rows[Entry].append((Entry.place_at(moment, pk), pk, stored, made.entry[0], names, *made.entry[1:]))

    def _place_in_series(self, pk: int) -> dict[str, int]:
        place, rest = divmod(pk, SERIES_EVERY)
        if rest or place >= SERIES * SERIES_PARTS:
            return {}
        return {"series_id": self._series[place // SERIES_PARTS].pk, "series_position": place % SERIES_PARTS + 1}


def _kept(model: type[M], by: str, made: Iterable[M]) -> list[M]:
    """These, as an earlier run has left them, or new."""
    wanted = {getattr(each, by): each for each in made}

    def found() -> dict[str, M]:
        return {getattr(each, by): each for each in model._default_manager.filter(**{f"{by}__in": wanted})}

    before = found()
    model._default_manager.bulk_create([wanted[name] for name in wanted if name not in before])
    there = found()
    return [there[name] for name in wanted]


def _author(number: int, words: list[str]) -> User:
    """Nobody can sign in as them."""
    name = f"{words[number * 50 + 3]} {words[number * 50 + 5]}".title()
    username = f"made-up-{number}"
    return User(username=username, email=f"{username}@example.invalid", name=name, password=make_password(None))


def _tag(name: str) -> Tag:
    return Tag(name=name, key=Tag.key_of(name), slug=slugs.make(name))


def _stored(moment: datetime) -> str:
    """As every database takes it, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _insert(model: type[models.Model], rows: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(f'"{name}"' for name in COLUMNS[model])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            values = ", ".join(["%s"] * len(COLUMNS[model]))
            cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values})', rows)  # noqa: S608


def _hasten() -> None:
    """Until the transaction ends, let PostgreSQL sort words into its indexes many at a time, and not wait for disks."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, value in HASTE.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _settle() -> None:
    """What happens by itself minutes later: counts are added up, PostgreSQL looks at what it has, and sorts what came
    last into its indexes."""
    counting.fold()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in ("articles_entry_head", "articles_entry_words"):
                cursor.execute("SELECT gin_clean_pending_list(%s)", [name])
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
