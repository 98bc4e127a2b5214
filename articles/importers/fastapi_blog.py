"""The accounts and articles of the FastAPI blog service, taken in from its database; a bad row doesn't stop the others.

Each row is written with an ImportedRow that remembers it, in one transaction: a run that was killed is resumed by
running it again, and a second run changes nothing. What has changed there since comes in as a change here, unless it
was changed here too; what was deleted here stays so.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import count, islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role, assign, role_of
from articles import intake, publishing, related
from articles.importers.fastapi_database import OldArticle, OldDatabase, OldUser, Table
from articles.importers.rows import Ledger, Tally
from articles.models import Article, ImportedRow
from articles.models.taxonomy import UNSTORABLE

AT_ONCE = 200  # articles in one transaction
AUTHORS_REMEMBERED = 1000
FIELDS_OF_A_USER = ["username", "email", "password"]
# Of the salt's last character bcrypt uses two bits, and refuses one that has others. Each step of the cost doubles the
# work: at 16 a sign-in takes seconds, and at 31, the highest that there is, it would hold a worker for a day.
BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")

ANOTHER = "another came in under its id, which has been deleted there since"

Row = OldUser | OldArticle
Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]


class Refused(Exception):
    """This row can't come in, or not whole. Says why."""


FAULTS_OF_A_ROW = (Refused, ValidationError, PermissionDenied, DataError, IntegrityError)


def _silently(items: Iterable[Any], unit: str, total: int) -> Iterable[Any]:
    return items


