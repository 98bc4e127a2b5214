"""What a changed settings file must not bring together."""

from typing import Any

from corsheaders.conf import conf
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def no_cookies_for_everybody(**kwargs: Any) -> list[CheckMessage]:
    if not conf.CORS_ALLOW_CREDENTIALS or not (conf.CORS_ALLOW_ALL_ORIGINS or conf.CORS_ALLOWED_ORIGIN_REGEXES):
        return []
    return [
        Error(
            "CORS_ALLOW_CREDENTIALS can't be on where CORS_ALLOWED_ORIGINS has a *: a site that nobody has named could "
            "act with the cookies of whoever visits it.",
            id="blogsite.E001",
        )
    ]
