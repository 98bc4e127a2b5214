from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from accounts.models import User
from articles import markup, publishing
from articles.media import uploads
from articles.models import Article, Series, Tag
from articles.tests.admin.browser import fields
from articles.tests.admin.conftest import address
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

TEXT = "First paragraph.\n\n    code\n\nLast paragraph.\n"


@pytest.fixture
def article(author):
    """An author's draft, as the verbs leave it."""
    return publishing.create(by=author.person, title="A draft", content=TEXT, summary="Two\nlines", tags=["Python"])


# The list


@pytest.mark.parametrize("desk", ["author", "contributor"])
def test_writers_find_their_own_on_the_desk(request, desk):
    desk = request.getfixturevalue(desk)
    ArticleFactory(title="My own draft", author=desk.person)
    ArticleFactory(title="The live one of somebody else", live=True)
    listed = desk.open("article", page="changelist").text
    assert "My own draft" in listed
    assert "The live one of somebody else" not in listed


def test_a_list_counts_no_further_than_anybody_turns_pages(editor, monkeypatch):
    monkeypatch.setattr("articles.admin.desk.COUNTED_MOST", 2)
    ArticleFactory.create_batch(3)
    assert "2 articles or more" in " ".join(editor.open("article", page="changelist").text.split())
    Article.objects.first().delete()
    assert "or more" not in editor.open("article", page="changelist").text


def test_a_filter_offers_what_the_articles_of_this_desk_have(author):
    author_tag, other_tag = TagFactory(name="Bees"), TagFactory(name="Wasps")
    ArticleFactory(author=author.person, tags=[author_tag], series=SeriesFactory(title="Hives"))
    ArticleFactory(tags=[other_tag], series=SeriesFactory(title="Nests"))
    listed = author.open("article", page="changelist").text
    assert "Bees" in listed
    assert "Wasps" not in listed
    assert "Nests" not in listed


def test_editors_find_everything_on_the_desk(editor):
    ArticleFactory(title="The draft of somebody else")
    assert "The draft of somebody else" in editor.open("article", page="changelist").text


@pytest.mark.parametrize("state", Article.State.values)
def test_the_list_is_filtered_by_state(editor, state):
    each = {"draft": ArticleFactory(), "scheduled": ArticleFactory(scheduled=True), "live": ArticleFactory(live=True)}
    listed = editor.get("/admin/articles/article/", {"state": state}).context["cl"].result_list
    assert list(listed) == [each[state]]


@pytest.mark.parametrize(("field", "found"), [("tags", ["Tag A"]), ("series", ["Series A"]), ("cover", ["Picture A"])])
def test_the_form_finds_what_an_author_types_a_part_of(author, field, found):
    TagFactory(name="Tag A"), TagFactory(name="B"), SeriesFactory(title="Series A"), SeriesFactory(title="B")
    uploads.store(picture(), by=author.person, alt="Picture A")
    asked = {"app_label": "articles", "model_name": "article", "field_name": field, "term": "a"}
    assert [each["text"] for each in author.get("/admin/autocomplete/", asked).json()["results"]] == found


@pytest.mark.parametrize("noun", ["article", "tag", "series", "image", "user", "redirect"])
def test_a_list_asks_the_same_number_of_queries_for_one_and_for_a_hundred(
    administrator, noun, django_assert_max_num_queries, rows
):
    rows(noun, 1)
    with django_assert_max_num_queries(50) as one:
        administrator.open(noun, page="changelist")
    rows(noun, 99)
    with django_assert_max_num_queries(len(one)):
        page = administrator.open(noun, page="changelist")
    assert len(page.context["cl"].result_list) >= 50


# Actions


def test_publish_and_withdraw_do_what_is_allowed_and_name_the_rest(author):
    own, other = ArticleFactory(author=author.person), ArticleFactory(live=True, title="Not mine")
    assert "1 article is live" in author.act("publish", own).text
    own.refresh_from_db()
    assert own.is_live
    author.act("withdraw", own, other)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.state, other.state) == (Article.State.DRAFT, Article.State.LIVE)


