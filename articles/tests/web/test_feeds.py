from datetime import timedelta
from time import process_time
from xml.etree import ElementTree

import pytest
import time_machine
from django.utils import timezone
from django.utils.http import http_date

from accounts.roles import Role
from articles.models import Article, Image, SiteSettings
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory, picture

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
    assert '<h1 id="top">Top</h1>' in html


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


@pytest.mark.parametrize("address", ["/feeds/rss.xml", "/feeds/atom.xml"])
@pytest.mark.parametrize("articles", [0, 1])
def test_what_a_reader_has_already_is_not_sent_again(client, address, articles):
    ArticleFactory.create_batch(articles, live=True)
    seen = client.get(address).headers
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        again = client.get(address, headers={"If-None-Match": seen["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ["/feeds/rss.xml", "/feeds/atom.xml", "/sitemap-articles.xml"])
def test_who_asks_by_date_alone_does_not_keep_what_was_withdrawn(client, address):
    _, withdrawn = ArticleFactory(live=True), ArticleFactory(live=True)
    now = http_date(timezone.now().timestamp())
    Article.objects.filter(pk=withdrawn.pk).update(published_at=None)
    answer = client.get(address, headers={"If-Modified-Since": now})
    assert answer.status_code == 200
    assert withdrawn.slug not in answer.text


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_no_text_makes_it_unreadable(client, format):
    bad = "a\x08b\x0b\uffffc]]>&<é🐝"
    SiteSettings(title=bad, tagline=bad).save()
    author, tag = UserFactory(name=bad, bio=bad), TagFactory(name=bad, description=bad)
    ArticleFactory(live=True, title=bad, summary=bad, content=f"{bad} `{bad}`", author=author, tags=[tag])
    good = "abc]]>&<é🐝"
    for address in (
        f"/feeds/{format}.xml",
        f"/tags/{tag.slug}/feeds/{format}.xml",
        f"/authors/{author.username}/feeds/{format}.xml",
    ):
        feed = ElementTree.fromstring(client.get(address).content)
        assert titles(feed[0] if format == "rss" else feed) == [good]


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_a_tag_and_an_author_have_their_own(client, format):
    tag, author = TagFactory(name="Bees"), UserFactory(username="Ada", name="Ada Lovelace")
    ArticleFactory(live=True, title="tagged", tags=[tag])
    ArticleFactory(live=True, title="written", author=author)
    ArticleFactory(title="draft", tags=[tag], author=author)

    def read(address):
        feed = ElementTree.fromstring(client.get(address).content)
        feed = feed[0] if format == "rss" else feed
        return feed[0].text, titles(feed)

    assert read(f"/tags/bees/feeds/{format}.xml") == ("Bees · blogsite", ["tagged"])
    assert read(f"/authors/ada/feeds/{format}.xml") == ("Ada Lovelace · blogsite", ["written"])


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_there_is_none_of_what_strangers_may_not_know(client, format):
    ArticleFactory(author=UserFactory(username="ada"), tags=[TagFactory(name="Bees")])
    for address in ("/tags/bees", "/tags/none", "/authors/ada", "/authors/nobody"):
        answer = client.get(f"{address}/feeds/{format}.xml")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("articles", [1, 30])
def test_it_takes_the_same_few_queries_however_many_articles(client, django_assert_num_queries, articles):
    tag, author = TagFactory(name="Bees"), UserFactory(username="ada")
    cover = Image.objects.create(file=picture(), width=8, height=6, digest="0" * 64)
    ArticleFactory.create_batch(articles, live=True, author=author, tags=[tag], cover=cover)
    for address, queries in {"/feeds": 3, "/tags/bees/feeds": 4, "/authors/ada/feeds": 4}.items():
        for format in ("rss", "atom"):
            with django_assert_num_queries(queries):
                assert client.get(f"{address}/{format}.xml").status_code == 200


def test_a_text_about_addresses_takes_no_longer_than_another(rss):
    ArticleFactory(live=True, content=' href="" ' * 20_000)
    began = process_time()
    rss()
    assert process_time() - began < 5  # where each looked for the end of its tag through all the text, 20
