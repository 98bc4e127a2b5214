"""Switches of libraries that are off by default, and that this site can't do without."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from rest_framework_simplejwt import settings as simplejwt

REQUIRED = {
    "ROTATE_REFRESH_TOKENS": "a refresh token that leaks would serve until it expires",
    "BLACKLIST_AFTER_ROTATION": "a refresh token could be used twice",
    "CHECK_REVOKE_TOKEN": "tokens would go on working after a change of password",
    "CHECK_USER_IS_ACTIVE": "tokens of a deactivated account would go on working",
}


@register(Tags.security)
def token_settings(**kwargs: Any) -> list[CheckMessage]:
    off: list[CheckMessage] = [
        Error(f"SIMPLE_JWT[{name!r}] has to be on: {otherwise}.", id="accounts.E001")
        for name, otherwise in REQUIRED.items()
        if not getattr(simplejwt.api_settings, name)
    ]
    if not apps.is_installed("rest_framework_simplejwt.token_blacklist"):
        off.append(
            Error("rest_framework_simplejwt.token_blacklist has to be in INSTALLED_APPS: without it, no token can be "
                  "taken back.", id="accounts.E002")
        )  # fmt: skip
    return off