def test_contributors_are_not_offered_to_publish(contributor):
    own = ArticleFactory(author=contributor.person)
    offered = contributor.open("article", page="changelist").context["action_form"].fields["action"].choices
    assert [name for name, _label in offered] == ["", "delete_selected"]
    contributor.act("publish", own)
    own.refresh_from_db()
    assert own.state == Article.State.DRAFT


def test_deleting_several_deletes_what_one_may_and_names_the_rest(contributor):
    draft = ArticleFactory(author=contributor.person, title="Mine still")
    live = ArticleFactory(author=contributor.person, title="Live already", live=True)
    asked = contributor.act("delete_selected", draft, live)
    assert "You may not delete “Live already”" in asked.text
    contributor.act("delete_selected", draft, live, post="yes")
    assert list(Article.objects.all()) == [live]


@pytest.mark.parametrize("made_up", ["x", "9" * 30, "-1"])
def test_a_choice_that_was_made_up_is_refused_by_field(editor, made_up):
    article = ArticleFactory()
    answer = editor.save(article, cover=made_up, tags=[made_up], title="New")
    assert answer.status_code == 200
    assert {"cover", "tags"} == set(answer.context["adminform"].form.errors)


@pytest.mark.parametrize("lookup", ["title__regex", "content__iregex"])
def test_a_list_is_not_searched_by_patterns(editor, lookup):
    assert editor.get(address("article", page="changelist"), {lookup: "("}).status_code == 400


@pytest.mark.parametrize("noun", ["article", "image", "user"])
@pytest.mark.parametrize("year", ["9999", "99999", "x"])
def test_an_address_that_makes_no_sense_leads_to_the_whole_list(administrator, noun, year):
    moment = {"article": "published_at", "image": "created_at", "user": "date_joined"}[noun]
    answer = administrator.get(address(noun, page="changelist"), {f"{moment}__year": year}, follow=True)
    assert answer.status_code == 200


def dates(desk, **asked):
    """What the list offers above it, and what it goes back to."""
    page = desk.get(address("article", page="changelist"), {f"published_at__{part}": n for part, n in asked.items()})
    offered = page.context["cl"].dates
    return [choice["title"] for choice in offered["choices"]], offered["back"] and offered["back"]["title"]


def test_the_list_offers_the_years_months_and_days_of_its_articles(editor):
    for moment in ("2024-05-06T12:00Z", "2024-05-07T12:00Z", "2024-11-01T12:00Z", "2026-01-01T12:00Z"):
        ArticleFactory(published_at=moment)
    assert dates(editor) == (["2024", "2026"], None)
    assert dates(editor, year=2024) == (["May 2024", "November 2024"], "All dates")
    assert dates(editor, year=2024, month=5) == (["May 6", "May 7"], "2024")
    assert dates(editor, year=2024, month=5, day=6) == (["May 6"], "May 2024")


def test_dates_are_those_of_the_clock_here(editor, settings):
    """Counts are kept by months of UTC."""
    settings.TIME_ZONE = "Pacific/Kiritimati"
    ArticleFactory(published_at="2024-12-31T12:00Z")
    assert "2025" in dates(editor)[0]
    assert dates(editor, year=2025) == (["January 2025"], "All dates")
    assert dates(editor, year=2025, month=1) == (["January 1"], "2025")


def test_writers_see_no_dates_of_what_others_have_yet_to_publish(author):
    ArticleFactory(published_at="2030-01-01T12:00Z")
    ArticleFactory(published_at="2024-05-06T12:00Z", author=author.person)
    assert dates(author) == (["2024"], None)
    assert dates(author, year=2030, month=1)[0] == []


def test_articles_of_a_chosen_year_come_in_the_order_of_their_dates(editor):
    later, earlier = (ArticleFactory(published_at=f"2024-0{month}-01T12:00Z") for month in (5, 4))
    listed = editor.get(address("article", page="changelist"), {"published_at__year": 2024})
    assert list(listed.context["cl"].result_list) == [later, earlier]


