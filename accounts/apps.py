from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class DeskConfig(admin.AdminConfig):
    default = False  # of this app
    default_site = "accounts.desk.Desk"


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers them
        from accounts.api import schema  # noqa: F401  tells drf-spectacular how to describe our tokens
        from blogsite import checks as site_checks  # noqa: F401  likewise
