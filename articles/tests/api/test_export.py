"""All articles at once, a line each."""

import gzip
import json

import pytest
from django.db import DatabaseError

from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles import publishing
from articles.api import views
from articles.models import Article
from articles.tests.factories import ArticleFactory, PageFactory, TagFactory, picture

pytestmark = pytest.mark.django_db
EXPORT = f"{API}/articles/export"


def lines(answer):
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.getvalue().splitlines()]


def ids(answer):
    return [article["id"] for article in lines(answer)]


@pytest.mark.parametrize("path", [EXPORT, f"{EXPORT}/"])
def test_each_line_is_an_article_as_it_is_answered_by_id(author, path):
    cover = signed_in(author).post(f"{API}/images/", {"file": picture()}).json()["id"]
    ArticleFactory(live=True, cover_id=cover, tags=TagFactory.create_batch(2), content="Several\n\nlines \u2028 of it.")
    ArticleFactory(live=True)
    answer = stranger().get(path)
    assert answer["Content-Type"] == "application/x-ndjson"
    assert lines(answer) == stranger().get(f"{API}/articles/?ordering=created_at").json()


def test_it_goes_on_piece_by_piece_and_what_is_written_meanwhile_moves_nothing(author, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    articles = [ArticleFactory(author=author, live=True) for _ in range(6)]
    first, *_, last = articles
    stayed = [article.pk for article in articles[:-1]]
    stream = signed_in(author).get(EXPORT).streaming_content
    seen = [json.loads(next(stream))]
    last.delete()
    publishing.revise(first, by=author, title="Z", published_at=None)
    seen += map(json.loads, stream)
    assert [each["id"] for each in seen] == stayed


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
def test_however_many_there_are_each_is_there_once(monkeypatch, number):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    expected = [ArticleFactory(live=True).pk for _ in range(number)]
    assert ids(stranger().get(EXPORT)) == expected


def test_only_what_one_may_see_is_in_it_and_no_standing_page(author, editor):
    live, own, other = ArticleFactory(live=True), ArticleFactory(author=author), ArticleFactory(scheduled=True)
    PageFactory(live=True)
    assert ids(stranger().get(EXPORT)) == [live.pk]
    assert ids(signed_in(author).get(EXPORT)) == [live.pk, own.pk]
    assert ids(signed_in(editor).get(EXPORT)) == [live.pk, own.pk, other.pk]


def test_it_takes_the_filters_of_the_list_and_the_fields():
    wanted = ArticleFactory(live=True, title="Wanted", tags=[TagFactory(name="One")])
    ArticleFactory(live=True)
    assert lines(stranger().get(EXPORT, {"tag": "one", "fields": "title"})) == [{"title": wanted.title}]
    for name, value in (("fields", "password"), ("status", "maybe")):
        answer = stranger().get(EXPORT, {name: value})
        assert (answer.status_code, list(answer.json())) == (400, [name])


def test_the_head_alone_says_what_would_come():
    ArticleFactory(live=True)
    answer = stranger().head(EXPORT)
    assert (answer.status_code, answer["Content-Type"], answer.getvalue()) == (200, "application/x-ndjson", b"")


def test_it_travels_packed():
    ArticleFactory(live=True)
    packed, plain = stranger().get(EXPORT, headers={"Accept-Encoding": "gzip"}), stranger().get(EXPORT)
    assert packed["Content-Encoding"] == "gzip"
    assert packed.streaming
    assert gzip.decompress(packed.getvalue()) == plain.getvalue()


@pytest.fixture
def breaking_off(monkeypatch):
    """The second piece can't be read."""

    def pieces(self, articles):
        yield list(articles)
        raise DatabaseError("gone")

    monkeypatch.setattr(views.Export, "pieces", pieces)


def test_where_it_breaks_off_the_last_line_says_so_and_the_server_hears_of_it(breaking_off):
    article = ArticleFactory(live=True)
    stream = stranger().get(EXPORT).streaming_content
    assert json.loads(next(stream))["id"] == article.pk
    assert list(json.loads(next(stream))) == ["detail"]
    with pytest.raises(DatabaseError):
        next(stream)


def test_packed_too_it_ends_as_one_that_was_cut_off(breaking_off):
    ArticleFactory(live=True)
    answer = stranger().get(EXPORT, headers={"Accept-Encoding": "gzip"})
    received = []
    with pytest.raises(DatabaseError):
        received.extend(answer.streaming_content)
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(received))


class TestItsAddress:
    """An article called "Export" is not in its way, nor it in the article's."""

    GIVEN = {"title": "Export", "content": "Some words that are the content."}

    def test_a_slug_that_is_made_keeps_away_from_it(self, author):
        shown = signed_in(author).post(f"{API}/articles/", **as_json(self.GIVEN)).json()
        assert shown["slug"] == "export-2"
        assert signed_in(author).get(f"{API}/articles/export-2").json() == shown

    def test_a_slug_that_is_set_is_refused(self, author):
        answer = signed_in(author).post(f"{API}/articles/", **as_json({**self.GIVEN, "slug": "export"}))
        assert (answer.status_code, list(answer.json())) == (400, ["slug"])

    def test_an_article_that_had_it_before_keeps_it_and_is_reached_by_its_id(self, author):
        article = ArticleFactory(author=author, live=True, slug="export")
        client = signed_in(author)
        assert client.patch(f"{API}/articles/{article.pk}", **as_json({"title": "New"})).json()["slug"] == "export"
        assert ids(client.get(EXPORT)) == [article.pk]
        assert Article.objects.get().title == "New"
