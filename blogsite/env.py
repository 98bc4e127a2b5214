"""Typed readers of the environment. A value that can't be used stops the start with a sentence that names the variable.

Values come from the process's environment, and where that has none, from the file `.env` beside manage.py (or the
file that `ENV_FILE` names). An empty value counts as not set.
"""

import io
import os
import re
import secrets
import tempfile
import warnings
from collections.abc import Callable, Collection
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar, cast

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
PLACEHOLDERS = ("change", "placeholder", "secret-key", "your-", "example", "insecure", "development")
SECRET_MIN_LENGTH, SECRET_MIN_DIFFERENT = 50, 5  # characters: the figures of Django's own check security.W009
MAKE_ONE = "make one with: openssl rand -hex 32"
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"

HOST = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?"  # with a port or without; other scripts as xn--

T = TypeVar("T")

# A blank line, a comment, or a name with its value. A comment behind a value would silently become a part of it.
ENV_LINE = re.compile(r"""(#.*|(export )?\w+=((?P<quote>["']).*(?P=quote)|(?!["']|.*\s#).*))?""")


def refuse(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {why} (see .env.example)")


def read_file(file: Path) -> None:
    """Takes what the environment lacks from a file of NAME=value lines. No message quotes a line: it may be secret."""
    try:
        lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines()]  # Windows puts a mark first
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(file.name, f"can't be read: {getattr(error, 'strerror', 'it is not UTF-8')}") from None
    for number, line in enumerate(lines, start=1):
        if not ENV_LINE.fullmatch(line):
            raise refuse(file.name, f"can't be read: line {number} is neither NAME=value nor a # comment")
    environ.Env.read_env(io.StringIO("\n".join(lines)))


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


def whole(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number from `least` to `most`."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise ValueError(f"{value!r} is not a whole number")
        if int(value) < least:
            raise ValueError(f"{value} is less than {least}")
        if int(value) > most:
            raise ValueError(f"{value} is more than {most}")
        return int(value)

    return _read(name, default, parse)


def one_of(name: str, default: str, choices: Collection[str]) -> str:
    def parse(value: str) -> str:
        if value.upper() not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return value.upper()

    return _read(name, default, parse)


def hosts(name: str, default: list[str]) -> list[str]:
    """Names of hosts, as Django's ALLOWED_HOSTS takes them."""
    pattern = r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]"
    return _names(name, default, pattern, "a host name alone, as in blog.example.org")


def origins(name: str, default: list[str]) -> list[str]:
    return _names(name, default, r"https?://[^/\s@]+", "a scheme and a host, as in https://example.org")


def callers(name: str, default: list[str]) -> list[str]:
    """Origins whose scripts may call: one, all below a host (https://*.example.org), or * for all that there are."""
    wanted = "a scheme and a host, as in https://example.org or https://*.example.org, or * alone"
    return [origin.lower() for origin in _names(name, default, r"\*|https?://(\*\.)?[^/\s@*]+", wanted)]


def subdomains(origin: str) -> str:
    """A pattern of all origins that one with a * stands for."""
    return re.escape(origin).replace(r"\*", r"[a-z0-9-]+(\.[a-z0-9-]+)*") + r"\Z"


def _names(name: str, default: list[str], pattern: str, wanted: str) -> list[str]:
    """A list, its items separated by commas."""

    def parse(value: str) -> list[str]:
        items = [item.strip() for item in value.split(",") if item.strip()]
        for item in items:
            if not re.fullmatch(pattern, item):
                raise ValueError(f"{item!r} is not {wanted}")
        return items

    return _read(name, default, parse)


def address(name: str, default: str) -> str:
    """Where something is on this site: words between slashes, with one at the end and none at the start."""

    def parse(value: str) -> str:
        if not re.fullmatch(r"/?[\w-]+(/[\w-]+)*/?", value):
            raise ValueError(f"{value!r} is no address, as in {default}")
        return value.strip("/") + "/"

    return _read(name, default, parse)


