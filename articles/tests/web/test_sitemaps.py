from xml.etree import ElementTree

import pytest

from accounts.roles import Role
from articles.models import SiteSettings
from articles.tests.factories import ArticleFactory, PageFactory, SeriesFactory, TagFactory, UserFactory
from articles.web import sitemaps

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ids_from_one")]

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
    changed = "2026-03-16T12:00:00+00:00"
    assert sections == {f"{site}/sitemap-articles.xml": changed, f"{site}/sitemap-pages.xml": changed}
    assert [page for section in sections for page in listed(section).items()] == [
        (f"{site}/articles/tea-%E8%8C%B6/", "2026-03-16"),
        (f"{site}/", "2026-03-16"),
        (f"{site}/archive/", "2026-03-16"),
        (f"{site}/tags/", "2026-03-16"),
        (f"{site}/authors/", "2026-03-16"),
        (f"{site}/series/", "2026-03-16"),
        (f"{site}/tags/bees/", "2026-03-16"),
        (f"{site}/series/hives/", "2026-03-16"),
        (f"{site}/authors/ada/", "2026-03-16"),
        (f"{site}/archive/2026/", "2026-03-16"),
        (f"{site}/archive/2026/3/", "2026-03-16"),
    ]


def test_standing_pages_are_listed_with_their_own_date(listed):
    PageFactory(slug="about", published_at="2026-03-15T12:00Z", updated_at="2026-03-16T12:00Z")
    ArticleFactory(published_at="2026-03-14T12:00Z", updated_at="2026-03-14T12:00Z")
    assert listed("/sitemap-pages.xml")["http://testserver/about/"] == "2026-03-16"
    assert listed("/sitemap.xml") == {
        "http://testserver/sitemap-articles.xml": "2026-03-14T12:00:00+00:00",
        "http://testserver/sitemap-pages.xml": "2026-03-16T12:00:00+00:00",
    }


def test_what_first_appeared_on_another_site_is_left_to_that_site(listed):
    ArticleFactory(live=True, canonical_url="https://example.org/first")
    PageFactory(live=True, slug="about", canonical_url="https://example.org/about")
    ArticleFactory(live=True, slug="ours", canonical_url="http://testserver/articles/ours/")
    assert list(listed("/sitemap-articles.xml")) == ["http://testserver/articles/ours/"]
    assert "http://testserver/about/" not in listed("/sitemap-pages.xml")


def test_a_list_changed_when_the_last_of_its_live_articles_did(listed):
    tag = TagFactory(name="Bees")
    ArticleFactory(tags=[tag], published_at="2026-03-14T12:00Z", updated_at="2026-03-16T12:00Z")
    ArticleFactory(tags=[tag], published_at="2026-03-15T12:00Z", updated_at="2026-03-01T12:00Z")
    ArticleFactory(tags=[tag], updated_at="2026-03-17T12:00Z")
    ArticleFactory(published_at="2026-03-18T12:00Z", updated_at="2026-03-01T12:00Z")
    pages = listed("/sitemap-pages.xml")
    assert pages["http://testserver/tags/bees/"] == "2026-03-16"
    assert pages["http://testserver/"] == "2026-03-18"


def test_the_archive_is_listed_by_year_and_month_of_the_sites_time_zone(listed):
    SiteSettings.objects.create(time_zone="Asia/Tokyo")
    for moment in ("2024-05-01T12:00Z", "2025-12-31T20:00Z", "2026-02-10T12:00Z"):
        ArticleFactory(published_at=moment, updated_at=moment)
    ArticleFactory(published_at=None)
    archives = {page: at for page, at in listed("/sitemap-pages.xml").items() if "/archive/2" in page}
    assert archives == {
        "http://testserver/archive/2026/": "2026-02-10",
        "http://testserver/archive/2026/2/": "2026-02-10",
        "http://testserver/archive/2026/1/": "2026-01-01",
        "http://testserver/archive/2024/": "2024-05-01",
        "http://testserver/archive/2024/5/": "2024-05-01",
    }


def test_a_long_one_is_cut_into_parts_that_no_article_ever_leaves(listed):
    PART = sitemaps.PART
    for pk in (1, PART, PART + 1, 5 * PART):
        ArticleFactory(pk=pk, slug=f"a-{pk}", live=True)
    ArticleFactory(pk=3 * PART)
    parts = [part for part in listed("/sitemap.xml") if "articles" in part]
    assert parts == [f"http://testserver/sitemap-articles.xml{part}" for part in ("", "?p=2", "?p=5")]
    slugs = [[page.split("/")[-2] for page in listed(part)] for part in parts]
    assert slugs == [["a-1", f"a-{PART}"], [f"a-{PART + 1}"], [f"a-{5 * PART}"]]


def test_of_what_changed_long_ago_a_list_says_when_an_article_last_came_to_it(listed, monkeypatch):
    monkeypatch.setattr(sitemaps, "RECENT", 1)
    tag = TagFactory(name="Bees")
    ArticleFactory(pk=1, tags=[tag], published_at="2026-03-14T12:00Z", updated_at="2026-03-16T12:00Z")
    ArticleFactory(pk=sitemaps.PART + 1, published_at="2026-03-18T12:00Z", updated_at="2026-03-18T12:00Z")
    assert listed("/sitemap-pages.xml")["http://testserver/tags/bees/"] == "2026-03-14"
    assert list(listed("/sitemap.xml").values()) == [None, *["2026-03-18T12:00:00+00:00"] * 2]


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
    for address, queries in {"/sitemap.xml": 5, "/sitemap-articles.xml": 4, "/sitemap-pages.xml": 11}.items():
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_robots_may_read_all_but_searches_and_hear_of_the_sitemap(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "User-agent: *\nDisallow: /search/?\n\nSitemap: http://testserver/sitemap.xml\n"
