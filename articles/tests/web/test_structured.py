"""What pages say of themselves as JSON-LD, held against what schema.org and Google's search ask for."""

import re
from datetime import datetime

import pytest
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from articles.models import Image, SiteSettings
from articles.tests.factories import ArticleFactory, PageFactory, SeriesFactory, TagFactory, UserFactory, picture
from articles.tests.web.reading import Read
from articles.web import head

SITE = "http://testserver"
# https://developers.google.com/search/docs/appearance/structured-data: what it requires, and what it recommends
ASKED = {
    "BlogPosting": {"headline", "author", "datePublished", "dateModified", "publisher", "mainEntityOfPage", "url"},
    "BreadcrumbList": {"itemListElement"},
    "Blog": {"name", "url", "mainEntity"},
    "CollectionPage": {"name", "url", "isPartOf"},
    "CreativeWorkSeries": {"name", "url"},
    "EntryPoint": {"urlTemplate"},
    "ImageObject": {"url", "width", "height"},
    "ItemList": {"itemListElement"},
    "ListItem": {"position", "name"},
    "Organization": {"name", "url", "logo"},
    "Person": {"name", "url"},
    "ProfilePage": {"mainEntity"},
    "SearchAction": {"target", "query-input"},
    "WebSite": {"@id", "url"},
}
KINDS = {
    "/": ["WebSite", "Blog"],
    "/tags/": ["CollectionPage", "BreadcrumbList"],
    "/tags/bees/": ["CollectionPage", "BreadcrumbList"],
    "/series/garden/": ["CollectionPage", "BreadcrumbList"],
    "/authors/Ada/": ["ProfilePage", "BreadcrumbList"],
    "/archive/": ["CollectionPage", "BreadcrumbList"],
    "/archive/2026/": ["CollectionPage", "BreadcrumbList"],
    "/archive/2026/3/": ["CollectionPage", "BreadcrumbList"],
    "/articles/first/": ["BlogPosting", "BreadcrumbList"],
}
HOSTILE = ["</script>", "<!--", "<script", "]]>", "\\", '"', "'", "&lt;", "\u2028", "\u2029", "\x07", "🐝", "茶", "\n"]


@pytest.fixture
def site(db):
    SiteSettings(title="Hives", license_url="https://example.org/by/4.0/", articles_per_page=2).save()
    filed = {
        "author": UserFactory(
            username="Ada", name="Ada Lovelace", website="https://example.org/ada", bio="Keeps bees."
        ),
        "series": SeriesFactory(title="Garden"),
        "tags": [TagFactory(name="Bees")],
    }
    for day, slug in enumerate(["first", "second", "third"], start=1):
        ArticleFactory(title=slug.title(), slug=slug, published_at=f"2026-03-0{day}T12:00Z", **filed)


@pytest.fixture
def graph(client):
    """What a page says, by its kind."""

    def read(address):
        [data] = Read(client.get(address).text).data
        assert data["@context"] == "https://schema.org"
        return {node["@type"]: node for node in data["@graph"]}

    return read


def nodes(said):
    if isinstance(said, dict):
        yield said
    for part in said.values() if isinstance(said, dict) else said if isinstance(said, list) else []:
        yield from nodes(part)


@pytest.mark.parametrize("page", KINDS)
def test_every_page_says_what_is_asked_of_its_kind(graph, site, page):
    said = graph(page)
    assert list(said) == KINDS[page]
    for node in nodes(list(said.values())):
        assert node.keys() >= ASKED[node["@type"]], node
        assert all(value not in (None, "", [], {}) for value in node.values())
        assert all(node[name].startswith("http") for name in ("url", "item", "@id", "mainEntityOfPage") if name in node)


