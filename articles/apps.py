from django.apps import AppConfig
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
        index.listen()
        note.listen()
