import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from time import process_time
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.utils import timezone
from django.utils.http import http_date

from accounts.roles import Role
from articles import publishing
from articles.models import Article, Image, SiteSettings
from articles.models.announcement import FEEDS
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def rss(client):
    return lambda address="/feeds/rss.xml", **extra: ElementTree.fromstring(client.get(address, **extra).content)[0]


@pytest.fixture
def atom(client):
    return lambda address="/feeds/atom.xml", **extra: ElementTree.fromstring(client.get(address, **extra).content)


def titles(feed):
    """Those of an RSS channel's items, or of an Atom feed's entries."""
    return [element.text for entry in ("item/title", f"{ATOM}entry/{ATOM}title") for element in feed.findall(entry)]


def test_they_say_whose_they_are(client, rss, atom):
    SiteSettings(title="Bees & co", tagline="On <bees>", language="de").save()
    ArticleFactory(live=True)
    channel, feed = rss(), atom()
    assert [channel.findtext(name) for name in ("title", "description", "language", "link")] == [
        "Bees & co",
        "On <bees>",
        "de",
        "http://testserver/",
    ]
    assert channel.find(f"{ATOM}link").attrib == {"rel": "self", "href": "http://testserver/feeds/rss.xml"}
    assert [feed.findtext(f"{ATOM}{name}") for name in ("title", "subtitle")] == ["Bees & co", "On <bees>"]
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "de"
    assert client.get("/feeds/rss.xml")["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert client.get("/feeds/atom.xml")["Content-Type"] == "application/atom+xml; charset=utf-8"


def test_an_entry_is_the_whole_article(rss, atom):
    article = ArticleFactory(
        author=UserFactory(username="ada", name="Ada & Co"),
        title="Vec<T> & you",
        content="It *is* long enough.",
        summary="Is <b> bold?",
        tags=[TagFactory(name="R&D")],
        published_at="2026-03-15T12:00:00Z",
        updated_at="2026-03-16T08:30:00Z",
    )
    item, entry = rss().find("item"), atom().find(f"{ATOM}entry")
    assert item.findtext("title") == entry.findtext(f"{ATOM}title") == article.title
    assert item.findtext(CONTENT) == entry.findtext(f"{ATOM}content") == article.content_html
    assert entry.find(f"{ATOM}content").get("type") == "html"
    assert item.findtext("description") == entry.findtext(f"{ATOM}summary") == "Is &lt;b&gt; bold?"
    assert (
        item.findtext("link") == entry.find(f"{ATOM}link").get("href") == f"http://testserver/articles/{article.slug}/"
    )
    assert item.findtext(CREATOR) == entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada & Co"
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == "http://testserver/authors/ada/"
    assert item.findtext("category") == entry.find(f"{ATOM}category").get("term") == "R&D"
    assert item.findtext("pubDate") == "Sun, 15 Mar 2026 12:00:00 +0000"
    assert entry.findtext(f"{ATOM}published") == "2026-03-15T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-16T08:30:00+00:00"


def test_as_json_an_entry_is_the_whole_article_too(client):
    SiteSettings(title="Bees", tagline="On <bees>", language="de").save()
    file = picture()
    article = ArticleFactory(
        author=UserFactory(username="ada", name="Ada & Co", avatar="avatars/ada.png"),
        title="Vec<T> & you",
        summary="Is <b> bold?",
        tags=[TagFactory(name="R&D")],
        cover=Image.objects.create(file=file, width=8, height=6, digest="0" * 64),
        language="fr",
        published_at="2026-03-15T12:00:00Z",
        updated_at="2026-03-16T08:30:00Z",
    )
    answer = client.get("/feeds/feed.json")
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = answer.json()
    guid = feed["items"][0].pop("id")
    assert guid.startswith("urn:uuid:")
    cover = f"http://testserver{article.cover.url}"
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Bees",
        "home_page_url": "http://testserver/",
        "feed_url": "http://testserver/feeds/feed.json",
        "description": "On <bees>",
        "language": "de",
        "items": [
            {
                "url": f"http://testserver/articles/{article.slug}/",
                "title": "Vec<T> & you",
                "content_html": article.content_html,
                "summary": "Is <b> bold?",
                "image": cover,
                "date_published": "2026-03-15T12:00:00+00:00",
                "date_modified": "2026-03-16T08:30:00+00:00",
                "authors": [
                    {
                        "name": "Ada & Co",
                        "url": "http://testserver/authors/ada/",
                        "avatar": "http://testserver/media/avatars/ada.png",
                    }
                ],
                "tags": ["R&D"],
                "language": "fr",
                "attachments": [{"url": cover, "mime_type": "image/png", "size_in_bytes": file.size}],
            }
        ],
    }


def test_an_entry_in_another_language_says_so(rss, atom):
    ArticleFactory(live=True, language="fr")
    assert rss().findtext("item/{http://purl.org/dc/elements/1.1/}language") == "fr"
    assert atom().find(f"{ATOM}entry").get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"