def test_the_list_is_filtered_by_a_tag(editor):
    tag = TagFactory()
    article, _other = ArticleFactory(tags=[tag, TagFactory()]), ArticleFactory(tags=[TagFactory()])
    listed = editor.get(address("article", page="changelist"), {"tags__id__exact": tag.pk})
    assert list(listed.context["cl"].result_list) == [article]
    assert "DISTINCT" not in str(listed.context["cl"].queryset.query)


@pytest.mark.parametrize("asked", ["harbour", "harb", "Bees", "words night"])
def test_drafts_are_found_by_their_words_and_the_beginning_of_the_last(editor, asked):
    draft = ArticleFactory(title="The harbour", content="Words at night.", tags=[TagFactory(name="Bees")])
    ArticleFactory(title="Something else")
    listed = editor.get(address("article", page="changelist"), {"q": asked})
    assert list(listed.context["cl"].result_list) == [draft]


# The form


def test_a_new_article_is_written_by_the_verbs(author):
    tag, series = TagFactory(), SeriesFactory()
    author.add("article", title="Written here", content=TEXT.replace("\n", "\r\n"), tags=[tag.pk], series=series.pk)
    article = Article.objects.get()
    assert (article.title, article.content, article.author) == ("Written here", TEXT, author.person)
    assert (list(article.tags.all()), article.series) == ([tag], series)
    assert article.revisions.get().by == author.person


def test_a_new_article_is_said_to_be_saved(author):
    saved = author.add("article", title="Written here", content=TEXT)
    assert "was added successfully" in author.get(saved.url).text


def test_saving_an_untouched_form_makes_no_revision(author, article):
    publishing.publish(article, by=author.person)  # now it has microseconds too
    saved = author.save(article)
    assert article.revisions.count() == 2
    assert "Nothing changed" in author.get(saved.url).text


@pytest.mark.django_db(transaction=True)
def test_a_text_is_rendered_before_others_wait_for_it(author, article, monkeypatch):
    within, read = [], markup._markdown.parse

    def noting(*text):
        within.append(connection.in_atomic_block)
        return read(*text)

    monkeypatch.setattr(markup._markdown, "parse", noting)
    author.save(article, content=f"{TEXT}\nMore.\n")
    author.save(article, title="Another")
    assert within == [False]


def test_saving_changes_only_what_was_typed(author, article):
    author.save(article, title="Another title")
    assert article.revisions.first().state == {**article.revisions.last().state, "title": "Another title"}


def test_one_press_saves_and_publishes(author, article):
    author.save(article, title="Typed just now", _publish="1")
    article.refresh_from_db()
    assert (article.title, article.is_live) == ("Typed just now", True)
    author.save(article, title="And taken back", _withdraw="1")
    article.refresh_from_db()
    assert (article.title, article.published_at) == ("And taken back", None)


def test_one_press_writes_and_publishes_a_new_one(author):
    author.add("article", title="At once", content=TEXT, _publish="1")
    assert Article.objects.get().is_live


def test_times_are_typed_in_the_time_zone_of_the_site(administrator, article):
    settings = fields(administrator.open("sitesettings", 1)) | {"time_zone": "Asia/Tokyo"}
    administrator.send("sitesettings", settings, 1)
    administrator.save(article, published_at="2020-01-01T09:00:00")
    article.refresh_from_db()
    assert article.published_at.isoformat() == "2020-01-01T00:00:00+00:00"
    assert fields(administrator.open("article", article.pk))["published_at"] == "2020-01-01T09:00:00"


def test_what_a_verb_refuses_is_said_at_its_field_and_nothing_is_lost(author, article):
    ArticleFactory(slug="now-new", title="Now new")
    publishing.revise(Article.objects.get(slug="now-new"), by=UserFactory(is_superuser=True), slug="another")
    refused = author.save(article, slug="now-new", content="A text that took an hour.")
    assert "taken by another article" in str(refused.context["adminform"].form.errors["slug"])
    assert fields(refused)["content"] == "A text that took an hour."


