from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers them
        from accounts.api import schema  # noqa: F401  tells drf-spectacular how to describe our tokens
