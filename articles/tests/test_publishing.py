from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from accounts.roles import Role
from articles import markup, publishing
from articles.media import uploads
from articles.models import Article, Revision, SlugHistory, Tag
from articles.tests.factories import SeriesFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
WORDS = "Words enough for an article."


@pytest.fixture
def author():
    return UserFactory(role=Role.AUTHOR)


@pytest.fixture
def article(author):
    return publishing.create(by=author, title="Hello", content=WORDS)


def history(article: Article) -> list[tuple[int, str]]:
    return list(article.revisions.order_by("number").values_list("number", "action"))


def test_a_new_article_is_a_draft_of_whoever_made_it(article, author):
    assert (article.author, article.state, article.slug, article.version) == (author, "draft", "hello", 1)
    assert history(article) == [(1, "created")]


def test_every_change_leaves_a_revision_with_all_that_was_set(article, author):
    revised = publishing.revise(article, by=author, title="Hello again", tags=["Sea", "Salt"])
    latest = revised.revisions.first()
    assert (latest.by, latest.number, revised.version) == (author, 2, 2)
    assert latest.state["title"] == "Hello again"
    assert latest.state["content"] == WORDS
    assert latest.state["tags"] == ["Salt", "Sea"]


def test_only_the_fields_that_were_sent_change(article, author):
    stale = Article.objects.get(pk=article.pk)
    publishing.revise(article, by=author, content="New words for the article.")
    publishing.revise(stale, by=author, title="New title")
    article.refresh_from_db()
    assert (article.title, article.content) == ("New title", "New words for the article.")


def test_changing_nothing_writes_nothing(article, author):
    before = article.updated_at
    same = publishing.revise(article, by=author, title=" Hello ", content=WORDS, tags=[])
    assert (same.version, same.updated_at, same.revisions.count()) == (1, before, 1)


def test_a_change_made_from_an_old_version_is_refused_and_writes_nothing(article, author):
    publishing.revise(article, by=author, title="First")
    with pytest.raises(publishing.Conflict) as conflict:
        publishing.revise(article, by=author, expected_version=1, title="Second")
    assert conflict.value.current.title == "First"
    assert history(article) == [(1, "created"), (2, "changed")]


def test_publishing_and_withdrawing_move_the_date_alone(article, author):
    live = publishing.publish(article, by=author)
    assert live.is_live
    draft = publishing.withdraw(live, by=author)
    assert draft.published_at is None
    assert history(article) == [(1, "created"), (2, "published"), (3, "withdrawn")]


def test_publishing_what_is_live_keeps_its_date(article, author):
    live = publishing.publish(article, by=author)
    assert publishing.publish(live, by=author).published_at == live.published_at
    assert len(history(article)) == 2


def test_publishing_later_schedules(article, author):
    later = timezone.now() + timedelta(days=1)
    assert publishing.publish(article, by=author, at=later).state == "scheduled"
    assert history(article)[-1] == (2, "scheduled")


def test_a_date_that_is_set_with_other_fields_is_remembered_as_what_it_does(article, author):
    later = timezone.now() + timedelta(days=1)
    for fields in ({"published_at": later}, {"published_at": timezone.now()}, {"published_at": None}, {}):
        publishing.revise(article, by=author, title=f"With {fields}", **fields)
    assert [action for _, action in history(article)][1:] == ["scheduled", "published", "withdrawn", "changed"]


def test_restoring_brings_the_words_back_as_a_new_revision(article, author):
    publishing.revise(article, by=author, content="Worse words for an article.", title="Worse")
    publishing.publish(article, by=author)
    restored = publishing.restore(article, by=author, number=1)
    assert (restored.title, restored.content, restored.is_live) == ("Hello", WORDS, True)
    assert history(article)[-1] == (4, "restored")


def test_a_revision_is_never_changed(article):
    revision = article.revisions.get()
    revision.state = {}
    with pytest.raises(TypeError):
        revision.save()


