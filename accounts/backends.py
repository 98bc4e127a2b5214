from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User


class NameOrEmailBackend(ModelBackend):
    """Signs in with the user name or the e-mail address, whatever their case."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or password is None or "\0" in username:
            return None
        user = User.objects.by_login(username)
        if user is None:
            User().set_password(password)  # the same work as for an account that exists, so that time tells nothing
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