def test_an_article_says_all_that_is_known_of_it(graph, site):
    cover = Image.objects.create(file=picture(640, 480), alt="A sea", width=640, height=480, digest="0" * 64)
    ArticleFactory(
        title="Fourth",
        slug="fourth",
        summary="On \n bees.",
        content="One two three four.",
        author=UserFactory(username="bob", name="Bob"),
        tags=[TagFactory(name="Old"), TagFactory(name="New")],
        cover=cover,
        series=SeriesFactory(title="Year"),
        language="de",
        published_at="2026-03-15T12:00:00Z",
        updated_at="2026-03-17T12:00:00Z",
        revised_at="2026-03-16T12:00:00Z",
    )
    assert graph("/articles/fourth/")["BlogPosting"] == {
        "@type": "BlogPosting",
        "headline": "Fourth",
        "description": "On bees.",
        "url": f"{SITE}/articles/fourth/",
        "mainEntityOfPage": f"{SITE}/articles/fourth/",
        "datePublished": "2026-03-15T12:00:00+00:00",
        "dateModified": "2026-03-16T12:00:00+00:00",
        "author": {"@type": "Person", "name": "Bob", "url": f"{SITE}/authors/bob/"},
        "publisher": {
            "@type": "Organization",
            "name": "Hives",
            "url": f"{SITE}/",
            "logo": {
                "@type": "ImageObject",
                "url": f"{SITE}/static/img/icon-512.png",
                "width": 512,
                "height": 512,
                "caption": "Hives",
            },
        },
        "image": {
            "@type": "ImageObject",
            "url": f"{SITE}{cover.url}",
            "width": 640,
            "height": 480,
            "caption": "A sea",
        },
        "keywords": ["New", "Old"],
        "wordCount": 4,
        "inLanguage": "de",
        "license": "https://example.org/by/4.0/",
        "isPartOf": [
            {"@type": "WebSite", "@id": f"{SITE}/#site", "url": f"{SITE}/"},
            {"@type": "CreativeWorkSeries", "name": "Year", "url": f"{SITE}/series/year/"},
        ],
    }


def test_what_first_appeared_elsewhere_is_not_licensed_from_here(graph, site):
    article = ArticleFactory(live=True, canonical_url="https://example.org/first")
    said = graph(article.get_absolute_url())["BlogPosting"]
    assert said["mainEntityOfPage"] == "https://example.org/first"
    assert "license" not in said


def test_dates_have_a_time_zone(graph, site):
    said = graph("/articles/first/")["BlogPosting"]
    assert all(datetime.fromisoformat(said[name]).utcoffset() is not None for name in ("datePublished", "dateModified"))


@pytest.mark.parametrize(
    ("page", "way"),
    {
        "/tags/bees/": ["Hives", "Tags", "Bees"],
        "/authors/Ada/": ["Hives", "Ada Lovelace"],
        "/archive/2026/3/": ["Hives", "Archive", "2026", "March 2026"],
        "/articles/first/": ["Hives", "Garden", "First"],
    }.items(),
)
def test_the_way_to_a_page_leads_over_pages_that_are_there(client, graph, site, page, way):
    steps = graph(f"{page}?page=1")["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == way
    assert [step["position"] for step in steps] == list(range(1, len(way) + 1))
    assert steps[-1]["item"] == f"{SITE}{page}"
    assert {client.get(step["item"].removeprefix(SITE)).status_code for step in steps} == {200}


def test_the_home_page_says_how_to_search(client, graph, site):
    action = graph("/")["WebSite"]["potentialAction"]
    name = re.fullmatch("required name=(.+)", action["query-input"])[1]
    address = action["target"]["urlTemplate"].replace(f"{{{name}}}", "bees")
    assert address == f"{SITE}{reverse('articles:search')}?q=bees"
    assert client.get(address.removeprefix(SITE)).status_code == 200


def test_an_author_says_who_they_are(graph, site):
    assert graph("/authors/Ada/")["ProfilePage"]["mainEntity"] == {
        "@type": "Person",
        "name": "Ada Lovelace",
        "url": f"{SITE}/authors/Ada/",
        "description": "Keeps bees.",
        "sameAs": "https://example.org/ada",
    }


def test_a_list_counts_on_from_page_to_page(graph, site):
    listed = [graph(f"/tags/bees/?page={page}")["CollectionPage"]["mainEntity"]["itemListElement"] for page in (1, 2)]
    assert [(item["position"], item["name"]) for page in listed for item in page] == [
        (1, "Third"),
        (2, "Second"),
        (3, "First"),
    ]


@pytest.mark.django_db
def test_a_list_of_nothing_lists_nothing(graph):
    assert "mainEntity" not in graph("/")["Blog"]


@pytest.mark.django_db
def test_a_standing_page_is_a_page_and_no_posting(graph):
    said = graph(PageFactory(live=True, title="About", language="de").get_absolute_url())
    assert list(said) == ["WebPage", "BreadcrumbList"]
    assert (said["WebPage"]["name"], said["WebPage"]["inLanguage"]) == ("About", "de")


@pytest.mark.django_db
def test_a_draft_says_nothing(client):
    client.force_login(UserFactory(role=Role.EDITOR))
    assert Read(client.get(ArticleFactory().get_absolute_url()).text).data == []


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5), min_size=1).map("".join).filter(bool))
def test_no_title_breaks_out_of_it(title):
    request = RequestFactory().get("/")
    request.site = SiteSettings(title=title)
    page = str(head.of(request, title, "/articles/x/", title).structured)
    assert page.count("<") == 2
    assert not {"\u2028", "\u2029"} & set(page)
    [data] = Read(page).data
    assert data["@graph"][0]["name"] == title
