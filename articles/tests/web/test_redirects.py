import pytest

from accounts.roles import Role
from articles.models import Redirect
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db


def moved(path, **article):
    return Redirect.objects.create(path=path, article=ArticleFactory(**article or {"live": True})).article


def as_path(asked):
    """Django's client takes two slashes for the beginning of a host; on the wire they are a path."""
    return {"PATH_INFO": asked} if asked.startswith("//") else {}


@pytest.mark.parametrize(
    ("old", "asked"),
    [
        ("/releases/1.0.0", "/releases/1.0.0"),
        ("/releases/1.0.0", "/releases/1.0.0/"),
        ("/releases/1.0.0", "/releases/1.0.0/index.html"),
        ("/2015/05/15/hello.html", "/2015/05/15/hello.html"),
        ("/2015/Hello", "/2015/hELLO"),
        ("/hello.md", "/hello.md"),  # where the Markdown of a page would be
        ("/2015/05/15/hello", "//2015/05/15/hello//"),
        ("/tags/hello", "/tags/hello"),  # which would be led to /tags/hello/ first
        ("/articles/hello", "/articles/hello"),
        ("/blog/caf\u00e9 \u8336", "/blog/caf%C3%A9%20%E8%8C%B6"),
        ("/100%", "/100%25"),
        ("/latin-%E9", "/latin-%E9"),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_an_old_address_leads_to_its_article_at_once(client, method, old, asked):
    article = moved(old)
    answer = client.generic(method, asked, **as_path(asked))
    assert (answer.status_code, answer["Location"]) == (301, article.get_absolute_url())


def test_it_leads_nobody_to_what_they_may_not_see(client):
    article = moved("/old", scheduled=True)
    assert client.get("/old").status_code == 404
    client.force_login(UserFactory(role=Role.EDITOR))
    answer = client.get("/old")
    assert (answer.status_code, answer["Location"]) == (301, article.get_absolute_url())
    assert "Cookie" in answer["Vary"]


def test_what_stands_at_an_address_goes_before_what_once_did(client):
    moved("/tags")
    assert client.get("/tags/").status_code == 200


def test_the_api_and_what_is_sent_are_left_alone(client):
    moved("/api/v1/articles/0")
    moved("/blog/old")
    assert client.get("/api/v1/articles/0").status_code == 404
    assert client.post("/blog/old").status_code == 404


@pytest.mark.parametrize("path", ["/admin", "/ADMIN", "/Admin/"])
def test_who_types_the_admin_s_address_finds_it(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (301, "/admin/")


@pytest.mark.parametrize(
    "path", ["/%00", "/a%00b/", "/%ff%fe", "/%ed%a0%80", "//evil.example/x", "/%5c%5cevil.example", "/" + "x" * 4000]
)
def test_an_address_that_never_was_is_not_found(client, path):
    moved("/old")
    assert client.generic("get", path, **as_path(path)).status_code == 404


@pytest.mark.parametrize("target", ["/favicon.ico", "/healthz", "/static/a.css", "/media/a.jpg", "/api/v1/articles"])
def test_one_may_lead_to_what_is_no_page(client, target):
    Redirect.objects.create(path="/old", target=target)
    answer = client.get("/old")
    assert (answer.status_code, answer.get("Location")) == (301, target)


@pytest.mark.parametrize("target", ["/ARCHIVE", "/archive//", "/archive/index.html", "/ArtiCles/FIRST/"])
def test_where_one_leads_may_be_spelt_in_any_way_too(client, target):
    ArticleFactory(slug="first", live=True)
    Redirect.objects.create(path="/old", target=target)
    answer = client.get("/old")
    assert answer.status_code == 301
    assert client.get(answer["Location"]).status_code == 200


def test_the_place_on_a_page_that_one_leads_to_comes_along_wherever_the_page_goes(client):
    ArticleFactory(slug="second", live=True).slugs.create(slug="first")
    Redirect.objects.create(path="/old", target="/articles/first/#part")
    assert client.get("/old?a=1")["Location"] == "/articles/second/?a=1#part"


def test_one_that_leads_where_nothing_can_stand_is_gone(client):
    Redirect.objects.create(path="/old", target="/articles/%00/")
    assert client.get("/old").status_code == 410


def test_the_query_comes_along(client):
    article = moved("/old")
    assert client.get("/old?from=feed")["Location"] == f"{article.get_absolute_url()}?from=feed"


def test_it_takes_one_query_more_and_only_where_nothing_stands(client, django_assert_num_queries):
    moved("/blog/old")
    article = ArticleFactory(live=True)
    with django_assert_num_queries(1):
        assert client.get("/blog/old").status_code == 301
    with django_assert_num_queries(3) as asked:
        client.get(f"/articles/{article.slug}.md")
    assert not any("articles_redirect" in query["sql"] for query in asked)


@pytest.mark.parametrize("path", ["/none", "/articles/none/", "/tags/none/feeds/rss.xml", "/TAGS/none/Feeds/RSS.xml"])
def test_what_never_was_costs_the_same_however_much_there_is(client, path, django_assert_max_num_queries):
    def ask():
        with django_assert_max_num_queries(6) as asked:
            assert client.get(path).status_code == 404
        return len(asked)

    moved("/old")
    once = ask()
    for number in range(30):
        moved(f"/old/{number}")
    assert ask() == once
