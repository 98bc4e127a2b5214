"""What a start refuses, and how it says so. Each start is a process of its own, as an operator's is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from blogsite import env

pytestmark = pytest.mark.once

SECRET = "f3a9" + "0b1c2d4e5f60718293a4b5c6d7e8f9" * 2
PRODUCTION = {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "blog.example.org"}


def start(tmp_path, *program, **variables):
    """Runs `program` (or reads the settings) with these variables and no others."""
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), **variables}
    command = program or ("manage.py", "version")
    return subprocess.run([sys.executable, *command], cwd=env.BASE_DIR, env=given, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "off"}, "SECRET_KEY is not set"),
        ({"ALLOWED_HOSTS": "blog.example.org"}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": SECRET}, "ALLOWED_HOSTS is not set"),
        ({**PRODUCTION, "ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
        ({**PRODUCTION, "SECRET_KEY": "change-me-" * 6}, "SECRET_KEY is a placeholder"),
        ({**PRODUCTION, "SECRET_KEY": SECRET[:49]}, "SECRET_KEY is too short"),
        ({**PRODUCTION, "SECRET_KEY": "ab" * 40}, "SECRET_KEY is too short or too plain"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL can't be read"),
        ({"DATABASE_URL": "postgres://host"}, "DATABASE_URL can't be read"),
        ({"DEBUG": "maybe"}, "DEBUG can't be read: 'maybe' is neither on nor off"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS can't be read: 0 is less than 1"),
        ({"WEB_THREADS": "1_000"}, "WEB_THREADS can't be read: '1_000' is not a whole number"),
        (
            {"ACCESS_TOKEN_EXPIRE_MINUTES": "9" * 15},
            "ACCESS_TOKEN_EXPIRE_MINUTES can't be read: 999999999999999 is more",
        ),
        ({"CORS_ALLOWED_ORIGINS": "https://*"}, "CORS_ALLOWED_ORIGINS can't be read: 'https://*' is not a scheme"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL can't be read"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL can't be read: 'loud' is none of DEBUG,"),
        ({"WEBSUB_HUB": "https://hub.example.org/"}, "SITE_URL is not set; with WEBSUB_HUB"),
        ({"WEBSUB_HUB": "hub.example.org"}, "WEBSUB_HUB can't be read: it must look like https://"),
        ({"WEBSUB_HUB": "https://hub.example.org/>; x"}, "WEBSUB_HUB can't be read"),
        (
            {"SITE_URL": "https://example.org/blog/"},
            "SITE_URL can't be read: 'https://example.org/blog/' is not a scheme",
        ),
        ({"ENV_FILE": "nowhere.env"}, "nowhere.env can't be read: No such file"),
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR needs the folder /proc/nowhere"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_that_names_it(tmp_path, variables, sentence):
    stopped = start(tmp_path, **variables)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(f"blogsite can't start: {sentence}")
    assert stopped.stderr.count("\n") == 1


def test_gunicorn_refuses_in_the_same_line(tmp_path):
    stopped = start(tmp_path, "-m", "gunicorn", "--check-config", DEBUG="off")
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("blogsite can't start: SECRET_KEY is not set")
    assert stopped.stderr.count("\n") == 1


def test_a_refusal_never_quotes_the_password(tmp_path):
    stopped = start(tmp_path, DATABASE_URL="postgres://ada:pass/word@db/name")
    assert "DATABASE_URL can't be read" in stopped.stderr
    assert "pass" not in stopped.stderr


def test_what_is_given_is_enough_for_production(tmp_path):
    assert start(tmp_path, **PRODUCTION).returncode == 0


def test_a_local_site_makes_its_secret_once_and_keeps_it_from_others(tmp_path):
    read = ("-c", "from blogsite.settings import SECRET_KEY; print(SECRET_KEY)")
    first, second = start(tmp_path, *read).stdout, start(tmp_path, *read).stdout
    assert len(first.strip()) == 64
    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_a_local_site_answers_to_this_machine_alone(tmp_path):
    printed = start(tmp_path, "-c", "from blogsite.settings import ALLOWED_HOSTS; print(*ALLOWED_HOSTS)").stdout
    assert printed.split() == ["127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize("line", ["SECRET_KEY = spaced", "LOG_LEVEL=INFO # a comment", 'ADMIN_URL="desk', "a sentence"])
def test_a_line_of_the_file_that_would_be_misread_stops_the_start_unquoted(tmp_path, line):
    file = tmp_path / "blog.env"
    file.write_text(f"# fine\n\n{line}\n")
    stopped = start(tmp_path, ENV_FILE=str(file))
    assert stopped.returncode == 1
    assert "blog.env can't be read: line 3 is neither NAME=value nor a # comment" in stopped.stderr
    assert line not in stopped.stderr


def test_the_file_fills_in_what_the_environment_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_GIVEN", "environment")
    for name in ("TEST_PLAIN", "TEST_QUOTED", "TEST_EXPORTED", "TEST_HASH"):
        monkeypatch.setenv(name, "")  # so that it is taken back after the test
        monkeypatch.delenv(name)
    file = tmp_path / "blog.env"
    file.write_text(
        "\ufeffTEST_GIVEN=file\nTEST_PLAIN=plain\n  # indented\n"
        "TEST_QUOTED=\"two # words\"\nexport TEST_EXPORTED='x'\nTEST_HASH=a#b"
    )
    env.read_file(file)
    assert [env.text(f"TEST_{name}") for name in ("GIVEN", "PLAIN", "QUOTED", "EXPORTED", "HASH")] == [
        "environment",
        "plain",
        "two # words",
        "x",
        "a#b",
    ]


@pytest.mark.parametrize(
    ("reader", "good", "bad"),
    [
        (env.hosts, "blog.example.org, .example.org, [::1], 10.0.0.1, *", "https://blog.example.org"),
        (env.hosts, "localhost", "localhost:8000"),
        (env.origins, "https://example.org,http://localhost:3000", "example.org"),
        (env.origins, "https://example.org", "https://example.org/"),
        (env.callers, "https://example.org, https://*.Example.org:8443,*", "https://*"),
        (env.callers, "https://*.example.org", "https://a.*.example.org"),
        (env.callers, "*", "*.example.org"),
        (env.address, "back/desk-2/", "/"),
        (env.address, "/desk", "<int:desk>/"),
    ],
)
def test_hosts_origins_and_addresses_are_told_from_what_only_looks_like_them(monkeypatch, reader, good, bad):
    monkeypatch.setenv("TEST_VALUE", good)
    assert reader("TEST_VALUE", "")
    monkeypatch.setenv("TEST_VALUE", bad)
    with pytest.raises(ImproperlyConfigured, match=f"^TEST_VALUE can't be read: '{re.escape(bad)}' is n"):
        reader("TEST_VALUE", "")


def test_a_redis_url_is_checked_and_not_quoted(monkeypatch):
    monkeypatch.setenv("TEST_VALUE", "rediss://:word@cache:6379/0")
    assert env.redis("TEST_VALUE") == "rediss://:word@cache:6379/0"
    monkeypatch.setenv("TEST_VALUE", ":word@cache:6379")
    with pytest.raises(ImproperlyConfigured, match="^TEST_VALUE can't be read: it must look like redis://") as refused:
        env.redis("TEST_VALUE")
    assert "word" not in str(refused.value)


def test_an_empty_value_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("TEST_EMPTY", "  ")
    assert env.text("TEST_EMPTY", "the default") == "the default"


def test_a_relative_sqlite_file_lies_beside_manage_py(monkeypatch, tmp_path):
    monkeypatch.setenv("TEST_URL", "sqlite:///var/other.sqlite3")
    assert env.database("TEST_URL", tmp_path / "db")["NAME"] == env.BASE_DIR / "var" / "other.sqlite3"


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "50% off #1? ñ"
    config = env.database("TEST_NOT_SET", folder / "db.sqlite3")
    assert config["NAME"] == folder / "db.sqlite3"
    assert folder.is_dir()


def test_postgresql_keeps_its_password_and_options(monkeypatch):
    monkeypatch.setenv("TEST_URL", "postgres://ada:p%23%2F%40@db:5433/blog?sslmode=require")
    config = env.database("TEST_URL", Path("unused"))
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"]) == ("ada", "p#/@", "db", 5433)
    assert config["OPTIONS"] == {"sslmode": "require"}
