import pytest
from django.db import connection


@pytest.fixture
def ids_from_one(db):
    """PostgreSQL counts on from test to test, and into other parts of the sitemap."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER SEQUENCE articles_article_id_seq RESTART")
