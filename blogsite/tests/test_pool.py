import select

import pytest
from django.db import connection
from psycopg import OperationalError

from articles.caching import version
from blogsite import pool
from blogsite.pool import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections that could be closed")
    with Connection.connect(**connection.get_connection_params(), autocommit=True) as made:
        yield made


def test_a_connection_is_good_while_the_server_says_nothing(one):
    one.execute("")
    assert one.execute("SELECT 1").fetchone() == (1,)


def test_one_that_the_server_has_closed_is_known_to_be_of_no_use(one):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [one.info.backend_pid])
    assert select.select([one], [], [], 30)[0]
    with pytest.raises(OperationalError):
        one.execute("")


def test_one_that_is_told_something_else_is_still_good(one):
    with connection.cursor() as cursor:
        one.execute("LISTEN something")
        cursor.execute("SELECT pg_notify('something', '')")
    one.execute("")


def test_a_statement_that_takes_its_time_is_waited_for(one, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE", 0.01)
    assert one.execute("SELECT 1 FROM pg_sleep(0.2)").fetchone() == (1,)


def test_but_not_where_the_database_is_away(one, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE", 0.01)
    monkeypatch.setattr(version, "is_away", lambda: True)
    with pytest.raises(OperationalError):
        one.execute("SELECT pg_sleep(2)")
    assert one.closed
