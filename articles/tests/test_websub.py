import json
import logging
from datetime import timedelta

import feedparser
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.roles import Role
from articles import publishing, websub
from articles.models import Announcement, Page, Tag
from articles.tests import hub as hubs
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db
SITE = "https://blog.example.org"
TEXT = {"title": "Bees", "content": "A text that is long enough."}


@pytest.fixture
def hub(settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with hubs.running() as hub:
        settings.WEBSUB_HUB, settings.SITE_URL = hub.address, SITE
        yield hub


@pytest.fixture
def ada():
    return UserFactory(username="ada", role=Role.EDITOR)


@pytest.fixture
def told(hub):
    """The pages whose feeds the hub is told of now."""

    def told():
        websub.announce()
        return hub.pages()

    return told


def test_of_a_new_article_every_feed_that_has_it_is_told_once(hub, ada):
    publishing.create(by=ada, **TEXT, tags=["Bees"], series=SeriesFactory(title="Garden"), published_at=timezone.now())
    websub.announce()
    assert {"hub.mode": ["publish"], "hub.url": [f"{SITE}/feeds/rss.xml"]} in hub.heard
    assert hub.pages() == ["/", "/authors/ada/", "/series/garden/", "/tags/bees/"]
    websub.announce()
    assert hub.heard == []


def test_many_changes_are_told_at_once(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=timezone.now())
    for title in ("Wasps", "Hornets"):
        publishing.revise(article, by=ada, title=title)
    assert told() == ["/", "/authors/ada/"]


@pytest.mark.parametrize("verb", [publishing.withdraw, publishing.remove])
def test_what_is_gone_is_told(told, ada, verb):
    article = ArticleFactory(live=True, author=ada, tags=[TagFactory(name="Bees")])
    verb(article, by=ada)
    assert told() == ["/", "/authors/ada/", "/tags/bees/"]
    assert told() == []


def test_feeds_that_an_article_leaves_are_told_as_those_that_it_comes_to(told, ada):
    tag, series = TagFactory(name="Bees"), SeriesFactory(title="Garden")
    article = ArticleFactory(live=True, author=UserFactory(username="bob"), tags=[tag], series=series)
    publishing.revise(article, by=ada, author=ada, tags=["Wasps"], series=SeriesFactory(title="House"))
    assert told() == [
        "/",
        "/authors/ada/",
        "/authors/bob/",
        "/series/garden/",
        "/series/house/",
        "/tags/bees/",
        "/tags/wasps/",
    ]


def test_of_what_readers_cannot_see_nothing_is_told(told, ada):
    article = publishing.create(by=ada, **TEXT)
    publishing.revise(article, by=ada, title="Wasps")
    publishing.publish(article, by=ada, at=timezone.now() + timedelta(days=1))
    publishing.revise(article, by=ada, title="Hornets")
    assert told() == []
    publishing.remove(article, by=ada)
    publishing.create(by=ada, **TEXT)
    assert told() == []


def test_what_goes_live_by_the_clock_is_told_then(told, ada):
    publishing.create(by=ada, **TEXT, tags=["Bees"], published_at=timezone.now() + timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert told() == []
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert told() == ["/", "/authors/ada/", "/tags/bees/"]
        assert told() == []


def test_what_was_scheduled_before_there_was_a_hub_is_told_when_it_goes_live(told):
    ArticleFactory(scheduled=True, author=UserFactory(username="ada"))
    assert told() == told() == []
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert told() == ["/", "/authors/ada/"]
        assert told() == []


def test_a_hub_that_is_away_misses_nothing(settings, hub, ada, caplog):
    settings.WEBSUB_HUB = "http://127.0.0.1:9/"  # discard: nobody listens there
    article = publishing.create(by=ada, **TEXT, published_at=timezone.now())
    websub.announce()
    publishing.revise(article, by=ada, tags=["Bees"])
    websub.announce()
    assert len(caplog.messages) == 2
    assert (
        "127.0.0.1 did not accept the feeds of 3 pages: <urlopen error [Errno 111] Connection refused>" in caplog.text
    )
    settings.WEBSUB_HUB = hub.address
    websub.announce()
    assert hub.pages() == ["/", "/authors/ada/", "/tags/bees/"]


def test_a_hub_that_fails_on_the_way_is_told_the_rest_again_and_not_the_whole(hub, ada):
    hub.answers = {"/authors/ada/feeds/rss.xml": 0}  # the connection is closed without an answer
    publishing.create(by=ada, **TEXT, published_at=timezone.now())
    websub.announce()
    hub.topics()
    hub.answers = {}
    websub.announce()
    assert hub.pages() == ["/authors/ada/"]


@pytest.mark.parametrize("status", [301, 303, 307, 403, 404, 429, 500, 503])
def test_a_refusal_of_one_feed_stops_no_other_and_is_told_again(hub, ada, status, caplog):
    hub.answers = {"/feeds/atom.xml": status}
    publishing.create(by=ada, **TEXT, published_at=timezone.now())
    websub.announce()
    assert "/authors/ada/feeds/feed.json" in hub.topics()
    assert [f"HTTP Error {status}" in each for each in caplog.messages if "did not accept" in each] == [True]
    hub.answers = {}
    websub.announce()
    assert hub.pages() == ["/"]


def test_a_change_that_was_taken_back_is_not_told(told, ada):
    with transaction.atomic():
        publishing.create(by=ada, **TEXT, published_at=timezone.now())
        transaction.set_rollback(True)
    assert told() == []


def test_a_tag_that_is_gone_has_nothing_to_tell_and_one_renamed_has_its_new_address(told, ada):
    publishing.create(by=ada, **TEXT, tags=["Bees", "Wasps"], published_at=timezone.now())
    Tag.objects.get(name="Bees").delete()
    Tag.objects.filter(name="Wasps").update(slug="hornets")
    assert told() == ["/", "/authors/ada/", "/tags/hornets/"]


def test_a_standing_page_is_in_no_feed(told, ada):
    websub.note(Page(author=ada, published_at=timezone.now(), kind=Page.Kind.PAGE), [])
    assert told() == []


def test_more_than_fits_into_memory_is_told_in_parts(told, ada, monkeypatch):
    monkeypatch.setattr(websub, "AT_ONCE", 2)
    for number in range(5):
        publishing.create(by=ada, **TEXT, tags=[f"Tag {number}"], published_at=timezone.now())
    websub.announce()
    assert not Announcement.objects.exists()


def test_without_a_hub_the_verbs_ask_for_nothing_more(ada, django_assert_num_queries):
    with django_assert_num_queries(0):
        websub.note(ArticleFactory.build(live=True, author=ada), [])


@pytest.mark.parametrize("articles", [1, 20])
def test_it_takes_the_same_few_queries_however_much_is_told(hub, ada, django_assert_num_queries, articles):
    for _ in range(articles):
        publishing.create(by=ada, **TEXT, tags=["Bees"], published_at=timezone.now())
    with django_assert_num_queries(8):
        websub.announce()


@pytest.mark.parametrize("page", ["/", "/authors/ada/"])
def test_the_feeds_name_the_hub_and_themselves_as_the_hub_knows_them(hub, ada, client, page):
    ArticleFactory(live=True, author=ada)
    for file in ("rss.xml", "atom.xml", "feed.json"):
        answer, itself = client.get(f"{page}feeds/{file}"), f"{SITE}{page}feeds/{file}"
        assert answer["Link"] == f'<{hub.address}>; rel="hub", <{itself}>; rel="self"'
        if file == "feed.json":
            feed = json.loads(answer.text)
            assert (feed["hubs"], feed["feed_url"]) == ([{"type": "WebSub", "url": hub.address}], itself)
        else:
            links = {link.rel: link.href for link in feedparser.parse(answer.text).feed.links}
            assert (links["hub"], links["self"]) == (hub.address, itself)


def test_without_a_hub_the_feeds_name_none(client):
    answer = client.get("/feeds/feed.json")
    assert "Link" not in answer
    assert "hubs" not in answer.json()


@pytest.fixture(autouse=True)
def _all_is_logged(caplog):
    caplog.set_level(logging.WARNING, logger="articles.websub")
