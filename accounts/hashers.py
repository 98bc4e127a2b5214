from typing import Any

import bcrypt
from django.contrib.auth import hashers

MAX_LENGTH = 72  # bytes: all that bcrypt looks at


class BCryptPasswordHasher(hashers.BCryptPasswordHasher):
    """Passwords of a service that hashed with bcrypt alone, those too that are longer than it looks at.

    The bcrypt library refuses these since its version 5, so that signing in with one would fail.
    """

    def encode(self, password: str, salt: Any) -> str:
        return f"{self.algorithm}${bcrypt.hashpw(password.encode()[:MAX_LENGTH], salt).decode()}"
