import logging

import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from blogsite import health


@pytest.fixture(autouse=True)
def _ask_again():
    health.check_migrations.cache_clear()
    yield
    health.check_migrations.cache_clear()


@pytest.fixture
def _broken_cache(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://:secret@127.0.0.1:1"}
    }


def test_healthz_asks_nothing_of_the_database(client):
    response = client.get("/healthz")  # pytest-django forbids the database here
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_names_each_part_that_works(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "cache": "ok"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_needs_neither_a_host_name_nor_https(client, settings, path):
    settings.ALLOWED_HOSTS = ["blog.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_waits_for_migrations(client):
    MigrationRecorder.Migration.objects.filter(app="articles").last().delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "migrations": "failing", "cache": "ok"}


@pytest.mark.django_db
def test_readyz_looks_for_migrations_only_until_they_are_applied(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")


@pytest.mark.django_db
@pytest.mark.usefixtures("_broken_cache")
def test_what_fails_is_named_and_why_it_fails_is_for_the_log(client, caplog):
    with caplog.at_level(logging.WARNING):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "migrations": "ok", "cache": "failing"}
    assert "Not ready: cache: " in caplog.text
    assert "secret" not in caplog.text


def test_readyz_answers_without_a_database(client, monkeypatch):
    def refuse():
        raise DatabaseError("no connection to 10.0.0.9")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "failing", "migrations": "failing", "cache": "ok"}
    assert caches["default"].get("readyz") == "ok"