def test_they_say_under_which_licence(rss, atom, client):
    ArticleFactory(live=True)
    assert rss().find("copyright") is atom().find(f"{ATOM}rights") is None
    url = "https://creativecommons.org/licenses/by/4.0/"
    SiteSettings(license_name="CC BY 4.0", license_url=url).save()
    assert rss().findtext("copyright") == atom().findtext(f"{ATOM}rights") == "CC BY 4.0"
    for feed in (rss(), atom()):
        assert feed.find(f"{ATOM}link[@rel='license']").get("href") == url
    assert client.get("/feeds/feed.json").json()["_license"] == {"name": "CC BY 4.0", "url": url}


@pytest.mark.parametrize("changes", [{"title": "Corrected"}, {"tags": ["Bees"]}])
def test_a_change_is_told_by_its_date_in_every_format(rss, atom, client, changes):
    editor, article = UserFactory(role=Role.EDITOR), ArticleFactory(live=True)
    now = "2036-03-16T08:30:00+00:00"
    with time_machine.travel(now, tick=False):
        publishing.revise(article, by=editor, **changes)
        [item] = client.get("/feeds/feed.json").json()["items"]
        told = {item["date_modified"], rss().findtext(f"item/{ATOM}updated")}
        assert told | {atom().findtext(f"{ATOM}{of}updated") for of in ("", f"entry/{ATOM}")} == {now}
        assert parsedate_to_datetime(rss().findtext("lastBuildDate")).isoformat() == now


def test_a_feed_is_the_same_to_who_follows_it_when_its_tag_is_renamed(atom):
    tag = TagFactory(name="Bees")
    ArticleFactory(live=True, tags=[tag])
    before = atom("/tags/bees/feeds/atom.xml").findtext(f"{ATOM}id")
    tag.name, tag.slug = "Wasps", "wasps"
    tag.save()
    after = atom("/tags/wasps/feeds/atom.xml").findtext(f"{ATOM}id")
    assert before == after == f"http://testserver/#tag-{tag.pk}"
    assert atom().findtext(f"{ATOM}id") == "http://testserver/"


def test_what_an_entry_leads_to_is_found_from_anywhere(rss, atom):
    article = ArticleFactory(
        live=True,
        content="# Top\n\n[a](/x?y=1&z=2) [b](#top) [c](d) [e](https://example.org/) [f](mailto:g@example.org)\n\n"
        '![h](/media/i.png "j > k") `href="/code"` note[^1]\n\n[^1]: Foot.\n\n<a href="http://[">l</a>',
    )
    page = f"http://testserver/articles/{article.slug}/"
    html = rss().findtext(f"item/{CONTENT}")
    assert html == atom().findtext(f"{ATOM}entry/{ATOM}content")
    for target in (
        'href="http://testserver/x?y=1&amp;z=2"',
        f'href="{page}#top"',
        f'href="{page}d"',
        'href="https://example.org/"',
        'href="mailto:g@example.org"',
        'src="http://testserver/media/i.png"',
        f'href="{page}#fn1"',
        '<code>href="/code"</code>',
    ):
        assert target in html
    assert '<h2 id="top">Top</h2>' in html


def test_a_cover_comes_along(rss, atom):
    file = picture()
    cover = Image.objects.create(file=file, width=8, height=6, digest="0" * 64)
    ArticleFactory(live=True, cover=cover)
    expected = {"length": str(file.size), "type": "image/png"}
    assert rss().find("item/enclosure").attrib == {"url": f"http://testserver{cover.url}", **expected}
    link = atom().find(f"{ATOM}entry/{ATOM}link[@rel='enclosure']")
    assert link.attrib == {"rel": "enclosure", "href": f"http://testserver{cover.url}", **expected}


def test_a_cover_whose_file_is_lost_breaks_nothing(rss):
    cover = Image.objects.create(file="images/lost.jpg", width=8, height=6, digest="0" * 64)
    ArticleFactory(live=True, cover=cover)
    assert rss().find("item/enclosure").attrib == {
        "url": "http://testserver/media/images/lost.jpg",
        "length": "0",
        "type": "image/jpeg",
    }


def test_an_id_outlives_a_new_address_and_a_new_host(rss, atom, settings):
    settings.ALLOWED_HOSTS = ["*"]
    article = ArticleFactory(live=True)
    before = rss().find("item/guid")
    article.slug, article.title = "another", "Another"
    article.save()
    after = rss(headers={"host": "elsewhere.example"}).find("item/guid")
    assert before.text == after.text == atom().findtext(f"{ATOM}entry/{ATOM}id")
    assert before.text.startswith("urn:uuid:")
    assert before.attrib == {"isPermaLink": "false"}
    ArticleFactory(live=True)
    assert len({guid.text for guid in rss().iter("guid")}) == 2


