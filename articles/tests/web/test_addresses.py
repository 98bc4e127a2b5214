import re

import pytest

from articles.models import Image
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture
from articles.tests.web.reading import Read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ids_from_one")]

PROGRAMS = ["/sitemap.xml", "/sitemap-articles.xml", "/sitemap-pages.xml", "/robots.txt", "/llms.txt"]
FEEDS = ["/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json"]
PAGES = ["/", "/tags/", "/tags/bees/", "/series/garden/", "/authors/Ada/", "/archive/2026/", "/articles/tea/"]


@pytest.fixture(autouse=True)
def article():
    cover = Image.objects.create(file=picture(), alt="", width=8, height=6, digest="0" * 64)
    author, tags, series = UserFactory(username="Ada"), [TagFactory(name="Bees")], SeriesFactory(title="Garden")
    return ArticleFactory(
        slug="tea", author=author, tags=tags, series=series, cover=cover, published_at="2026-03-15T12:00Z"
    )


@pytest.mark.parametrize("page", [*PAGES, *PROGRAMS, *FEEDS])
def test_a_site_at_several_hosts_is_known_by_the_one_it_calls_its_own(client, settings, page):
    settings.SITE_URL = "https://hives.example.org"
    text = client.get(page).text
    assert "https://hives.example.org/" in text
    assert "http://testserver" not in text


@pytest.mark.parametrize("page", [*PAGES, *PROGRAMS, *FEEDS])
def test_without_one_it_is_known_by_the_host_that_was_asked(client, page):
    text = client.get(page, headers={"host": "localhost"}, secure=True).text
    assert set(re.findall(r"https?://(?:localhost|testserver)", text)) == {"https://localhost"}


def test_an_article_s_markdown_names_the_site_s_own_address_too(client, settings):
    settings.SITE_URL = "https://hives.example.org"
    answer = client.get("/articles/tea.md")
    assert answer["Link"] == '<https://hives.example.org/articles/tea/>; rel="canonical"'
    assert "\nimage: https://hives.example.org/media/" in answer.text


@pytest.mark.parametrize("host", ["", "https://hives.example.org"])
def test_addresses_are_written_in_ascii(client, settings, article, host):
    settings.SITE_URL = host
    article.slug = "茶"
    article.save()
    head = Read(client.get(article.get_absolute_url()).text)
    assert head.address("canonical") == f"{host or 'http://testserver'}/articles/%E8%8C%B6/"