class Import:
    """Of one OldDatabase. A repeated one is known by its `source`."""

    def __init__(self, database: OldDatabase, *, source: str = "", dry_run: bool = False) -> None:
        self._database, self._dry_run = database, dry_run
        self._source = source or database.name
        self._ledger = Ledger(users=Tally(database.count("users")), articles=Tally(database.count("articles")))
        self._replaced: set[int] = set()  # ids of accounts that others have there now
        self._author = lru_cache(AUTHORS_REMEMBERED)(self._find_author)

    def run(self, progress: Progress = _silently) -> Ledger:
        """Take in what is new or has changed; in a dry run, all of it in one transaction that is then taken back."""
        with transaction.atomic() if self._dry_run else nullcontext():
            self._take_users(progress)
            self._take_articles(progress)
            if self._dry_run:
                transaction.set_rollback(True)
        return self._ledger

    def relate(self, progress: Progress = _silently) -> None:
        """Find what is near to those that have come in, those too that a run which was killed left without."""
        waiting = Article.objects.filter(imported_rows__source=self._source, terms__isnull=True).order_by("pk")
        pks = list(waiting.values_list("pk", flat=True))
        rows = iter(progress(pks, "related article", len(pks)))
        while some := list(islice(rows, AT_ONCE)):
            related.relate(*Article.objects.filter(pk__in=some).defer("content"))

    def _batches(self, table: Table, progress: Progress) -> Iterator[tuple[list[Any], dict[int, ImportedRow]]]:
        """The rows of a table, and what is remembered of those that came in before."""
        tally: Tally = getattr(self._ledger, table)
        rows = iter(progress(self._database.rows(table), table.removesuffix("s"), tally.rows))
        before = ImportedRow.objects.filter(source=self._source, table=table)
        before = before.select_related("user" if table == "users" else "article__author")
        while some := list(islice(rows, AT_ONCE)):
            yield some, {each.number: each for each in before.filter(number__in=[row.id for row in some])}

    def _remember(self, row: Row, *, fingerprint: str, **became: Any) -> ImportedRow:
        table = "users" if isinstance(row, OldUser) else "articles"
        return ImportedRow(
            source=self._source, table=table, number=row.id, digest=_digest(row), fingerprint=fingerprint, **became
        )

    # Accounts

    def _take_users(self, progress: Progress) -> None:
        self._ids = _Ids(User, self._database.highest_id("users"), self._dry_run)
        for rows, known in self._batches("users", progress):
            for row in rows:
                with self._refusals(row):
                    self._take_user(row, known.get(row.id))

    @transaction.atomic
    def _take_user(self, row: OldUser, before: ImportedRow | None) -> None:
        if before is None:
            self._create_user(row)
        elif before.user is None:
            self._ledger.users.deleted_here += 1
        elif before.digest == _digest(row):
            self._ledger.users.unchanged += 1
        elif before.fingerprint and _is_newer(row, before.user.date_joined):
            self._replaced.add(row.id)
            raise Refused(ANOTHER)
        elif before.fingerprint != _fingerprint(before.user):
            self._ledger.users.keep(row.id, before.user.pk)
        else:
            self._update_user(row, before, before.user)

    def _create_user(self, row: OldUser) -> None:
        _require_texts(row.username, row.email)
        alike = User.objects.filter(username__lower=row.username.lower(), email__lower=row.email.lower()).first()
        if alike and not alike.imported_rows.filter(source=self._source).exists():
            self._ledger.accounts_joined.append({"row": f"users {row.id}", "account": alike.username})
            self._ledger.users.unchanged += 1
            self._remember(row, fingerprint="", user=alike).save()
            return
        user = User(pk=self._ids.free(row.id), date_joined=_moment(row.created_at, "created_at"))
        self._set(user, row)
        user.save(force_insert=True)
        assign(user, Role.AUTHOR)
        self._remember(row, fingerprint=_fingerprint(user), user=user).save()
        self._ledger.note_id("users", row.id, user.pk)
        self._ledger.users.created += 1

    def _update_user(self, row: OldUser, before: ImportedRow, user: User) -> None:
        _require_texts(row.username, row.email)
        self._set(user, row)
        user.save(update_fields=FIELDS_OF_A_USER)
        before.digest, before.fingerprint = _digest(row), _fingerprint(user)
        before.save(update_fields=["digest", "fingerprint"])
        self._ledger.users.updated += 1

    def _set(self, user: User, row: OldUser) -> None:
        user.username, user.email = row.username, row.email
        if BCRYPT.fullmatch(str(row.hashed_password)):
            user.password = f"bcrypt${row.hashed_password}"
        else:
            user.password = make_password(None)
        user.full_clean(validate_unique=False)
        if not user.has_usable_password():
            self._ledger.passwords_left_behind.append({"row": f"users {row.id}", "account": row.username})

    def _find_author(self, number: int) -> User:
        """Raises Refused, which is not remembered."""
        row = ImportedRow.objects.filter(source=self._source, table="users", number=number)
        known = row.select_related("user").first()
        if known is None or number in self._replaced:
            raise Refused(f"its author, user {number}, did not come in")
        if known.user is None:
            raise Refused(f"its author, user {number}, was deleted here")
        return known.user

    # Articles

    def _take_articles(self, progress: Progress) -> None:
        self._ids = _Ids(Article, self._database.highest_id("articles"), self._dry_run)
        for rows, known in self._batches("articles", progress):
            prepared = [each for row in rows if row.id not in known and (each := self._prepare(row))]
            self._create_articles(prepared)
            for row in rows:
                if row.id in known:
                    with self._refusals(row):
                        self._take_again(row, known[row.id])

    def _prepare(self, row: OldArticle) -> tuple[OldArticle, Article, set[str]] | None:
        with self._refusals(row):
            began = _moment(row.created_at, "created_at")
            article = Article(
                author=self._author(row.author_id),
                created_at=began,
                updated_at=_moment(row.updated_at, "updated_at"),
                **_words(row),
                published_at=began if row.published else None,
            )
            return row, article, intake.prepare(article)
        return None

    def _create_articles(self, prepared: list[tuple[OldArticle, Article, set[str]]]) -> None:
        """All at once; where the database refuses them, one by one, so that it refuses that one alone."""
        try:
            self._save_articles(prepared)
        except (DataError, IntegrityError):
            for row, article, shown in prepared:
                with self._refusals(row):
                    self._save_articles([(row, article, shown)])

    def _save_articles(self, prepared: list[tuple[OldArticle, Article, set[str]]]) -> None:
        self._ids.give([(row.id, article) for row, article, _shown in prepared])
        with transaction.atomic():
            intake.take_in([(article, shown) for _row, article, shown in prepared])
            ImportedRow.objects.bulk_create(
                self._remember(row, fingerprint=_fingerprint(article), article=article)
                for row, article, _shown in prepared
            )
        for row, article, _shown in prepared:
            self._ledger.note_id("articles", row.id, article.pk)
        self._ledger.articles.created += len(prepared)

    @transaction.atomic
    def _take_again(self, row: OldArticle, before: ImportedRow) -> None:
        tally, article = self._ledger.articles, before.article
        if article is None:
            tally.deleted_here += 1
        elif before.digest == _digest(row):
            tally.unchanged += 1
        elif before.fingerprint != _fingerprint(article):
            tally.keep(row.id, article.pk)
        elif _is_newer(row, article.created_at):
            raise Refused(ANOTHER)
        else:
            self._update_article(row, before, article)

    def _update_article(self, row: OldArticle, before: ImportedRow, article: Article) -> None:
        if self._author(row.author_id) != article.author:
            raise Refused(f"its author there is user {row.author_id} now: an editor changes that here, in the admin")
        date = (article.published_at or _moment(row.created_at, "created_at")) if row.published else None
        try:
            now = publishing.revise(
                article, by=article.author, expected_version=article.version, **_words(row), published_at=date
            )
        except publishing.Conflict:
            return self._ledger.articles.keep(row.id, article.pk)
        before.digest, before.fingerprint = _digest(row), _fingerprint(now)
        before.save(update_fields=["digest", "fingerprint"])
        if now.version == article.version:
            self._ledger.articles.unchanged += 1
        else:
            self._ledger.articles.updated += 1
        return None

    def _refusals(self, row: Row) -> AbstractContextManager[None]:
        tally = self._ledger.users if isinstance(row, OldUser) else self._ledger.articles
        return tally.refusing(row.id, FAULTS_OF_A_ROW, _reason)


