import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import Role, assign
from articles.importers.markdown_files import Import
from articles.models import Series, SiteSettings

DEMO = Path(__file__).parents[2] / "demo"


class Command(BaseCommand):
    help = "Load the demo site: a small magazine. What is there already stays as it is."

    def handle(self, *, verbosity: int, **options: Any) -> None:
        demo = tomllib.loads((DEMO / "site.toml").read_text(encoding="utf-8"))
        editor, *_ = [_account(**author) for author in demo["authors"]]
        if not editor.has_perm("articles.change_article"):
            raise CommandError(f"The demo's editor is {editor.username}, a name that somebody else here has already.")
        if not SiteSettings.objects.exists():  # importing a page makes them
            SiteSettings.objects.create(**demo["settings"])
        later = datetime.now(UTC).date() - demo["today"]
        ledger = Import(DEMO, by=editor, source="demo", later=timedelta(days=later.days)).run()
        for skipped in ledger.skipped:
            raise CommandError("The demo is not whole: {file}: {reason}".format(**skipped))
        for title, fields in demo["series"].items():
            Series.objects.filter(title=title, description="").update(**fields)
        call_command("render_again", verbosity=0)
        if verbosity:
            self.stdout.write(f"The demo site: {ledger.created} articles loaded, {ledger.unchanged} there already.")


def _account(*, username: str, name: str, role: str, bio: str) -> User:
    """One of the demo's writers. Nobody can sign in as them before an administrator gives them a password."""
    if found := User.objects.by_login(username):
        return found
    author = User.objects.create_user(username, f"{username}@example.invalid", name=name, bio=bio)
    assign(author, Role(role))
    return author
