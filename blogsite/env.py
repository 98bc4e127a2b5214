"""Typed readers of the environment. A value that can't be used stops the start with a sentence that names the variable.

Values come from the process's environment, and where that has none, from the file `.env` beside manage.py (or the
file that `ENV_FILE` names). An empty value counts as not set.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
PLACEHOLDERS = ("change", "placeholder", "secret-key", "your-", "example", "insecure", "development")
SECRET_MIN_LENGTH = 50  # characters; the figure of Django's own check security.W009

T = TypeVar("T")

environ.Env.read_env(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
_env = environ.Env()


def refuse(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {why} (see .env.example)")


def given(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


def _read(name: str, default: T, parse: Callable[[str], T]) -> T:
    if not given(name):
        return default
    try:
        return parse(os.environ[name].strip())
    except (ValueError, ImproperlyConfigured) as error:
        raise refuse(name, f"can't be read: {error}") from None


def text(name: str, default: str = "") -> str:
    return _read(name, default, str)


def flag(name: str, default: bool = False) -> bool:
    return _read(name, default, _flag)


def _flag(value: str) -> bool:
    if value.lower() in {"on", "true", "yes", "1"}:
        return True
    if value.lower() in {"off", "false", "no", "0"}:
        return False
    raise ValueError(f"{value!r} is neither on nor off")


def whole(name: str, default: int, *, least: int = 0) -> int:
    """A whole number, not below `least`."""

    def parse(value: str) -> int:
        if int(value) < least:
            raise ValueError(f"{value} is less than {least}")
        return int(value)

    return _read(name, default, parse)


def names(name: str, default: list[str]) -> list[str]:
    """A list, its items separated by commas."""
    return _read(name, default, lambda value: [item.strip() for item in value.split(",") if item.strip()])


def folder(name: str, default: Path) -> Path:
    """A path; a relative one starts at the folder of manage.py."""
    return _read(name, default, lambda value: BASE_DIR / value)


def database(name: str, default: str) -> dict[str, Any]:
    """One entry of DATABASES from a URL (`sqlite:///file`, `postgres://user:password@host:5432/name`)."""

    def parse(url: str) -> dict[str, Any]:
        config = cast("dict[str, Any]", environ.Env.db_url_config(url))
        engine = config.get("ENGINE")
        if engine not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"} or not config.get("NAME"):
            raise ValueError("it must look like sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME")
        return config

    return _read(name, parse(default), parse)


def secret(name: str, *, generated_in: Path | None) -> str:
    """A long random text. With `generated_in` a file may hold it instead: it is made once, readable by its owner."""
    value = text(name)
    if not value and generated_in is None:
        raise refuse(name, "is not set; make one with: openssl rand -hex 32")
    if not value and generated_in is not None:
        return _generated(generated_in)
    if len(value) < SECRET_MIN_LENGTH or any(word in value.lower() for word in PLACEHOLDERS):
        raise refuse(name, "is a placeholder or too short; make one with: openssl rand -hex 32")
    return value


def _generated(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # made by an earlier start, or by another process a moment ago
    return file.read_text()
