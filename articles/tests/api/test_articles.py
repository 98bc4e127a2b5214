"""Articles beyond the inherited contract: their fields, who sees them, how they are filtered."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.roles import Role
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles import publishing
from articles.models import Article, Tag
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
ARTICLES = f"{API}/articles/"
GIVEN = {"title": "A title", "content": "Some words that are the content."}
WRONG: dict[str, list[Any]] = {
    "language": ["xx", 5, None, ["de"], "\0"],
    "translation_of": [0, 2**70, "x", 1.5, True, [], {}],
    "series": ["none-such", 5, [], {}, "\0", "\ud800"],
    "series_position": [-1, 2**31, "x", 1.5],
    "note": ["A new article has nothing to correct."],
}


def create(user, **fields):
    return signed_in(user).post(ARTICLES, **as_json({**GIVEN, **fields}))


def change(user, article, **fields):
    return signed_in(user).patch(f"{ARTICLES}{article.pk}", **as_json(fields))


def ids(client, **parameters):
    answer = client.get(ARTICLES, parameters)
    found = {article["id"] for article in answer.json()}
    assert answer["X-Total-Count"] == str(len(found))
    return found


class TestFields:
    def test_what_is_set_comes_back_whole(self, author):
        cover = signed_in(author).post(f"{API}/images/", {"file": picture(), "alt": "Teal"}).json()
        answer = create(
            author,
            slug="my-own",
            summary="In short.",
            published_at="2020-02-03T04:05:06+02:00",
            tags=["Django", "日本語"],
            cover=cover["id"],
            canonical_url="https://elsewhere.example/a",
        )
        assert answer.status_code == 201
        shown = answer.json()
        assert answer["Location"] == f"http://testserver/api/v1/articles/{shown['id']}"
        assert stranger().get(answer["Location"]).json() == shown
        assert shown == {
            **GIVEN,
            "id": shown["id"],
            "published": True,
            "author_id": author.pk,
            "created_at": shown["created_at"],
            "updated_at": shown["created_at"],
            "slug": "my-own",
            "summary": "In short.",
            "content_html": "<p>Some words that are the content.</p>\n",
            "status": "live",
            "published_at": "2020-02-03T02:05:06Z",
            "tags": ["Django", "日本語"],
            "cover": {name: cover[name] for name in ("id", "url", "alt", "width", "height")},
            "author": {
                "id": author.pk,
                "username": author.username,
                "name": author.display_name,
                "url": f"http://testserver/authors/{author.username}/",
            },
            "url": "http://testserver/articles/my-own/",
            "canonical_url": "https://elsewhere.example/a",
            "language": "",
            "translation_of": None,
            "series": None,
            "series_position": None,
            "word_count": 6,
            "reading_minutes": 1,
            "version": 1,
        }
        assert shown["cover"]["url"].startswith("http://testserver/media/images/")

    def test_the_slug_serves_as_id_and_an_old_one_goes_on(self, author):
        article = ArticleFactory(author=author, live=True, title="日本語 title")
        change(author, article, slug="new-name")
        for name in (article.pk, "new-name", article.slug):
            assert stranger().get(f"{ARTICLES}{name}").json()["id"] == article.pk

    def test_a_slug_that_is_or_was_taken_is_refused(self, author):
        first = ArticleFactory(author=author, slug="first")
        change(author, first, slug="first-renamed")
        for slug in ("first", "first-renamed", "123", "No Good"):
            answer = create(author, slug=slug)
            assert answer.status_code == 400
            assert list(answer.json()) == ["slug"]

    def test_a_summary_sent_back_as_it_was_shown_goes_on_following_the_content(self, author):
        article = ArticleFactory(author=author)
        shown = signed_in(author).get(f"{ARTICLES}{article.pk}").json()
        assert change(author, article, summary=shown["summary"]).json()["version"] == 1
        answer = change(author, article, summary=shown["summary"], content="It is about something else now.")
        assert answer.json()["summary"] == "It is about something else now."
        assert change(author, article, summary="Set.").json()["summary"] == "Set."
        assert change(author, article, summary="").json()["summary"] == "It is about something else now."

    def test_a_cover_sent_back_as_it_was_shown_stays(self, author):
        cover = signed_in(author).post(f"{API}/images/", {"file": picture()}).json()
        article = create(author, cover=cover["id"]).json()
        answer = signed_in(author).put(f"{ARTICLES}{article['id']}", **as_json(article))
        assert (answer.status_code, answer.json()) == (200, article)
        for other in ({}, {"id": None}, {"id": [cover["id"]]}, {"id": {"id": cover["id"]}}, {"id": 0}):
            answer = create(author, cover=other)
            assert (answer.status_code, list(answer.json())) == (400, ["cover"]), other

    def test_language_series_and_what_it_translates_are_set_and_answered(self, author):
        series, original = SeriesFactory(), ArticleFactory(author=author, live=True)
        given = {"language": "de", "translation_of": original.pk, "series": series.slug, "series_position": 2}
        shown = create(author, **given).json()
        assert {name: shown[name] for name in given} == given
        assert signed_in(author).get(f"{ARTICLES}{shown['id']}").json() == shown
        assert signed_in(author).put(f"{ARTICLES}{shown['id']}", **as_json(shown)).json() == shown
        cleared = {"language": "", "translation_of": None, "series": None, "series_position": None}
        answer = signed_in(author).patch(f"{ARTICLES}{shown['id']}", **as_json(cleared)).json()
        assert {name: answer[name] for name in given} == cleared

    @pytest.mark.parametrize(("field", "value"), [(field, value) for field in WRONG for value in WRONG[field]])
    def test_what_these_cannot_be_is_refused_by_name(self, author, field, value):
        answer = create(author, **{field: value})
        assert (answer.status_code, list(answer.json())) == (400, [field])

    def test_who_may_not_put_articles_in_a_series_is_not_told_which_there_are(self, editor):
        contributor, series = UserFactory(role=Role.CONTRIBUTOR), SeriesFactory()
        article = publishing.create(by=contributor, **GIVEN)
        for slug in (series.slug, "none-such"):
            assert create(contributor, series=slug).status_code == 403
            assert change(contributor, article, series=slug).status_code == 403
        publishing.revise(article, by=editor, series=series)
        shown = signed_in(contributor).get(f"{ARTICLES}{article.pk}").json()
        assert signed_in(contributor).put(f"{ARTICLES}{article.pk}", **as_json(shown)).json() == shown

    @pytest.mark.parametrize("wrong", [{"cover": 999}, {"translation_of": 999}, {"series": "none-such"}, {"title": ""}])
    def test_who_may_not_write_is_refused_before_what_they_sent_is_looked_at(self, wrong):
        reader, article = UserFactory(), ArticleFactory(live=True)
        assert create(reader, **wrong).status_code == 403
        assert change(reader, article, **wrong).status_code == 403

    def test_of_an_original_that_one_may_not_see_nothing_is_told_nor_taken_away(self, author):
        hidden = ArticleFactory()
        article = ArticleFactory(author=author, live=True, language="de", translation_of=hidden)
        client = signed_in(author)
        for path in (f"{ARTICLES}{article.pk}", ARTICLES, f"{API}/search?q=article"):
            for asking in (client, stranger()):
                shown = asking.get(path).json()
                assert (shown[0] if isinstance(shown, list) else shown)["translation_of"] is None
        shown = client.get(f"{ARTICLES}{article.pk}").json()
        assert client.put(f"{ARTICLES}{article.pk}", **as_json(shown)).json() == shown
        assert change(author, article, title="New").json()["translation_of"] is None
        assert create(author, language="fr", translation_of=hidden.pk).json().keys() == {"translation_of"}
        article.refresh_from_db()
        assert article.translation_of == hidden

    def test_a_correction_is_noted_in_the_history(self, author):
        article = ArticleFactory(author=author, live=True)
        assert change(author, article, title="Right", note="It was wrong.").status_code == 200
        [revision] = signed_in(author).get(f"{ARTICLES}{article.pk}/revisions").json()
        assert revision["note"] == "It was wrong."
        assert "note" not in signed_in(author).get(f"{ARTICLES}{article.pk}").json()
        answer = change(author, ArticleFactory(author=author), note="Nobody has read it yet.")
        assert (answer.status_code, list(answer.json())) == (400, ["note"])

    def test_tags_are_set_by_name_whatever_their_case_and_cleared(self, author):
        TagFactory(name="Django")
        article = ArticleFactory(author=author)
        assert change(author, article, tags=["django", "New"]).json()["tags"] == ["Django", "New"]
        assert change(author, article, title="Other").json()["tags"] == ["Django", "New"]
        assert change(author, article, tags=[]).json()["tags"] == []

    @pytest.mark.parametrize("query", ["fields=id,title", "fields=title, id,"])
    def test_the_fields_asked_for_are_answered_and_no_others(self, query):
        article = ArticleFactory(live=True)
        expected = {"id": article.pk, "title": article.title}
        assert stranger().get(f"{ARTICLES}{article.pk}?{query}").json() == expected
        assert stranger().get(f"{ARTICLES}?{query}").json() == [expected]

    def test_a_field_that_is_none_is_named_and_nothing_is_written(self, author):
        for answer in (
            stranger().get(f"{ARTICLES}?fields=id,password"),
            signed_in(author).post(f"{ARTICLES}?fields=id,password", **as_json(GIVEN)),
        ):
            assert (answer.status_code, answer.json()) == (400, {"fields": ["An article has no password."]})
        assert not Article.objects.exists()


class TestDates:
    def test_published_sets_the_date_to_now_and_clears_it(self, author):
        article = ArticleFactory(author=author)
        published = change(author, article, published=True).json()
        assert published["status"] == "live"
        assert abs(parse_datetime(published["published_at"]) - timezone.now()) < timedelta(minutes=1)
        again = change(author, article, published=True).json()
        assert again["published_at"] == published["published_at"]
        withdrawn = change(author, article, published=False).json()
        assert (withdrawn["published"], withdrawn["status"], withdrawn["published_at"]) == (False, "draft", None)

    def test_a_scheduled_one_has_a_date_and_goes_live_by_the_clock(self, author):
        moment = timezone.now() + timedelta(days=2)
        shown = create(author, published_at=moment.isoformat()).json()
        assert (shown["published"], shown["status"]) == (True, "scheduled")
        assert stranger().get(f"{ARTICLES}{shown['id']}").status_code == 404
        with time_machine.travel(moment + timedelta(seconds=1)):
            assert stranger().get(f"{ARTICLES}{shown['id']}").json()["status"] == "live"

    def test_an_article_sent_back_as_it_was_shown_changes_nothing(self, author):
        for state in ("live", "scheduled", "draft"):
            article = ArticleFactory(author=author, **({} if state == "draft" else {state: True}))
            client = signed_in(author)
            shown = client.get(f"{ARTICLES}{article.pk}").json()
            assert client.put(f"{ARTICLES}{article.pk}", **as_json(shown)).json() == shown

    def test_of_an_article_sent_back_with_published_turned_published_holds(self, author):
        draft, live = ArticleFactory(author=author), ArticleFactory(author=author, live=True)
        assert change(author, draft, published=True, published_at=None).json()["status"] == "live"
        shown = signed_in(author).get(f"{ARTICLES}{live.pk}").json()
        assert change(author, live, **{**shown, "published": False}).json()["status"] == "draft"

    @pytest.mark.parametrize("given", [{"published": False, "published_at": "2020-01-01T00:00:00Z"}])
    def test_two_that_contradict_each_other_are_refused(self, author, given):
        answer = create(author, **given)
        assert (answer.status_code, answer.json()) == (400, {"published": ["This contradicts published_at."]})
        live = ArticleFactory(author=author, live=True)
        assert change(author, live, published=True, published_at=None).status_code == 400


class TestWho:
    def test_a_reader_writes_nothing(self):
        answer = create(UserFactory())
        assert (answer.status_code, answer.json()) == (403, {"detail": "Not authorized"})
        assert not Article.objects.exists()

    def test_a_contributor_writes_drafts_and_neither_publishes_nor_tags_them(self):
        contributor = UserFactory(role=Role.CONTRIBUTOR)
        assert create(contributor).status_code == 201
        for forbidden in ({"published": True}, {"published_at": "2020-01-01T00:00:00Z"}, {"tags": ["x"]}):
            assert create(contributor, **forbidden).status_code == 403
            assert change(contributor, Article.objects.get(), **forbidden).status_code == 403
        assert not Tag.objects.exists()

    def test_what_one_may_not_see_is_not_there(self, author):
        hidden = [ArticleFactory(), ArticleFactory(scheduled=True)]
        for client in (stranger(), signed_in(UserFactory()), signed_in(author)):
            for article in hidden:
                for name in (article.pk, article.slug):
                    answer = client.get(f"{ARTICLES}{name}")
                    assert (answer.status_code, answer.json()) == (404, {"detail": "Article not found"})
        for method in ("patch", "put", "delete"):
            assert getattr(signed_in(author), method)(f"{ARTICLES}{hidden[0].pk}").status_code == 404

    def test_without_a_token_writing_is_refused_before_anything_is_said(self):
        article = ArticleFactory()
        for answer in (
            stranger().post(ARTICLES, **as_json(GIVEN)),
            stranger().patch(f"{ARTICLES}{article.pk}", **as_json(GIVEN)),
            stranger().delete(f"{ARTICLES}999"),
            stranger().get(f"{ARTICLES}{article.pk}/revisions/"),
        ):
            assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
            assert answer["WWW-Authenticate"] == "Bearer"

    def test_an_author_sees_their_own_and_an_editor_all(self, author, editor):
        live = ArticleFactory(live=True)
        own, others = ArticleFactory(author=author), ArticleFactory(scheduled=True)
        assert ids(stranger()) == {live.pk}
        assert ids(signed_in(author)) == {live.pk, own.pk}
        assert ids(signed_in(editor)) == {live.pk, own.pk, others.pk}


class TestFilters:
    HIDDEN_TITLE = "Unheard of"

    @pytest.fixture
    def articles(self, author):
        common, rare = TagFactory(name="Common"), TagFactory(name="Rare")
        live = {"live": True, "author": author}
        return {
            "both": ArticleFactory(**live, tags=[common, rare], title="About both"),
            "common": ArticleFactory(**live, tags=[common], content="A text in which Zebras occur."),
            "hidden": ArticleFactory(author=author, tags=[common, rare], title=self.HIDDEN_TITLE),
        }

    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"tag": "common"}, {"both", "common"}),
            ({"tag": ["common", "rare"]}, {"both"}),
            ({"tag": "none-such"}, set()),
            ({"status": "live"}, {"both", "common"}),
            ({"published": "true"}, {"both", "common"}),
            ({"q": "zebras occur"}, {"common"}),
            ({"q": "ABOUT"}, {"both"}),
            ({"q": "about zebras"}, set()),
            ({"created_after": "2020-01-01"}, {"both", "common"}),
            ({"created_before": "2020-01-01T00:00:00Z"}, set()),
            ({"published_before": "2100-01-01"}, {"both", "common"}),
            ({"published_after": "2100-01-01T00:00:00+01:00"}, set()),
            ({"author": "nobody"}, set()),
        ],
    )
    def test_each_filter_finds_what_it_says(self, articles, parameters, found):
        assert ids(stranger(), **parameters) == {articles[name].pk for name in found}

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("HÓNEY wax", {"draft", "scheduled", "live"}),
            ('"wax honey"', {"draft"}),
            ("hon", {"draft", "scheduled", "live"}),
            ('honey -"wax honey" -hive', {"live"}),
            ("oney", set()),
            ("%", set()),
        ],
    )
    def test_words_are_read_as_the_search_reads_them_and_found_in_whatever_one_may_see(self, author, editor, q, found):
        own = {
            "draft": ArticleFactory(author=author, content="About wax, honey."),
            "scheduled": ArticleFactory(author=author, scheduled=True, content="About honey of a hive, and wax."),
            "live": ArticleFactory(author=author, live=True, title="Wax", content="The title, and honey."),
        }
        expected = {own[name].pk for name in found}
        assert ids(signed_in(author), q=q) == ids(signed_in(editor), q=q) == expected
        for client in (stranger(), signed_in(UserFactory(role=Role.AUTHOR))):
            assert ids(client, q=q) == expected & {own["live"].pk}
        assert ids(signed_in(author), q=q, status="draft", ordering="title") == expected & {own["draft"].pk}

    @pytest.mark.parametrize(
        "parameters",
        [
            {"status": "draft"},
            {"status": "scheduled"},
            {"published": "false"},
            {"q": HIDDEN_TITLE},
            {"tag": ["common", "rare"]},
            *({"ordering": ordering} for ordering in ("title", "-published_at", "published_at", "updated_at")),
        ],
    )
    def test_no_filter_and_no_ordering_shows_a_stranger_a_draft(self, articles, parameters):
        assert articles["hidden"].pk not in ids(stranger(), **parameters)
        assert articles["hidden"].pk not in ids(signed_in(UserFactory(role=Role.AUTHOR)), **parameters)

    def test_the_author_is_found_whatever_the_case(self, articles, author):
        ArticleFactory(live=True)
        assert ids(stranger(), author=author.username.upper()) == {articles["both"].pk, articles["common"].pk}

    def test_who_may_see_drafts_can_ask_for_them(self, articles, author):
        hidden = {articles["hidden"].pk}
        assert ids(signed_in(author), status="draft") == hidden
        assert ids(signed_in(author), published="false") == hidden

    def test_from_a_moment_on_includes_it_and_before_a_moment_does_not(self):
        article = ArticleFactory(live=True)
        moment = article.published_at.isoformat()
        assert ids(stranger(), published_after=moment) == {article.pk}
        assert ids(stranger(), published_before=moment) == set()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *((name, "maybe") for name in ("status", "published", "ordering", "created_after", "cursor", "fields")),
            ("q", "x" * 201),
            ("tag", [f"tag-{number}" for number in range(11)]),
            *((name, "\0") for name in ("q", "tag", "author", "status", "published", "created_after", "ordering")),
            ("created_before", "0001-01-01T00:00:00+14:00"),
            ("published_after", "9999-12-31T23:59:59-12:00"),
        ],
    )
    def test_a_parameter_that_cannot_be_used_is_named(self, name, value):
        answer = stranger().get(ARTICLES, {name: value})
        assert answer.status_code == 400
        assert list(answer.json()) == [name]

    def test_a_filter_narrows_lists_and_not_the_article_itself(self):
        article = ArticleFactory(live=True)
        assert stranger().get(f"{ARTICLES}{article.pk}?status=draft&q=none").status_code == 200


class TestRevisions:
    @pytest.fixture
    def article(self, author):
        article = publishing.create(by=author, **GIVEN)
        return publishing.revise(article, by=author, title="Second", published_at=timezone.now())

    def test_an_articles_history_is_shown_to_who_may_edit_it(self, article, author, editor):
        path = f"{ARTICLES}{article.pk}/revisions"
        for user in (author, editor):
            answer = signed_in(user).get(path)
            assert [revision["number"] for revision in answer.json()] == [2, 1]
            assert answer["X-Total-Count"] == "2"
        first = signed_in(author).get(f"{path}/1/").json()
        assert first["by"]["username"] == author.username
        assert (first["action"], first["state"]["title"], first["state"]["content"]) == ("created", *GIVEN.values())

    def test_and_to_nobody_else(self, article):
        other = signed_in(UserFactory(role=Role.AUTHOR))
        path = f"{ARTICLES}{article.pk}/revisions"
        for answer in (other.get(f"{path}/"), other.get(f"{path}/1"), other.post(f"{path}/1/restore")):
            assert (answer.status_code, answer.json()) == (403, {"detail": "Not authorized"})
        assert stranger().post(f"{path}/1/restore").status_code == 401

    def test_an_earlier_state_is_brought_back_as_a_new_one(self, article, author):
        answer = signed_in(author).post(f"{ARTICLES}{article.pk}/revisions/1/restore/")
        assert answer.status_code == 200
        assert (answer.json()["title"], answer.json()["version"]) == (GIVEN["title"], 3)
        assert answer["ETag"].startswith('"3-')

    @pytest.mark.parametrize("number", ["99", "0", "9" * 18, "9" * 30, "x"])
    def test_a_number_that_never_was_is_not_found(self, article, author, number):
        path = f"{ARTICLES}{article.pk}/revisions/{number}"
        assert signed_in(author).get(path).status_code == 404
        assert signed_in(author).post(f"{path}/restore").status_code == 404