def test_a_failing_change_leaves_everything_as_it_was(article, author):
    with pytest.raises(ValidationError) as error:
        publishing.revise(article, by=author, title="Fine", tags=["Sea", "x" * 101])
    assert "name" in error.value.message_dict
    article.refresh_from_db()
    assert article.title == "Hello"
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 201),
        ("title", "a\0b"),
        ("content", "too short"),
        ("content", "x" * 300_001),
        ("content", "half an emoji \ud83d here"),
        ("summary", "x" * 301),
        ("slug", "Not a slug"),
        ("slug", "123"),
        ("canonical_url", "javascript:alert(1)"),
    ],
)
def test_what_can_not_be_stored_is_refused_by_field(field, value, author):
    with pytest.raises(ValidationError) as error:
        publishing.create(by=author, **{"title": "Hello", "content": WORDS, field: value})
    assert list(error.value.message_dict) == [field]
    assert not Article.objects.exists()


def test_articles_of_one_title_get_addresses_of_their_own(author):
    made = [publishing.create(by=author, title="!!!", content=WORDS).slug for _ in range(3)]
    assert made == ["article", "article-2", "article-3"]


def test_an_earlier_address_stays_the_articles_own(article, author):
    publishing.revise(article, by=author, slug="moved")
    other = publishing.create(by=author, title="Hello", content=WORDS)
    assert other.slug == "hello-2"
    with pytest.raises(ValidationError, match="taken"):
        publishing.revise(other, by=author, slug="hello")
    assert publishing.revise(article, by=author, slug="hello").slug == "hello"
    assert set(SlugHistory.objects.filter(article=article).values_list("slug", flat=True)) == {"hello", "moved"}


def test_an_emptied_address_is_made_from_the_title_again(article, author):
    assert publishing.revise(article, by=author, slug="", title="Brand new").slug == "brand-new"


def test_tags_are_one_whatever_their_case(article, author):
    publishing.revise(article, by=author, tags=["École", "école", " ÉCOLE "])
    assert [tag.name for tag in article.tags.all()] == ["École"]


def test_the_excerpt_follows_the_text_until_a_summary_is_set(article, author):
    assert publishing.revise(article, by=author, content="Other words for it.").excerpt == "Other words for it."
    assert publishing.revise(article, by=author, summary="Mine").excerpt == "Mine"
    assert publishing.revise(article, by=author, summary="").excerpt == "Other words for it."


def test_an_article_knows_the_pictures_it_shows(article, author):
    image = uploads.store(picture(), by=author)
    shown = publishing.revise(article, by=author, content=f"Look: ![a]({image.url}) and ![b](/media/gone.png)")
    assert list(shown.images.all()) == [image]
    assert 'width="8" height="6"' in shown.content_html


def test_a_contributor_neither_publishes_nor_files():
    contributor = UserFactory(role=Role.CONTRIBUTOR)
    for fields in ({"published_at": timezone.now()}, {"tags": ["Sea"]}, {"series": SeriesFactory()}):
        with pytest.raises(PermissionDenied):
            publishing.create(by=contributor, title="Hello", content=WORDS, **fields)
    assert not Article.objects.exists()


def test_only_an_editor_gives_an_article_to_somebody_else(article, author):
    other = UserFactory(role=Role.AUTHOR)
    with pytest.raises(PermissionDenied):
        publishing.revise(article, by=author, author=other)
    assert publishing.revise(article, by=UserFactory(role=Role.EDITOR), author=other).author == other


def test_what_was_published_before_it_came_here_keeps_its_dates(author):
    then = timezone.now() - timedelta(days=900)
    article = publishing.create(by=author, title="Old", content=WORDS, created_at=then, published_at=then)
    assert article.created_at == article.updated_at == article.published_at == then


def test_removing_takes_the_history_along(article, author):
    publishing.remove(article, by=author)
    assert not Article.objects.exists()
    assert not Revision.objects.exists()


