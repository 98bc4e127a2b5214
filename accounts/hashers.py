"""How passwords are hashed. A hash that was made in another way works on, and is made anew when its owner signs in."""

from collections.abc import Iterator
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


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the parameters that OWASP recommends, 19 MiB and 2 passes in one thread: see
    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html

    Django's take five times the memory, and with it the time, of each request that signs in.
    """

    memory_cost, time_cost, parallelism = 19_456, 2, 1
    former = [hashers.Argon2PasswordHasher]


def kinds() -> Iterator[tuple[str, Any]]:
    """What hashes of each kind begin with, and what makes them: first those that are made now."""
    for hasher in hashers.get_hashers():
        for each in (hasher, *(former() for former in getattr(hasher, "former", ()))):
            yield _beginning(each), each


def _beginning(hasher: Any) -> str:
    """With other parameters Argon2 takes another time, so that it is another kind."""
    if not isinstance(hasher, hashers.Argon2PasswordHasher):
        return f"{hasher.algorithm}$"
    cost = hasher.params()
    return f"argon2$argon2id$v={cost.version}$m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}$"
