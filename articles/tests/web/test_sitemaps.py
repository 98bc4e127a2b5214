from xml.etree import ElementTree

import pytest

from accounts.roles import Role
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory
from articles.web import sitemaps

pytestmark = pytest.mark.django_db

SCHEMA = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def listed(client):
    """Each address that a sitemap lists, and when it changed."""

    def read(address):
        entries = ElementTree.fromstring(client.get(address).content)
        return {entry.findtext(f"{SCHEMA}loc"): entry.findtext(f"{SCHEMA}lastmod") for entry in entries}

    return read


def test_every_page_that_strangers_may_see_is_listed_and_no_other(client, listed):
    client.force_login(UserFactory(role=Role.EDITOR))
    ArticleFactory(
        title="Tea 茶",
        author=UserFactory(username="ada"),
        tags=[TagFactory(name="Bees")],
        series=SeriesFactory(title="Hives"),
        published_at="2026-03-15T12:00:00Z",
        updated_at="2026-03-16T12:00:00Z",
    )
    hidden = {"author": UserFactory(username="bob"), "tags": [TagFactory()], "series": SeriesFactory()}
    ArticleFactory(**hidden)
    ArticleFactory(**hidden, scheduled=True)
    TagFactory()
    site = "http://testserver"
    sections = listed("/sitemap.xml")
    assert sections == {f"{site}/sitemap-articles.xml": "2026-03-16T12:00:00+00:00", f"{site}/sitemap-pages.xml": None}
    assert [page for section in sections for page in listed(section).items()] == [
        (f"{site}/articles/tea-%E8%8C%B6/", "2026-03-16"),
        (f"{site}/", None),
        (f"{site}/archive/", None),
        (f"{site}/tags/", None),
        (f"{site}/tags/bees/", None),
        (f"{site}/series/hives/", None),
        (f"{site}/authors/ada/", None),
    ]


def test_a_long_one_is_cut_into_parts(listed, client, monkeypatch):
    monkeypatch.setattr(sitemaps.Articles, "limit", 2)
    ArticleFactory.create_batch(3, live=True)
    parts = [part for part in listed("/sitemap.xml") if "articles" in part]
    assert parts == ["http://testserver/sitemap-articles.xml", "http://testserver/sitemap-articles.xml?p=2"]
    assert [len(listed(part)) for part in parts] == [2, 1]


@pytest.mark.parametrize("address", ["/sitemap-none.xml", "/sitemap-articles.xml?p=2", "/sitemap-articles.xml?p=x"])
def test_there_are_no_others(client, address):
    assert client.get(address).status_code == 404


def test_a_site_without_articles_has_one_too(listed):
    assert len(listed("/sitemap.xml")) == 2
    assert listed("/sitemap-articles.xml") == {}


@pytest.mark.parametrize("articles", [1, 30])
def test_it_takes_the_same_few_queries_however_many_articles(client, django_assert_num_queries, articles):
    for _ in range(articles):
        ArticleFactory(live=True, tags=[TagFactory()], series=SeriesFactory())
    for address, queries in {"/sitemap.xml": 6, "/sitemap-articles.xml": 3, "/sitemap-pages.xml": 4}.items():
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_robots_may_read_all_but_searches_and_hear_of_the_sitemap(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "User-agent: *\nDisallow: /search/\n\nSitemap: http://testserver/sitemap.xml\n"
