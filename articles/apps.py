from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from articles.roles import make_groups
        from articles.search import index
        from articles.webhooks import note

        # after django.contrib.auth has made the permissions of every app, this one last of all
        post_migrate.connect(make_groups, sender=self, dispatch_uid="articles.roles.make_groups")
        post_migrate.connect(prepare, sender=self, dispatch_uid="articles.prepare")
        index.listen()
        note.listen()


def prepare(using: str, **signal: Any) -> None:
    """The triggers of the database, where its tables have been made: a migration to an earlier state unmakes them."""
    from articles.caching import raising

    if raising.TABLE in connections[using].introspection.table_names():
        raising.prepare()