def origin(name: str) -> str:
    """The scheme and the host of a site, with no slash at the end; or nothing."""

    def parse(url: str) -> str:
        if not re.fullmatch(rf"https?://{HOST}/?", url):
            raise ValueError(f"{url!r} is not a scheme and a host, as in https://example.org")
        return url.rstrip("/")

    return _read(name, "", parse)


def web_address(name: str) -> str:
    """The URL of something elsewhere, or nothing."""

    def parse(url: str) -> str:
        if not re.fullmatch(rf"https?://{HOST}(/[!-~]*)?", url) or re.search('[<>#"]', url):
            raise ValueError("it must look like https://hub.example.org/")  # not quoted, for it may hold a secret
        return url

    return _read(name, "", parse)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks by their CIDR notation, separated by commas."""

    def parse(value: str) -> list[IPv4Network | IPv6Network]:
        return [ip_network(item.strip()) for item in value.split(",") if item.strip()]

    return _read(name, [], parse)


def redis(name: str) -> str:
    """The URL of a Redis, or nothing."""

    def parse(url: str) -> str:
        if not re.fullmatch(r"(rediss?|unix)://\S+", url):  # not quoted, for it may hold a password
            raise ValueError("it must look like redis://HOST:PORT/0")
        return url

    return _read(name, "", parse)


def folder(name: str, default: Path) -> Path:
    """A path; a relative one starts at the folder of manage.py."""
    return _read(name, default, lambda value: BASE_DIR / Path(value).expanduser())


def database(name: str, default: Path) -> dict[str, Any]:
    """One entry of DATABASES, from a URL. Without one it is SQLite, in the file `default`."""
    config: dict[str, Any] = _read(name, {"ENGINE": SQLITE, "NAME": default}, _database)
    if config["ENGINE"] == SQLITE:
        config["NAME"] = BASE_DIR / config["NAME"]
        _make_folder(config["NAME"].parent, name="DATA_DIR" if config["NAME"] == default else name)
    return config


def _database(url: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings(action="ignore"):
            config = cast("dict[str, Any]", environ.Env.db_url_config(url))
    except Exception:  # its words may quote the password
        config = {}
    if config.get("ENGINE") not in {SQLITE, POSTGRESQL} or config.get("NAME") in {None, "", ":memory:"}:
        raise ValueError("it must look like sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME")
    return config


def secret(name: str, *, generated_in: Path | None) -> str:
    """A long random text. With `generated_in` a file may hold it instead: it is made once, readable by its owner."""
    value = text(name)
    if not value and generated_in:
        return _generated(generated_in)
    if not value:
        raise refuse(name, f"is not set; {MAKE_ONE}")
    if any(word in value.lower() for word in PLACEHOLDERS):
        raise refuse(name, f"is a placeholder; {MAKE_ONE}")
    if len(value) < SECRET_MIN_LENGTH or len(set(value)) < SECRET_MIN_DIFFERENT:
        raise refuse(name, f"is too short or too plain; {MAKE_ONE}")
    return value


def _generated(file: Path) -> str:
    """Several processes may start at once: whole files are put in place, and the first one stays."""
    _make_folder(file.parent, name="DATA_DIR")
    try:
        if not file.exists():
            with tempfile.NamedTemporaryFile("w", dir=file.parent) as new:  # readable by its owner alone
                new.write(secrets.token_hex(32))
                new.flush()
                with suppress(FileExistsError):
                    os.link(new.name, file)
        return file.read_text()
    except OSError as error:
        raise refuse("DATA_DIR", f"must hold the file {file.name}: {error.strerror}") from None


def _make_folder(folder: Path, *, name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse(name, f"needs the folder {folder}: {error.strerror}") from None


if os.environ.get("ENV_FILE") or (BASE_DIR / ".env").exists():
    read_file(BASE_DIR / (os.environ.get("ENV_FILE") or ".env"))