class _Ids:
    """Keeps the ids of a table where they are free here, and the site from giving them to others meanwhile."""

    def __init__(self, model: type[models.Model], highest: int, dry_run: bool) -> None:
        self._everything = model._base_manager
        self._dry_run = dry_run
        if dry_run:
            present = self._everything.aggregate(last=models.Max("pk"))["last"] or 0
            self._spare = count(max(present, highest) + 1)
        else:
            self._reserve(model._meta.db_table, highest)

    def _reserve(self, table: str, highest: int) -> None:
        """Never backwards, whatever is being saved at this moment."""
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":  # which has no row for a table before its first
                cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [highest, table])
                return
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT setval(%s, %s) FROM {sequence} WHERE last_value < %s", [sequence, highest, highest])  # noqa: S608

    def free(self, wanted: int) -> int | None:
        """It, or another; None for the one that the database gives."""
        if wanted > 0 and not self._everything.filter(pk=wanted).exists():
            return wanted
        return next(self._spare) if self._dry_run else None

    def give(self, wanted: list[tuple[int, Any]]) -> None:
        """The same for many, in one query."""
        taken = set(self._everything.filter(pk__in=[pk for pk, _thing in wanted]).values_list("pk", flat=True))
        for pk, thing in wanted:
            other = next(self._spare) if self._dry_run else None
            thing.pk = pk if pk > 0 and pk not in taken else other


def _words(row: OldArticle) -> dict[str, str]:
    _require_texts(row.title, row.content)
    return {"title": row.title.strip(), "content": row.content}


def _require_texts(*values: Any) -> None:
    """SQLite lets anything be in a column."""
    if any(not isinstance(value, str) or UNSTORABLE.search(value) for value in values):
        raise Refused("there is something in it that is no text, or NUL, or half an emoji")


def _is_newer(row: Row, began: datetime) -> bool:
    """Than what came in under its id: SQLite gives that of the last row, once it is deleted, to the next."""
    return began < _moment(row.created_at, "created_at")


def _moment(text: Any, name: str) -> datetime:
    """Where no time zone is named, UTC. Nothing here was made in the future."""
    try:
        moment = datetime.fromisoformat(text)
        return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), timezone.now())
    except (TypeError, ValueError, OverflowError):
        raise Refused(f"its {name} is no time: {text}") from None


def _digest(row: Row) -> str:
    return sha256(json.dumps(row, default=str).encode()).hexdigest()


def _fingerprint(thing: User | Article) -> str:
    if isinstance(thing, Article):
        return str(thing.version)
    known = [*(getattr(thing, name) for name in FIELDS_OF_A_USER), role_of(thing)]
    return sha256(json.dumps(known).encode()).hexdigest()


def _reason(fault: Exception) -> str:
    match fault:
        case PermissionDenied():
            return "its author may not do that here"
        case ValidationError():
            named = fault.message_dict if hasattr(fault, "error_dict") else {"": fault.messages}
            return " ".join(f"{name.strip('_')}: {' '.join(said)}" for name, said in named.items()).replace("all: ", "")
    return str(fault).partition("\n")[0]