def test_contributors_see_but_cannot_set_dates_tags_and_series(contributor):
    series = SeriesFactory(title="The series it is in")
    article = ArticleFactory(author=contributor.person, series=series, tags=[TagFactory(name="Its tag")])
    page = contributor.open("article", article.pk)
    assert "The series it is in" in page.text
    assert "Its tag" in page.text
    contributor.save(article, title="New", published_at="2020-01-01T00:00", tags=[], series="", author=1)
    contributor.add("article", title="Newer", content=TEXT, published_at="2020-01-01T00:00", series=series.pk)
    article.refresh_from_db()
    assert (article.title, article.published_at, article.series) == ("New", None, series)
    assert [tag.name for tag in article.tags.all()] == ["Its tag"]
    newer = Article.objects.get(title="Newer")
    assert (newer.author, newer.published_at, newer.series) == (contributor.person, None, None)


def test_only_editors_set_the_author(author, editor, article):
    author.save(article, author=editor.person.pk, title="By me")
    article.refresh_from_db()
    assert (article.author, article.title) == (author.person, "By me")
    editor.save(article, author=editor.person.pk)
    article.refresh_from_db()
    assert article.author == editor.person


def test_a_live_article_of_somebody_else_opens_to_be_read_and_a_draft_does_not(author):
    live, draft = ArticleFactory(live=True), ArticleFactory(title="A secret draft")
    assert author.open("article", live.pk).context["has_change_permission"] is False
    assert author.send("article", {"title": "Mine now"}, live.pk).status_code == 403
    assert "A secret draft" not in author.get(f"/admin/articles/article/{draft.pk}/change/", follow=True).text


@pytest.mark.parametrize("model", [Article, Tag, Series, User])
def test_no_address_is_told_by_number(author, model):
    secret = ArticleFactory(title="A secret draft")
    SeriesFactory(pk=secret.pk), TagFactory(pk=secret.pk)
    kind = ContentType.objects.get_for_model(model)
    assert author.get(f"/admin/r/{kind.pk}/{secret.pk}/").status_code == 404


def test_a_contributor_cannot_change_what_is_live(contributor):
    live = ArticleFactory(author=contributor.person, live=True)
    assert contributor.open("article", live.pk).context["has_change_permission"] is False
    assert contributor.send("article", {"title": "Changed"}, live.pk).status_code == 403


@pytest.mark.django_db
def test_the_desk_is_closed_to_readers(client):
    client.force_login(UserFactory())
    assert client.get("/admin/articles/article/").status_code == 302


def test_deleting_says_what_goes_with_it_and_leaves_the_rest(author, article):
    ArticleFactory(live=True)
    page = author.open("article", article.pk, page="delete").text
    assert "Revisions: 1" in page
    author.send("article", {"post": "yes"}, article.pk, page="delete")
    assert not Article.objects.filter(pk=article.pk).exists()


# Two at once


def test_when_somebody_else_saved_meanwhile_what_was_typed_stays(author, editor, article):
    typing = fields(author.open("article", article.pk)) | {"content": "My new text.", "summary": "My summary"}
    editor.save(article, content="The editor's text.", title="The editor's title")

    conflict = author.send("article", typing, article.pk)
    article.refresh_from_db()
    assert article.content == "The editor's text."
    assert str(editor.person) in conflict.text
    assert "The editor&#x27;s text." in conflict.text
    shown = fields(conflict)
    assert (shown["content"], shown["summary"]) == ("My new text.", "My summary")
    assert shown["title"] == "The editor's title"  # which the author had left alone

    author.send("article", shown, article.pk)
    article.refresh_from_db()
    assert (article.content, article.title, article.summary) == ("My new text.", "The editor's title", "My summary")


