import json
import sys
from argparse import ArgumentParser
from collections import Counter
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from articles.importers.ledger import Entry, Ledger
from articles.importers.markdown_files import Import
from articles.management.progress import progress

SHOWN = 10  # of each kind of note; the report has all


class Command(BaseCommand):
    help = "Take in a folder of Markdown posts, as Zola, Jekyll, Eleventy, Hugo or a plain editor write them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--by", metavar="USERNAME", help="who does it; by default the first administrator")
        parser.add_argument(
            "--source", default="", help="the import's name; a repeated one is known by it (the folder's)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the whole ledger there")

    def handle(
        self,
        *,
        folder: Path,
        by: str | None,
        source: str,
        dry_run: bool,
        report: Path | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        if report and not report.parent.is_dir():
            raise CommandError(f"There is no folder {report.parent} for the report.")
        started = perf_counter()
        try:
            ledger = Import(folder, by=_account(by), source=source, dry_run=dry_run).run(partial(progress, unit="file"))
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on from here.", returncode=130) from None
        seconds = perf_counter() - started
        self._say(ledger, seconds, dry_run=dry_run)
        if report:
            whole = {"folder": str(folder), "dry_run": dry_run, "seconds": round(seconds, 1), **ledger.as_dict()}
            report.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if not dry_run:
            self._make_copies(verbosity)
        if ledger.skipped:
            sys.exit(1)

    def _make_copies(self, verbosity: int) -> None:
        """Of the pictures that came with the posts, for smaller screens."""
        try:
            call_command("render_again", verbosity=verbosity)
        except KeyboardInterrupt:
            raise CommandError("Stopped. The posts are in; render_again goes on from here.", returncode=130) from None

    def _say(self, ledger: Ledger, seconds: float, *, dry_run: bool) -> None:
        rate = ledger.files / seconds if seconds else 0
        self.stdout.write(f"{ledger.files} files in {seconds:.1f} s, {rate:.0f} a second")
        for outcome in ("created", "updated", "unchanged"):
            self.stdout.write(f"  {getattr(ledger, outcome):>6} {outcome}")
        self.stdout.write(f"  {len(ledger.skipped):>6} skipped")
        for entry in ledger.skipped:
            self.stdout.write(f"         {entry['file']}: {entry['reason']}")
        for name, value in vars(ledger.notes).items():
            self._say_note(name.replace("_", " "), value)
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")

    def _say_note(self, name: str, value: int | list[Entry] | Counter[str]) -> None:
        """How many, and the first of them."""
        if isinstance(value, int):
            self.stdout.write(f"  {value:>6} {name}")
        elif value:
            lines = (
                [f"{field}: {count}" for field, count in value.most_common()]
                if isinstance(value, Counter)
                else [": ".join(map(str, entry.values())) for entry in value]
            )
            self.stdout.write(f"  {len(value):>6} {name}")
            for line in lines[:SHOWN]:
                self.stdout.write(f"         {line}")
            if len(lines) > SHOWN:
                self.stdout.write(f"         and {len(lines) - SHOWN} more, which --report FILE.json lists")


def _account(username: str | None) -> User:
    """Who does it: this account, else the first administrator; in both cases one who may change every article."""
    active = User.objects.filter(is_active=True)
    if username is None:
        found = active.filter(is_superuser=True).order_by("pk").first()
        missing = (
            "There is no administrator yet. Make one with `manage.py createsuperuser`, or name an editor with --by."
        )
    else:
        found = active.filter(username__lower=username.lower()).first()
        missing = f"There is no active account of the name {username}."
    if found is None:
        raise CommandError(missing)
    if not found.has_perms(["articles.change_article", "articles.publish_article"]):
        raise CommandError(f"{found.username} may not change everybody's articles. Name an editor or an administrator.")
    return found
