"""What is made of plain rows is what the serializer, which the OpenAPI document is made from, shows of the article."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIRequestFactory

from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles.api.serializers import ArticleSerializer
from articles.api.texts import BESIDES, Remembered
from articles.media import uploads
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture
from blogsite.rendering import JSONRenderer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
KINDS = {
    "plain": lambda editor: {},
    "tagged": lambda editor: {"tags": [TagFactory(name=name) for name in ("b", "Ä", "a", "C")]},
    "with a cover": lambda editor: {"cover": uploads.store(picture(), by=editor, alt='A "cover"')},
    "in a series": lambda editor: {"series": SeriesFactory(), "series_position": 3},
    "a translation": lambda editor: {"translation_of": ArticleFactory(live=True), "language": "de"},
    "a translation of a draft": lambda editor: {"translation_of": ArticleFactory(), "language": "de"},
    "of another script": lambda editor: {"slug": "日本語-ä", "title": "日本語 \u2028 😀", "content": "漢字" * 500},
    "of an unnamed author": lambda editor: {"author": UserFactory(role=Role.AUTHOR, username="A.b+c-d_1", name="")},
    "to the microsecond": lambda editor: {
        "published_at": NOW.replace(microsecond=120),
        "created_at": NOW.replace(year=1),
    },
    "scheduled": lambda editor: {"published_at": NOW + timedelta(days=1)},
    "a draft": lambda editor: {"published_at": None},
    "first elsewhere": lambda editor: {"canonical_url": "https://example.org/ä?b=c&d", "summary": "Said."},
}


def as_declared(article, person):
    request = APIRequestFactory().get("/")
    request.user = person
    article = Article.objects.get(pk=article.pk)
    if article.translation_of and not Article.objects.viewable_by(person).filter(pk=article.translation_of_id).exists():
        article.translation_of = None
    return JSONRenderer().render(ArticleSerializer(article, context={"request": request}).data)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_article_is_answered_as_it_is_declared(editor, kind):
    article = ArticleFactory(**{"published_at": NOW, **KINDS[kind](editor)})
    expected = as_declared(article, editor)
    client = signed_in(editor)
    assert client.get(f"{API}/articles/{article.pk}").content == expected
    assert client.get(f"{API}/articles/{article.slug}").content == expected
    assert expected in client.get(f"{API}/articles/").content
    if article.is_live:
        expected = as_declared(article, AnonymousUser())
        assert stranger().get(f"{API}/articles/{article.pk}").content == expected
        assert stranger().get(f"{API}/articles/{article.slug}").content == expected
        assert expected in stranger().get(f"{API}/articles/").content


@pytest.mark.parametrize("name", ArticleSerializer.Meta.fields)
def test_each_field_is_answered_alone(editor, name):
    article = ArticleFactory(live=True, tags=[TagFactory()], cover=uploads.store(picture(), by=editor))
    whole = stranger().get(f"{API}/articles/{article.pk}").json()
    for path in (f"articles/{article.pk}", "articles/"):
        answer = stranger().get(f"{API}/{path}?fields={name}").json()
        assert answer in ({name: whole[name]}, [{name: whole[name]}])


def test_what_is_compiled_once_is_asked_anew_each_time():
    path = f"{API}/articles/"
    for number in range(8):  # PostgreSQL is told it for good in between
        article = ArticleFactory(live=True, title=f"Number {number}")
        scheduled = ArticleFactory(published_at=timezone.now() + timedelta(hours=1))
        answered = stranger().get(path)
        assert [shown["id"] for shown in answered.json()][0] == article.pk
        assert len(answered.json()) == number + 1
        assert stranger().get(f"{path}{article.pk}").json()["title"] == f"Number {number}"
        assert stranger().get(f"{path}{scheduled.pk}").status_code == 404


def test_texts_that_are_remembered_are_those_of_the_row_as_it_stands():
    changed, other = ArticleFactory(live=True), ArticleFactory(live=True)
    for number in range(4):
        html = f"<p>Rendered {number}</p>"
        Article.objects.filter(pk=changed.pk).update(content_html=html)  # which no version counts
        for asked in ("", "?fields=id,content_html", "?fields=content,id,content_html"):
            shown = {each["id"]: each["content_html"] for each in stranger().get(f"{API}/articles/{asked}").json()}
            assert shown == {changed.pk: html, other.pk: other.content_html}


def test_no_more_texts_are_remembered_than_there_is_room_for():
    remembered = Remembered(2 * (BESIDES + 10))
    for name in "abc":
        remembered.keep({name: (b"01234", b"56789")})
        remembered.of("a")  # as long as it is used it stays
    assert [remembered.of(name) is not None for name in "abc"] == [True, False, True]
    assert remembered.of("ab") is None
    assert remembered.size == remembered.most


def test_an_id_that_no_database_can_have_is_no_articles():
    for number in (2**63 - 1, 2**63, 10**18, 10**19 - 1):
        assert stranger().get(f"{API}/articles/{number}").status_code == 404


def test_an_answer_has_another_etag_when_what_its_version_does_not_count_has_changed(editor):
    article = ArticleFactory(live=True, tags=[TagFactory()], cover=uploads.store(picture(), by=editor))
    seen = set()
    for change in (
        lambda: None,
        lambda: article.tags.update(name="Renamed"),
        lambda: Image.objects.update(alt="Said otherwise"),
        lambda: type(article.author).objects.filter(pk=article.author_id).update(name="Renamed"),
        lambda: Article.objects.update(content_html="<p>Rendered anew</p>"),
    ):
        change()
        seen.add((stranger().get(f"{API}/articles/")["ETag"], stranger().get(f"{API}/articles/{article.pk}")["ETag"]))
    assert len({of_list for of_list, _ in seen}) == len({of_one for _, of_one in seen}) == 5


def test_strangers_have_what_is_compiled_in_as_few_queries_as_there_can_be():
    article = ArticleFactory(live=True, tags=[TagFactory()])
    with CaptureQueriesContext(connection) as captured:
        stranger().get(f"{API}/articles/{article.pk}")
    assert len(captured) == (1 if connection.vendor == "postgresql" else 2)  # the tags come along


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"of another script"}))  # whose slug no writer could set
def test_a_change_is_answered_as_the_article_is_read(editor, kind):
    article = ArticleFactory(**{"published_at": NOW, **KINDS[kind](editor)})
    client, path = signed_in(editor), f"{API}/articles/{article.pk}"
    for change in (
        {},
        {"title": "Another"},
        {"tags": ["b", "Ä", "new"]},
        {"published_at": "2026-03-01T12:00:00.5+02:00"},
    ):
        assert client.patch(path, change, format="json").content == client.get(path).content


def test_a_new_article_is_answered_as_it_is_read(editor):
    given = {"title": " New ", "content": "Some *words*.", "tags": ["b", "Ä", "a"], "series": SeriesFactory().slug}
    answer = signed_in(editor).post(f"{API}/articles/", {**given, "published": True}, format="json")
    assert answer.content == signed_in(editor).get(answer["Location"]).content


def test_of_a_written_article_as_much_is_answered_as_was_asked_for(editor):
    article = ArticleFactory(author=editor)
    answer = signed_in(editor).patch(f"{API}/articles/{article.pk}?fields=id,title", {"title": "New"}, format="json")
    assert answer.json() == {"id": article.pk, "title": "New"}
