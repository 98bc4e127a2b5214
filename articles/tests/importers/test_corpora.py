"""Two real blogs, where they lie beside the project: every post in, or named; every old address and page alive."""

import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.roles import Role
from articles.importers.ledger import Ledger
from articles.importers.markdown_files import Import
from articles.models import Article, ImportedFile, Redirect, Tag
from articles.models.announcement import FEEDS
from articles.tests.factories import UserFactory
from articles.tests.web.feeds.rules import broken
from articles.web import reading

SOME = slice(None, None, 5)  # of the pages; asking for all 1,400 takes longer than the rest of the tests
CORPORA = settings.BASE_DIR.parent / "shared" / "corpora"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside the project"),
]


@pytest.fixture(scope="module")
def ledgers(django_db_setup, django_db_blocker) -> Iterator[dict[str, Ledger]]:
    """Both blogs, imported once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        editor = UserFactory.create(role=Role.EDITOR)
        yield {name: Import(CORPORA / name, by=editor).run() for name in ("rust-blog", "18f-blog")}
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("name", "created", "skipped"),
    [
        ("rust-blog", 750, ["_index.md", "inside-rust/_index.md", "releases/_index.md", "releases/latest.md"]),
        ("18f-blog", 509, []),
    ],
)
def test_every_post_is_in_or_named(ledgers, name, created, skipped):
    ledger = ledgers[name]
    assert (ledger.created, [entry["file"] for entry in ledger.skipped]) == (created, skipped)
    assert ledger.files == len(list((CORPORA / name).rglob("*.md"))) == created + len(skipped)
    assert ImportedFile.objects.filter(source=name).count() == created


def test_template_tags_came_through_and_are_counted(ledgers):
    counted = [entry["file"] for entry in ledgers["18f-blog"].notes.template_tags]
    assert len(counted) == 417
    articles = Article.objects.filter(imported_files__source="18f-blog", imported_files__path__in=counted)
    assert all("{{" in content or "{%" in content for content in articles.values_list("content", flat=True))


def test_every_old_address_leads_to_its_post(ledgers):
    client, followed = Client(), 0
    for path, slug in ImportedFile.objects.filter(source="rust-blog").values_list("path", "article__slug"):
        head = tomllib.loads((CORPORA / "rust-blog" / path).read_text().split("+++")[1])
        for address in [head["path"], *head.get("aliases", [])]:
            answer = client.get(f"/{address}")
            assert (answer.status_code, answer["Location"]) == (301, Article(slug=slug).get_absolute_url()), address
            followed += 1
    assert followed > 1300


def test_addresses_implied_by_the_names_of_files_lead_to_their_posts(ledgers):
    implied = Redirect.objects.filter(article__imported_files__source="18f-blog").select_related("article")
    for redirect in implied.order_by("path")[SOME]:
        answer = Client().get(redirect.path)
        assert (answer.status_code, answer["Location"]) == (301, redirect.article.get_absolute_url()), redirect.path


def test_their_pages_answer(ledgers):
    client = Client()
    pages = [article.get_absolute_url() for article in Article.objects.all()]
    pages += [tag.get_absolute_url() for tag in Tag.objects.all()]
    pages += [f"/?page={number}" for number in range(1, Article.objects.live().count() // 10, 10)]
    assert [page for page in pages[SOME] if client.get(page).status_code != 200] == []


@pytest.mark.once
@pytest.mark.parametrize("format", FEEDS)
def test_each_post_is_a_good_entry_of_every_feed(ledgers, format, monkeypatch):
    monkeypatch.setattr(reading, "NEWEST", Article.objects.count())
    monkeypatch.setattr(reading, "_newest", cache(reading._newest.__wrapped__))  # nothing is put together yet
    text = Client().get(f"/{FEEDS[format]}").text
    assert text.count("urn:uuid:") == Article.objects.live().count()
    assert broken(text, format) == []
