import pytest
from django.core.management import call_command

from articles import markup
from articles.models import Article, Page, Revision
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db


def outdated(**fields):
    article = ArticleFactory(**fields)
    Article.objects.filter(pk=article.pk).update(rendered_by=0, content_html="old", excerpt="old", word_count=0)
    article.refresh_from_db()
    return article


def test_what_an_earlier_version_made_is_made_anew():
    article = outdated(content="Some *new* words.")
    call_command("render_again")
    article.refresh_from_db()
    assert article.content_html == "<p>Some <em>new</em> words.</p>\n"
    assert (article.excerpt, article.word_count, article.rendered_by) == ("Some new words.", 3, markup.VERSION)


def test_nobody_has_changed_it():
    article = outdated()
    call_command("render_again")
    now = Article.objects.get(pk=article.pk)
    assert (now.version, now.updated_at, now.content) == (article.version, article.updated_at, article.content)
    assert not Revision.objects.exists()


def test_pages_are_made_anew_too():
    page = Page.objects.create(title="About", content="A page of some words.", author=UserFactory())
    Page.objects.update(rendered_by=0, content_html="old")
    call_command("render_again")
    page.refresh_from_db()
    assert "some words" in page.content_html
    assert page.kind == Page.Kind.PAGE


def test_where_nothing_is_to_do_it_asks_and_says_nothing(django_assert_num_queries, capsys):
    ArticleFactory()
    with django_assert_num_queries(2):
        call_command("render_again")
    said = capsys.readouterr()
    assert said.out == said.err == ""


def test_a_text_that_can_not_be_rendered_any_more_keeps_nobody_up(capsys):
    broken, other = outdated(), outdated()
    Article.objects.filter(pk=broken.pk).update(content=f"[x]: {'/u' * 5000}\n\n{'[x]' * 1000}")
    call_command("render_again")
    other.refresh_from_db()
    assert other.rendered_by == markup.VERSION
    assert f"The article {broken.pk} stays as it was: Its addresses are repeated too often." in capsys.readouterr().err
