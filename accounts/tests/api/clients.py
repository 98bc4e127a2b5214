"""The API as programs use it."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.api.tokens import sign_in
from accounts.models import User
from blogsite import counters

API = "/api/v1"
PASSWORD = "correct horse battery"


def stranger() -> APIClient:
    return APIClient()


def bearing(token: object) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def signed_in(user: User) -> APIClient:
    return bearing(sign_in(user).access_token)


def as_json(data: Any) -> dict[str, str]:
    """Arguments for a request; escaped, so that a program can send what is no text at all."""
    return {"data": json.dumps(data), "content_type": "application/json"}


def account(username: str = "ada", **fields: object) -> User:
    return User.objects.create_user(username, f"{username}@example.com", PASSWORD, **fields)


def forget_failures() -> None:
    """All that was counted, wherever that is, and that it could not be."""
    cache.clear()
    counters._Pause.until = 0
    Path(settings.COUNTERS_FILE).unlink(missing_ok=True)