@pytest.mark.parametrize("file", FEEDS.values())
def test_with_an_address_of_its_own_the_site_is_named_by_that_whoever_asked_for_it(client, settings, file):
    cover = Image.objects.create(file=picture(), width=8, height=6, digest="0" * 64)
    article = ArticleFactory(live=True, content="[a](/b) ![c](d.png) and so on", cover=cover)
    settings.SITE_URL = "https://blog.example.org"
    answer = client.get(f"/authors/{article.author.username}/{file}").text
    assert "testserver" not in answer
    assert answer.count("https://blog.example.org/") >= 6


def test_only_the_newest_live_articles_are_in_whoever_asks(rss, atom, client):
    client.force_login(UserFactory(role=Role.EDITOR))
    ArticleFactory(title="draft")
    ArticleFactory(title="scheduled", scheduled=True)
    for hours in range(1, 23):
        ArticleFactory(title=f"{hours} hours old", published_at=timezone.now() - timedelta(hours=hours))
    assert titles(rss()) == titles(atom()) == [f"{hours} hours old" for hours in range(1, 21)]


def test_a_scheduled_article_appears_when_its_time_comes_and_is_news(rss, atom, client):
    ArticleFactory(live=True)
    later = ArticleFactory(scheduled=True)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert titles(rss())[0] == later.title
        assert atom().findtext(f"{ATOM}updated") == later.published_at.isoformat()


@pytest.mark.parametrize("address", ["/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json"])
@pytest.mark.parametrize("articles", [0, 1])
def test_what_a_reader_has_already_is_not_sent_again(client, address, articles):
    ArticleFactory.create_batch(articles, live=True)
    seen = client.get(address).headers
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        again = client.get(address, headers={"If-None-Match": seen["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ["/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json", "/sitemap-articles.xml"])
def test_who_asks_by_date_alone_does_not_keep_what_was_withdrawn(client, address):
    _, withdrawn = ArticleFactory(live=True), ArticleFactory(live=True)
    now = http_date(timezone.now().timestamp())
    Article.objects.filter(pk=withdrawn.pk).update(published_at=None)
    answer = client.get(address, headers={"If-Modified-Since": now})
    assert answer.status_code == 200
    assert withdrawn.slug not in answer.text


@pytest.mark.parametrize("format", FEEDS)
def test_a_tag_an_author_and_a_series_have_their_own(client, format):
    tag, author, series = TagFactory(name="Bees"), UserFactory(username="Ada", name="Ada Lovelace"), SeriesFactory()
    ArticleFactory(live=True, title="tagged", tags=[tag])
    ArticleFactory(live=True, title="written", author=author)
    ArticleFactory(live=True, title="part", series=series)
    ArticleFactory(title="draft", tags=[tag], author=author, series=series)

    def read(page):
        text = client.get(f"{page}{FEEDS[format]}").text
        if format == "json":
            return json.loads(text)["title"], [item["title"] for item in json.loads(text)["items"]]
        feed = feedparser.parse(text)
        return feed.feed.title, [entry.title for entry in feed.entries]

    assert read("/tags/bees/") == ("Bees · blogsite", ["tagged"])
    assert read("/authors/ada/") == ("Ada Lovelace · blogsite", ["written"])
    assert read(f"/series/{series.slug}/") == (f"{series.title} · blogsite", ["part"])


def test_of_a_series_the_newest_part_comes_first(rss):
    series = SeriesFactory(slug="garden")
    for number in (1, 2):
        at = timezone.now() - timedelta(days=9 - number)
        ArticleFactory(title=f"part {number}", published_at=at, series=series, series_position=number)
    assert titles(rss("/series/garden/feeds/rss.xml")) == ["part 2", "part 1"]


@pytest.mark.parametrize("file", FEEDS.values())
def test_there_is_none_of_what_strangers_may_not_know(client, file):
    tag, series = TagFactory(name="Bees"), SeriesFactory(title="Garden")
    ArticleFactory(author=UserFactory(username="ada"), tags=[tag], series=series)
    for page in ("/tags/bees/", "/tags/none/", "/authors/ada/", "/authors/nobody/", "/series/garden/", "/series/none/"):
        answer = client.get(f"{page}{file}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("articles", [1, 30])
def test_it_takes_the_same_few_queries_however_many_articles(client, django_assert_num_queries, articles):
    tag, author, series = TagFactory(name="Bees"), UserFactory(username="ada"), SeriesFactory(title="Garden")
    cover = Image.objects.create(file=picture(), width=8, height=6, digest="0" * 64)
    ArticleFactory.create_batch(articles, live=True, author=author, tags=[tag], cover=cover, series=series)
    for page, queries in {"/": 2, "/tags/bees/": 3, "/authors/ada/": 3, "/series/garden/": 3}.items():
        for file in FEEDS.values():
            with django_assert_num_queries(queries):
                assert client.get(f"{page}{file}").status_code == 200


def test_a_text_about_addresses_takes_no_longer_than_another(rss):
    ArticleFactory(live=True, content=' href="" ' * 20_000)
    began = process_time()
    rss()
    assert process_time() - began < 5  # where each looked for the end of its tag through all the text, 20
