import re

import pytest

from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGES = ["/", "/tags/bees/", "/authors/Ada/", "/series/garden/"]
LEADS = {
    "rss.xml": "feed feeds rss rss2 feed/rss feed/rss2 rss.xml feed.xml index.xml index.rss RSS Feed.XML",
    "atom.xml": "atom feed/atom atom.xml index.atom",
    "feed.json": "feed.json feed/json index.json",
}


@pytest.fixture(autouse=True)
def _bees():
    tag, author, series = TagFactory(name="Bees"), UserFactory(username="Ada"), SeriesFactory(title="Garden")
    ArticleFactory(live=True, tags=[tag], author=author, series=series)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("file", "alias"), [(file, alias) for file, all in LEADS.items() for alias in all.split()])
def test_what_feed_readers_try_leads_to_the_feed_in_one_step(client, page, file, alias):
    for end in ("", "/", "/?paged=2"):
        answer = client.get(f"{page}{alias}{end}")
        assert (answer.status_code, answer["Location"]) == (301, f"{page}feeds/{file}")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("file", LEADS)
def test_a_feed_with_a_slash_too_many_leads_to_itself(client, page, file):
    answer = client.head(f"{page}feeds/{file}/")
    assert (answer.status_code, answer["Location"]) == (301, f"{page}feeds/{file}")


@pytest.mark.parametrize(
    ("asked", "file"), [("rss", "rss.xml"), ("rss2", "rss.xml"), ("Atom", "atom.xml"), ("json", "feed.json")]
)
def test_the_addresses_of_wordpress_feeds_lead_to_them_in_one_step(client, asked, file):
    answer = client.get(f"/?feed={asked}&paged=2")
    assert (answer.status_code, answer["Location"]) == (301, f"/feeds/{file}")


@pytest.mark.parametrize("query", ["feed", "feed=", "feed=none", "feed=%00", "feeds=rss2", "from=feed"])
def test_a_query_that_asks_for_no_feed_is_answered_with_the_page(client, query):
    assert client.get(f"/?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/feeds/none.xml", "/feed/none", "/feedx", "/xfeed", "/rss.xml/x"])
def test_what_only_looks_like_one_is_not_found(client, path):
    assert client.get(path, follow=True).status_code == 404


def test_nothing_is_sent_to_a_feed(client):
    assert client.post("/feed/").status_code == client.post("/feeds/feed.json").status_code == 405


def test_to_lead_on_takes_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        assert client.get("/tags/bees/feed/").status_code == 301


@pytest.mark.parametrize("page", [*PAGES, "/archive/", "/tags/", "/nothing/"])
def test_every_page_names_the_site_s_feeds_and_a_page_that_has_some_its_own_first(client, page):
    links = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)" title="([^"]+)">', client.get(page).text)
    kinds = [("application/rss+xml", "rss.xml"), ("application/atom+xml", "atom.xml")]
    kinds += [("application/feed+json", "feed.json")]
    whose = dict(zip(PAGES, ["blogsite", "Bees", "Ada", "Garden"], strict=True))
    pages = [page, "/"] if page in PAGES[1:] else ["/"]
    assert [(kind, href, title.split(" (")[0]) for kind, href, title in links] == [
        (kind, f"{page}feeds/{file}", whose[page]) for page in pages for kind, file in kinds
    ]
