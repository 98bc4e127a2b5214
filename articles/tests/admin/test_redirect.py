import pytest

from articles.models import Redirect
from articles.tests.factories import ArticleFactory, TagFactory


def refused(answer):
    return answer.context["adminform"].form.errors


@pytest.mark.parametrize("spelling", ["/2015/hello/", "2015/hello", "/2015/hello/index.html", "//2015//HELLO"])
def test_an_old_address_is_taken_however_it_is_spelt(editor, spelling):
    article = ArticleFactory()
    editor.add("redirect", path="/2015/hello", article=article.pk)
    again = editor.add("redirect", path=spelling, article=article.pk)
    assert "path" in refused(again)
    assert Redirect.objects.get().path == "/2015/hello"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://old.example/2015/hello.html?from=feed#top", "/2015/hello.html"),
        ("/caf%C3%A9/%E8%8C%B6", "/caf\u00e9/\u8336"),
        ("/latin-%E9", "/latin-%E9"),
        ("/100%", "/100%25"),
    ],
)
def test_one_may_be_given_as_it_was_copied_from_a_browser(editor, client, given, asked):
    editor.add("redirect", path=given, target="/archive/")
    assert client.get(asked).status_code == 301


def test_one_with_a_nul_is_refused(editor):
    assert "path" in refused(editor.add("redirect", path="/a%00", target="/archive/"))


def test_old_addresses_are_not_for_authors(author):
    assert author.open("redirect", page="changelist").status_code == 403


def test_one_leads_to_a_path_or_an_address(editor, client):
    editor.add("redirect", path="/talks", target="/archive/?from=talks#2015")
    editor.add("redirect", path="/forum", target="https://forum.example/")
    assert client.get("/Talks/?a=1")["Location"] == "/archive/?from=talks&a=1#2015"
    assert client.get("/forum")["Location"] == "https://forum.example/"


def test_one_that_leads_nowhere_is_gone(editor, client):
    editor.add("redirect", path="/talks")
    assert client.get("/talks").status_code == 410


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:,x", "ftp://example.com/", "archive", "/a\nb"],
)
def test_a_target_that_is_none_is_refused(editor, target):
    assert "target" in refused(editor.add("redirect", path="/talks", target=target))
    assert not Redirect.objects.exists()


@pytest.mark.parametrize("path", ["/", "/tags", "/articles/hello", "/Articles/HELLO/", "/docs", "/robots.txt"])
def test_one_where_a_page_stands_is_refused(editor, path):
    ArticleFactory(slug="hello", live=True)
    assert "path" in refused(editor.add("redirect", path=path, target="/archive/"))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/old",
        "/API/",
        "/accounts/old",
        "/static/old.css",
        "/media",
        "/admin/old/",
        "/healthz",
        "/readyz/",
        "/favicon.ico",
    ],
)
def test_one_from_where_nobody_is_ever_led_on_is_refused(editor, path):
    [message] = refused(editor.add("redirect", path=path, target="/archive/"))["path"]
    assert f"keeps {path.rstrip('/').lower()} for itself" in message
    assert "web server in front" in message


def test_one_that_leads_to_two_is_refused(editor):
    article = ArticleFactory(live=True)
    assert refused(editor.add("redirect", path="/talks", article=article.pk, target="/archive/"))


def test_one_that_leads_in_a_circle_is_refused(editor):
    editor.add("redirect", path="/a", target="/b/")
    editor.add("redirect", path="/b", target="/c")
    for path, target in (("/c", "/A"), ("/c", "/c/"), ("/d", "/d")):
        assert "target" in refused(editor.add("redirect", path=path, target=target))
    assert Redirect.objects.count() == 2


def test_one_that_leads_to_another_leads_to_its_end(editor, client):
    article = ArticleFactory(live=True)
    editor.add("redirect", path="/a", target="/b")
    editor.add("redirect", path="/b", target="/c")
    editor.add("redirect", path="/c", article=article.pk)
    assert client.get("/a")["Location"] == article.get_absolute_url()


@pytest.mark.parametrize("rows", [{"/a": "/b", "/b": "/a"}, {"/a": "/a"}, {"/a": "/none/at/all"}])
def test_a_way_that_ends_nowhere_is_gone(db, client, rows):
    for path, target in rows.items():
        Redirect.objects.create(path=path, target=target)
    assert client.get("/a").status_code == 410


def test_the_list_says_where_each_leads_and_finds_by_it(editor):
    live, draft, tag = ArticleFactory(live=True, title="Tides"), ArticleFactory(), TagFactory(name="Bees")
    for path, to in {"/a": {"article": live}, "/b": {"article": draft}, "/c": {"tag": tag}, "/d": {}}.items():
        Redirect.objects.create(path=path, **to)
    Redirect.objects.create(path="/e", target="/archive/")
    page = editor.open("redirect", page="changelist")
    answers = {row.path: page.context["cl"].model_admin.answer(row) for row in page.context["cl"].result_list}
    assert answers == {"/a": "301", "/b": "410", "/c": "301", "/d": "410", "/e": "301"}

    def found(query):
        rows = editor.get(f"/admin/articles/redirect/?{query}").context["cl"].result_list
        return {row.path for row in rows}

    assert found("q=tides") == {"/a"}
    assert found("answer=article") == {"/a", "/b"}
    assert found("answer=list") == {"/c"}
    assert found("answer=target") == {"/e"}
    assert found("answer=gone") == {"/d"}
