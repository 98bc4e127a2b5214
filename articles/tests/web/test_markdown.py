from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from accounts.roles import Role
from articles.importers import posts
from articles.models import Image
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db


def test_it_is_the_text_as_it_was_written_under_a_head(client):
    article = ArticleFactory(
        title="Tea: a “first” #cup",
        author=UserFactory(name="Ada Lovelace"),
        content="# Heading\r\n\r\n* a  \r\n\ttab <b>&amp;\n---\n",
        tags=[TagFactory(name="Bees"), TagFactory(name="R, S & T")],
        published_at="2026-03-15T12:00:00Z",
    )
    answer = client.get(f"/articles/{article.slug}.md")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["Link"] == f'<http://testserver/articles/{article.slug}/>; rel="canonical"'
    assert answer.content.decode() == (
        "---\n"
        "title: 'Tea: a “first” #cup'\n"
        "slug: tea-a-first-cup\n"
        "date: 2026-03-15 12:00:00+00:00\n"
        "authors:\n- Ada Lovelace\n"
        "tags:\n- Bees\n- R, S & T\n"
        "---\n\n"
        "# Heading\r\n\r\n* a  \r\n\ttab <b>&amp;\n---\n\n"
    )


def test_it_can_be_imported_again(client):
    article = ArticleFactory(
        title="yes\x08 'no' \"🐝\" " + "word " * 30,
        summary="1.10",
        series=SeriesFactory(title="Hives: all"),
        series_position=0,
        tags=[TagFactory(name="null")],
        cover=Image.objects.create(file=picture(), alt="A hive", width=8, height=6, digest="0" * 64),
        canonical_url="https://example.org/first",
        published_at="2026-03-15T12:00:00Z",
    )
    data = client.get(f"/articles/{article.slug}.md").content
    post = posts.read(data, PurePosixPath("a.md"), changed_at=datetime.now(UTC), zone=UTC)
    assert post.title == " ".join(article.title.split())
    assert (post.name, post.content, post.summary) == (article.slug, article.content, "1.10")
    assert (post.series, post.series_position, post.tags) == ("Hives: all", 0, ["null"])
    assert (post.authors, post.date) == ([article.author.name], datetime(2026, 3, 15, 12, tzinfo=UTC))
    assert (post.cover, post.cover_alt) == (f"http://testserver{article.cover.url}", "A hive")
    assert (post.canonical_url, post.is_draft, post.left_behind) == ("https://example.org/first", False, [])


@pytest.mark.parametrize("state", [{}, {"scheduled": True}])
def test_what_is_not_live_is_seen_by_those_who_see_the_page(client, state):
    article = ArticleFactory(**state)
    assert client.get(f"/articles/{article.slug}.md").status_code == 404
    client.force_login(UserFactory(role=Role.EDITOR))
    answer = client.get(f"/articles/{article.slug}.md")
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    assert ("\ndraft: true\n" in answer.text) == (not state)


def test_an_old_address_leads_to_the_new_one(client):
    article = ArticleFactory(live=True, slug="old")
    article.slug = "new"
    article.save()
    answer = client.get("/articles/old.md")
    assert (answer.status_code, answer["Location"]) == (301, "/articles/new.md")


@pytest.mark.parametrize("slug", ["none", "%00", "a.b"])
def test_there_is_none_of_an_article_that_is_not_there(client, slug):
    answer = client.get(f"/articles/{slug}.md")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "text/html; charset=utf-8"


def test_what_a_program_has_already_is_not_sent_again(client):
    address = f"/articles/{ArticleFactory(live=True).slug}.md"
    seen = client.get(address).headers
    for condition in ({"If-None-Match": seen["ETag"]}, {"If-Modified-Since": seen["Last-Modified"]}):
        assert client.get(address, headers=condition).status_code == 304


def test_it_takes_three_queries(client, django_assert_num_queries):
    article = ArticleFactory(live=True, tags=[TagFactory(), TagFactory()], series=SeriesFactory())
    with django_assert_num_queries(3):
        client.get(f"/articles/{article.slug}.md")
