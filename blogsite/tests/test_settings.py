"""What the settings promise of the database and the cache, seen on real connections."""

import sqlite3
import threading
from uuid import uuid4

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from articles.models import SlugHistory
from blogsite import env
from blogsite.tests.test_env import PRODUCTION, start

ENGINE = settings.DATABASES["default"]["ENGINE"]
on_sqlite = pytest.mark.skipif(ENGINE != env.SQLITE, reason="a promise about SQLite")
on_postgresql = pytest.mark.skipif(ENGINE != env.POSTGRESQL, reason="a promise about PostgreSQL")
REDIS_URL = "redis://127.0.0.1:6379/9"
WHERE = {"host", "port", "user", "password", "dbname"}


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"),
    {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 20_000, "cache_size": -20_000}.items(),
)
def test_sqlite_is_set_up_for_many_readers_and_a_writer(pragma, value):
    assert ask(f"PRAGMA {pragma}") == value


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_transaction_on_sqlite_holds_the_write_lock_from_its_start():
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_a_row_that_points_nowhere():
    with pytest.raises(IntegrityError):
        SlugHistory.objects.create(slug="nowhere", article_id=4_000_000)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_threads_share_the_connections_of_the_postgresql_pool():
    backends = []

    def visit():
        backends.append(ask("SELECT pg_backend_pid()"))
        connection.close()

    connection.close()
    most = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    for _ in range(most + 4):
        thread = threading.Thread(target=visit)
        thread.start()
        thread.join()
    assert len(backends) == most + 4
    assert len(set(backends)) <= most


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_postgresql_has_closed_is_replaced():
    backend = ask("SELECT pg_backend_pid()")
    connection.close()
    administrator = {key: value for key, value in connection.get_connection_params().items() if key in WHERE}
    with psycopg.connect(**administrator) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    assert ask("SELECT pg_backend_pid()") != backend


REACH = """
import time
from django.db import OperationalError, connection

def waited():
    began = time.monotonic()
    try:
        connection.ensure_connection()
    except OperationalError:
        return time.monotonic() - began

# The shortest is what our settings ask for: the first loads the driver too, and a busy machine adds to any of them.
print(any(waited() < 4 for _ in range(5)))
"""


def test_nobody_waits_long_for_a_postgresql_that_is_gone(tmp_path):
    variables = {"DJANGO_SETTINGS_MODULE": "blogsite.settings", "DATABASE_URL": "postgres://ada@127.0.0.1:1/blog"}
    assert start(tmp_path, "-c", REACH, **variables).stdout == "True\n"  # the image's HEALTHCHECK waits 4 seconds


def redis_answers():
    try:
        return redis.Redis.from_url(REDIS_URL).ping()
    except redis.ConnectionError:
        return False


@pytest.mark.skipif(not redis_answers(), reason="no Redis answers on this machine")
def test_processes_share_what_they_cache_where_redis_is_named(tmp_path):
    def run(statement):
        prelude = "import django; django.setup(); from django.core.cache import cache; "
        variables = {"DJANGO_SETTINGS_MODULE": "blogsite.settings", "REDIS_URL": REDIS_URL}
        return start(tmp_path, "-c", prelude + statement, **variables).stdout.strip()

    key = f"blogsite-test-{uuid4()}"  # others may test on this Redis too
    run(f"cache.set({key!r}, 'seen', 600)")
    assert run(f"print(cache.get({key!r})); cache.delete({key!r})") == "seen"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("SECURE_SSL_REDIRECT, SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE", "True True True"),
        ("SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS", "31536000 False"),
        ("SECURE_PROXY_SSL_HEADER, REST_FRAMEWORK['NUM_PROXIES'], CORS_ALLOWED_ORIGINS", "None 0 []"),
        ("CORS_ALLOW_ALL_ORIGINS, CORS_ALLOWED_ORIGIN_REGEXES, CORS_ALLOW_CREDENTIALS", "False [] False"),
    ],
)
def test_production_is_safe_with_nothing_but_a_secret_and_a_host(tmp_path, expression, value):
    printed = start(tmp_path, "-c", f"from blogsite.settings import *; print({expression})", **PRODUCTION).stdout
    assert printed.strip() == value
