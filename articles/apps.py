from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from articles.caching import version
        from articles.roles import make_groups
        from articles.search import index
        from articles.webhooks import note

        # after django.contrib.auth has made the permissions of every app, this one last of all
        post_migrate.connect(make_groups, sender=self, dispatch_uid="articles.roles.make_groups")
        pre_migrate.connect(take_away, sender=self, dispatch_uid="articles.take_away")
        post_migrate.connect(prepare, sender=self, dispatch_uid="articles.prepare")
        version.listen()
        index.listen()
        note.listen()


def prepare(using: str, **signal: Any) -> None:
    """The triggers of the database, where its tables have been made: a migration to an earlier state unmakes them."""
    from articles import counting
    from articles.caching import raising

    tables = connections[using].introspection.table_names()
    if raising.TABLE in tables:
        raising.prepare()
    if "articles_tally" in tables:
        counting.prepare()


def take_away(using: str, plan: Any, **signal: Any) -> None:
    """SQLite makes no table anew that the trigger of another asks: they go before a migration, and come back after."""
    from articles import counting
    from articles.caching import raising

    if plan and connections[using].vendor == "sqlite":
        raising.remove()
        counting.remove()
