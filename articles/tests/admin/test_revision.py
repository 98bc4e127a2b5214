import pytest

from articles import publishing
from articles.models import Article


@pytest.fixture
def article(author):
    """Written by an author in three revisions."""
    article = publishing.create(by=author.person, title="Clocks", content="The clocks were striking thirteen.")
    article = publishing.revise(article, by=author.person, content="The clocks were striking twelve.")
    return publishing.revise(article, by=author.person, content="Now <script>alert(1)</script> strikes.", tags=["New"])


def page(article, number):
    return f"/admin/articles/article/{article.pk}/history/{number}/"


def test_the_history_says_who_did_what(author, editor, article):
    publishing.publish(article, by=editor.person)
    history = author.open("article", article.pk, page="history")
    rows = [(each.number, each.by, each.action) for each in history.context["revisions"]]
    assert rows[0] == (4, editor.person, "published")
    assert [number for number, _by, _action in rows] == [4, 3, 2, 1]


def test_a_revision_shows_which_words_changed(author, article):
    shown = author.get(page(article, 2)).text
    assert "<del>The clocks were striking <mark>thirteen.</mark></del>" in shown
    assert "<ins>The clocks were striking <mark>twelve.</mark></ins>" in shown


def test_what_an_article_says_is_never_markup_at_the_desk(author, article):
    shown = author.get(page(article, 3)).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_a_revision_names_the_fields_that_changed(author, article):
    assert [change.name for change in author.get(page(article, 3)).context["changes"]] == ["content", "tags"]


def test_a_restored_revision_is_a_new_one(author, article):
    author.post(page(article, 1) + "restore/")
    article.refresh_from_db()
    assert article.content == "The clocks were striking thirteen."
    assert article.revisions.first().action == "restored"


def test_following_a_link_restores_nothing(author, article):
    assert author.get(page(article, 1) + "restore/").status_code == 405


@pytest.mark.parametrize("path", ["history/", "history/1/", "history/1/restore/"])
def test_the_history_of_somebody_else_is_closed_even_of_a_live_article(contributor, editor, article, path):
    publishing.publish(article, by=editor.person)
    ask = contributor.post if "restore" in path else contributor.get
    assert ask(f"/admin/articles/article/{article.pk}/{path}").status_code == 403


def test_a_contributor_reads_the_history_of_their_live_article_and_restores_nothing(contributor):
    article = publishing.create(by=contributor.person, title="Mine", content="The first words of all.")
    article = publishing.revise(article, by=contributor.person, content="The second words of all.")
    assert "Restore" in contributor.get(page(article, 1)).text
    Article.objects.update(published_at=article.created_at)
    assert "Restore" not in contributor.get(page(article, 1)).text
    assert contributor.post(page(article, 1) + "restore/").status_code == 403


@pytest.mark.parametrize("number", [9, 0])
def test_a_revision_that_is_not_there_is_not_found(author, article, number):
    assert author.get(page(article, number)).status_code == 404
    assert author.post(page(article, number) + "restore/").status_code == 404
