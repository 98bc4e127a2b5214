import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers import fastapi_database
from articles.importers.fastapi_blog import Import
from articles.importers.ledger import Entry
from articles.importers.rows import Ledger, Tally
from articles.management.progress import progress

SHOWN = 10  # of each kind; the report has all


class Command(BaseCommand):
    help = (
        "Bring the accounts, with their passwords, and the articles of the FastAPI blog service over from its "
        "database, which is only read. Run again, it brings what is new or has changed there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "database",
            metavar="DATABASE_URL",
            help="as the service has it: postgresql+asyncpg://user:password@host/name",
        )
        parser.add_argument(
            "--source", default="", help="the import's name; a repeated one is known by it (the database's)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the whole ledger there")

    def handle(self, *, database: str, source: str, dry_run: bool, report: Path | None, **options: Any) -> None:
        if report and not report.parent.is_dir():
            raise CommandError(f"There is no folder {report.parent} for the report.")
        started = perf_counter()
        try:
            with fastapi_database.opened(database) as old:
                importer = Import(old, source=source, dry_run=dry_run)
                ledger = importer.run(_progress)
        except fastapi_database.Unusable as reason:
            raise CommandError(str(reason)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on from here.", returncode=130) from None
        seconds = perf_counter() - started
        self._say(ledger, seconds, dry_run=dry_run)
        if report:
            whole = {"dry_run": dry_run, "seconds": round(seconds, 1), **ledger.as_dict()}
            report.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if not dry_run:
            self._relate(importer)
        if ledger.users.refused or ledger.articles.refused:
            sys.exit(1)

    def _relate(self, importer: Import) -> None:
        """The articles can be read already."""
        try:
            importer.relate(_progress)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. The articles are in; run it again to find what is related to them.", returncode=130
            ) from None

    def _say(self, ledger: Ledger, seconds: float, *, dry_run: bool) -> None:
        rate = ledger.articles.rows / seconds if seconds else 0
        self.stdout.write(
            f"{ledger.users.rows} users and {ledger.articles.rows} articles in {seconds:.1f} s, "
            f"{rate:.0f} articles a second"
        )
        for value, name in [(ledger.users, "users"), (ledger.articles, "articles")]:
            self.stdout.write(name)
            self._say_tally(value)
        for name in ("ids_changed", "accounts_joined", "passwords_left_behind"):
            if found := getattr(ledger, name):
                self._say_entries(name, found)
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")

    def _say_tally(self, tally: Tally) -> None:
        for name, value in vars(tally).items():
            if isinstance(value, list):
                self._say_entries(name, value)
            elif name != "rows":
                self.stdout.write(f"  {value:>6} {name.replace('_', ' ')}")

    def _say_entries(self, name: str, entries: list[Entry]) -> None:
        self.stdout.write(f"  {len(entries):>6} {name.replace('_', ' ')}")
        for entry in entries[:SHOWN]:
            self.stdout.write(f"         {': '.join(map(str, entry.values()))}")
        if len(entries) > SHOWN:
            self.stdout.write(f"         and {len(entries) - SHOWN} more, which --report FILE.json lists")


def _progress(items: Iterable[Any], unit: str, total: int) -> Iterable[Any]:
    return progress(items, unit=unit, total=total)
