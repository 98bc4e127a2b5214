"""What every page of the site promises."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import SiteSettings, SlugHistory
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

NOON = "2026-03-15T12:00:00Z"
LISTS = [
    "/",
    "/tags/",
    "/tags/bees/",
    "/series/",
    "/series/garden/",
    "/authors/",
    "/authors/Ada/",
    "/archive/",
    "/archive/2026/",
    "/archive/2026/3/",
]
PAGES = [*LISTS, "/articles/live-one/"]


@pytest.fixture
def filed():
    """Where the articles of these tests are filed: what every list of PAGES is about."""
    with time_machine.travel(NOON, tick=False):
        yield {
            "author": UserFactory(username="Ada"),
            "series": SeriesFactory(title="Garden"),
            "tags": [TagFactory(name="Bees")],
        }


@pytest.fixture
def live(filed):
    return ArticleFactory(title="Live one", live=True, **filed)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_get_and_head_and_nothing_else(client, live, page):
    assert client.get(page).status_code == 200
    assert client.head(page).status_code == 200
    assert {client.generic(verb, page).status_code for verb in ("POST", "PUT", "DELETE", "OPTIONS")} == {405}


@pytest.mark.parametrize(
    "path", ["/", "/articles/none/", "/feeds/rss.xml", "/feed", "/sitemap.xml", "/docs", "/media/x"]
)
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "FOO"])
def test_who_sends_something_is_told_that_pages_are_only_read(path, verb):
    answer = Client(enforce_csrf_checks=True).generic(verb, path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_page_without_its_slash_leads_to_the_one_with(client, live, page):
    answer = client.get(page.rstrip("/"))
    assert (answer.status_code, answer.headers["Location"]) == (301, page)


@pytest.mark.parametrize("page", PAGES)
def test_every_stranger_gets_the_same_bytes_and_no_cookie(client, live, page):
    first, second = client.get(page), type(client)().get(page)
    assert first.content == second.content
    assert not first.cookies
    assert "csrf" not in first.text


@pytest.mark.parametrize("page", PAGES)
def test_caches_ask_before_they_show_a_page_again(client, live, page):
    assert client.get(page)["Cache-Control"] == "no-cache"


def test_caches_ask_before_they_follow_an_old_address(client):
    """Or one that is taken back leads in a circle."""
    article = ArticleFactory(live=True)
    SlugHistory.objects.create(slug="former", article=article)
    assert client.get("/articles/former/")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_has_not_changed_is_not_sent_again(client, live, page):
    assert client.get(page, headers={"If-None-Match": client.get(page).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
@pytest.mark.parametrize("page", PAGES)
def test_strangers_meet_nothing_but_live_articles(client, filed, live, state, page):
    before = client.get(page).content
    ArticleFactory(title="Secret", **{**filed, **state, "tags": [*filed["tags"], TagFactory(name="Hush")]})
    assert client.get(page).content == before


@pytest.mark.parametrize("page", LISTS[1:])
def test_what_only_drafts_are_filed_under_is_not_to_be_known_of(client, filed, page):
    empty = client.get(page)
    ArticleFactory(title="Secret", **filed)
    ArticleFactory(title="Secret too", scheduled=True, **filed)
    answer = client.get(page)
    assert answer.status_code == (200 if page in {"/tags/", "/archive/", "/authors/", "/series/"} else 404)
    assert answer.content == empty.content


@pytest.mark.parametrize("end", ["", "feeds/rss.xml", "feeds/"])
@pytest.mark.parametrize("page", ["/tags/garden/", "/series/garden/", "/authors/garden/"])
def test_to_say_so_takes_as_many_queries_as_of_nothing(client, page, end):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{page}{end}").status_code == 404
        return len(asked)

    of_nothing = queries()
    author, tag, series = UserFactory(username="garden"), TagFactory(name="Garden"), SeriesFactory(title="Garden")
    ArticleFactory(author=author, tags=[tag], series=series)
    assert queries() == of_nothing


@pytest.mark.parametrize("page", PAGES)
def test_a_scheduled_article_goes_live_by_the_clock_alone(client, filed, page):
    before = client.get(page)
    moment = timezone.now() + timedelta(hours=1)
    ArticleFactory(title="Live one", published_at=moment, **filed)
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        assert client.get(page).content == before.content
    with time_machine.travel(moment, tick=False):
        answer = client.get(page)
    assert answer.status_code == 200
    assert answer.content != before.content


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1.5", "9" * 5000, "%00"])
@pytest.mark.parametrize("page", ["/", "/tags/bees/", "/series/garden/", "/authors/Ada/", "/archive/2026/"])
def test_a_page_number_that_does_not_exist_is_not_found(client, filed, live, page, number):
    SiteSettings(articles_per_page=1).save()
    ArticleFactory(live=True, **filed)
    assert client.get(page, {"page": "2"}).status_code == 200
    assert client.get(f"{page}?page={number}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/articles/nothing/",
        "/articles/%00/",
        "/articles/%ff/",
        "/tags/nothing/",
        "/tags/a%00b/",
        "/series/nothing/",
        "/series/%00/",
        "/authors/nobody/",
        "/authors/%00/",
        "/archive/0000/",
        "/archive/1/",
        "/archive/9999/",
        "/archive/2026/0/",
        "/archive/2026/13/",
        "/archive/2026/99999999999999999999/",
        "/archive/2025/",
        "/archive/2026/4/",
    ],
)
def test_what_is_not_there_is_not_found_and_the_page_helps(client, live, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert all(f'href="{door}"' in answer.text for door in ("/", "/archive/", "/tags/"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_as_many_queries_for_a_hundred_articles_as_for_one(client, filed, live, page):
    SiteSettings(articles_per_page=100).save()
    with CaptureQueriesContext(connection) as for_one:
        client.get(page)
    for _ in range(99):
        ArticleFactory(live=True, **{**filed, "author": UserFactory() if page == "/" else filed["author"]})
    with CaptureQueriesContext(connection) as for_a_hundred:
        client.get(page)
    assert len(for_a_hundred) == len(for_one)
    assert len(for_one) <= 6
