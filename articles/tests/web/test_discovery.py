"""Whatever leads strangers to articles leads them to live ones alone."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import timezone

from articles.models import Article, Series, Tag
from articles.tests.factories import ArticleFactory, PageFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

SECRET = "Xyzzy"
BEGIN = [
    "/",
    "/sitemap.xml",
    "/robots.txt",
    "/llms.txt",
    "/site.webmanifest",
    f"/search/?q={SECRET}",
    "/search/?q=bees",
]
ADDRESS = re.compile(r"""(?:href="|<loc>|\]\(|"url":"|"item":"|Sitemap: )((?:http://testserver)?[/?][^"<)\s]*)""")
ELSEWHERE = ("/static/", "/media/", "/admin/", "/docs", "/api/")


@pytest.fixture
def site():
    """A live article that shares its author, tag and series with those that are not live."""
    filed = {"author": UserFactory(username="Ada"), "series": SeriesFactory(title="Garden")}
    bees, hidden = TagFactory(name="Bees"), TagFactory(name=f"{SECRET} tag")
    ArticleFactory(title="About bees", live=True, tags=[bees], **filed)
    ArticleFactory(title="More about bees", live=True, tags=[bees], **filed)
    secret = {"content": f"{SECRET}: all about bees, and long enough.", "summary": SECRET}
    for state in ({}, {"scheduled": True}):
        ArticleFactory(title=f"{SECRET} bees", tags=[bees, hidden], **filed, **state, **secret)
        ArticleFactory(
            title=f"{SECRET} alone",
            author=UserFactory(name=f"{SECRET} author"),
            series=SeriesFactory(title=f"{SECRET} series"),
            tags=[hidden],
            **state,
            **secret,
        )
        PageFactory(title=f"{SECRET} page", menu_position=1, author=filed["author"], **state, **secret)
    PageFactory(title="About us", live=True)


def walk(client) -> Iterator[tuple[str, str]]:
    """Each page and file that can be reached from where programs begin, and what it says."""
    waiting, seen = [*BEGIN], {*BEGIN}
    while waiting:
        address = waiting.pop()
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        yield address, text
        for found in ADDRESS.findall(text.replace("\\u0026", "&")):
            path = found.removeprefix("http://testserver").partition("#")[0].replace("&amp;", "&")
            path = urlsplit(address).path + path if path.startswith("?") else path
            if path and path not in seen and not path.startswith(ELSEWHERE) and "{" not in path:
                seen.add(path)
                waiting.append(path)


def test_no_stranger_meets_what_is_not_live(client, site):
    told = {address: text for address, text in walk(client) if SECRET.lower() in text.lower()}
    assert set(told) <= {f"/search/?q={SECRET}"}, told.keys()  # which repeats the question
    assert "about bees" not in told.get(f"/search/?q={SECRET}", "")


def test_the_walk_comes_by_everything_that_has_an_address(client, site):
    """Or the test above would miss it."""
    met = {resolve(urlsplit(address).path).view_name for address, _text in walk(client)}
    lists = {"home", "tags", "tag", "series", "author", "archive", "archive_year", "archive_month", "search"}
    files = {"rss", "atom", "tag_rss", "author_atom", "sitemaps", "sitemap", "llms", "robots", "manifest"}
    texts = {"article", "article_markdown", "page", "page_markdown"}
    assert {f"articles:{name}" for name in lists | files | texts} <= met


def test_the_walk_would_notice(client, site):
    Article.objects.update(published_at=timezone.now())
    assert [address for address, text in walk(client) if SECRET in text]


def test_nor_do_the_names_that_only_drafts_use(client, site):
    hidden = [*Tag.objects.filter(name__contains=SECRET), *Series.objects.filter(title__contains=SECRET)]
    assert {client.get(each.get_absolute_url()).status_code for each in hidden} == {404}