MORE = f"{WORDS} And ten words more, so that readers are to be told."


class TestWhatReadersAreTold:
    """When a live article was revised, and what was corrected."""

    @pytest.fixture
    def live(self, article, author):
        return publishing.publish(article, by=author)

    def test_nobody_is_told_of_what_was_never_seen(self, article, author):
        revised = publishing.revise(article, by=author, content=MORE)
        assert revised.revised_at is None
        live = publishing.publish(revised, by=author)
        assert (live.revised_at, live.revised_or_published) == (None, live.published_at)

    def test_a_small_change_is_none_that_matters(self, live, author):
        changed = publishing.revise(live, by=author, content=WORDS.replace("enough", "plenty"), tags=["Sea"])
        assert (changed.version, changed.revised_at) == (3, None)

    @pytest.mark.parametrize("change", [{"content": MORE}, {"title": "Goodbye"}, {"note": "It was Ada."}])
    def test_a_change_that_matters_has_a_date(self, live, author, change):
        publishing.revise(live, by=author, **change)
        live.refresh_from_db()
        assert live.revised_at > live.published_at
        assert live.revised_or_published == live.revised_at

    def test_restoring_is_a_change(self, live, author):
        publishing.revise(live, by=author, title="Goodbye")
        first = Article.objects.get(pk=live.pk).revised_at
        assert publishing.restore(live, by=author, number=1).revised_at > first

    def test_withdrawn_and_published_again_it_is_new(self, live, author):
        publishing.revise(live, by=author, title="Goodbye")
        publishing.withdraw(live, by=author)
        publishing.revise(live, by=author, content=MORE)
        assert publishing.publish(live, by=author).revised_at is None

    def test_a_note_is_kept_with_its_revision_and_changes_no_word(self, live, author):
        noted = publishing.revise(live, by=author, note=" It was Ada. ")
        revision = noted.revisions.first()
        assert (revision.number, revision.note, revision.action) == (3, "It was Ada.", "changed")
        assert (noted.title, noted.content) == ("Hello", WORDS)

    def test_only_what_is_live_has_notes(self, article, live, author):
        for draft in (publishing.create(by=author, title="Other", content=WORDS), live):
            with pytest.raises(ValidationError) as error:
                publishing.revise(draft, by=author, note="It was Ada.", published_at=None)
            assert list(error.value.message_dict) == ["note"]
        assert history(live) == [(1, "created"), (2, "published")]

    @pytest.mark.parametrize("note", ["x" * 501, "a\0b", "half an emoji \ud83d"])
    def test_a_note_that_can_not_be_stored_is_refused(self, live, author, note):
        with pytest.raises(ValidationError) as error:
            publishing.revise(live, by=author, note=note, title="Goodbye")
        assert list(error.value.message_dict) == ["note"]
        live.refresh_from_db()
        assert (live.title, live.version) == ("Hello", 2)


WRITES = {
    "create": lambda article, by: publishing.create(by=by, title="Title", content=f"{WORDS} New."),
    "revise": lambda article, by: publishing.revise(article, by=by, content=f"{WORDS} New."),
    "restore": lambda article, by: publishing.restore(article, by=by, number=1),
    "render_again": lambda article, by: publishing.render_again(article.pk),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", WRITES)
def test_no_text_is_read_while_others_wait_for_a_lock(verb, monkeypatch):
    author = UserFactory(role=Role.AUTHOR)
    article = publishing.revise(
        publishing.create(by=author, title="Title", content=WORDS), by=author, content=f"{WORDS} More."
    )
    Article.objects.update(rendered_by=0)
    within = []
    read = markup._markdown.parse
    monkeypatch.setattr(
        markup._markdown, "parse", lambda *text: within.append(connection.in_atomic_block) or read(*text)
    )
    WRITES[verb](article, author)
    assert within == [False]