def test_a_conflict_takes_over_every_kind_of_field(author, editor, article):
    typing = fields(author.open("article", article.pk)) | {"title": "My title"}
    tag, series = TagFactory(), SeriesFactory()
    moment = timezone.now().replace(microsecond=0) + timedelta(days=3)
    editor.save(article, tags=[tag.pk], series=series.pk, series_position=4, published_at=f"{moment:%Y-%m-%dT%H:%M:%S}")
    author.send("article", fields(author.send("article", typing, article.pk)), article.pk)
    article.refresh_from_db()
    assert (article.title, list(article.tags.all()), article.series) == ("My title", [tag], series)
    assert (article.series_position, article.published_at) == (4, moment)


def test_nothing_is_published_in_a_conflict(author, editor, article):
    typing = fields(author.open("article", article.pk)) | {"title": "Mine"}
    editor.save(article, title="Theirs")
    author.send("article", typing | {"_publish": "1"}, article.pk)
    article.refresh_from_db()
    assert (article.title, article.published_at) == ("Theirs", None)


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda article, editor: publishing.publish(article, by=editor.person),
        lambda article, editor: publishing.revise(article, by=editor.person, author=editor.person),
        lambda article, editor: publishing.remove(article, by=editor.person),
    ],
    ids=["published", "handed over", "deleted"],
)
def test_what_can_not_be_saved_any_more_is_given_back(contributor, editor, meanwhile):
    article = publishing.create(by=contributor.person, title="A draft", content=TEXT)
    typing = fields(contributor.open("article", article.pk)) | {"content": "An hour's <work>."}
    meanwhile(article, editor)
    answer = contributor.send("article", typing, article.pk)
    assert answer.status_code == 403
    assert "An hour&#x27;s &lt;work&gt;." in answer.text
    assert not Article.objects.filter(content__contains="hour").exists()


def test_pressing_save_twice_is_no_conflict(author, article):
    typed = fields(author.open("article", article.pk)) | {"content": "My new text.", "tags": []}
    author.send("article", typed, article.pk)
    again = author.send("article", typed, article.pk)
    assert "Nothing changed" in author.get(again.url).text
    assert article.revisions.count() == 2


def test_a_form_whose_beginning_is_unknown_loses_nothing(author):
    article = ArticleFactory(author=author.person, content="As an importer left it, with no revision.")
    typed = fields(author.open("article", article.pk)) | {"content": "My new text.", "expected_version": "7"}
    shown = fields(author.send("article", typed, article.pk))
    assert (shown["content"], shown["expected_version"]) == ("My new text.", "1")


class TestACorrectionNote:
    @pytest.fixture
    def live(self, author, article):
        return publishing.publish(article, by=author.person)

    def test_is_asked_for_of_what_is_live_alone(self, author, article):
        assert "note" not in fields(author.open("article", article.pk))
        publishing.publish(article, by=author.person)
        assert fields(author.open("article", article.pk))["note"] == ""

    def test_is_kept_with_the_change(self, author, live):
        author.save(live, title="New title", note="It was Ada.")
        revision = live.revisions.first()
        assert (revision.state["title"], revision.note) == ("New title", "It was Ada.")
        assert "It was Ada." in author.get(f"/admin/articles/article/{live.pk}/history/{revision.number}/").text

    def test_is_kept_once_when_save_is_pressed_twice(self, author, live):
        typed = fields(author.open("article", live.pk)) | {"note": "It  was Ada.", "tags": []}
        for _ in range(2):
            answer = author.send("article", typed, live.pk)
        assert "Nothing changed" in author.get(answer.url).text
        assert list(live.revisions.exclude(note="").values_list("note", flat=True)) == ["It was Ada."]

    def test_that_is_too_long_is_refused_at_its_field(self, author, live):
        answer = author.save(live, note="x" * 501)
        assert "at most 500 characters" in answer.text

    def test_is_refused_with_a_withdrawal(self, author, live):
        answer = author.save(live, note="It was Ada.", published_at="")
        assert "only a live article has some" in answer.text
        live.refresh_from_db()
        assert live.is_live
