import pytest

from accounts.models import User
from articles import publishing
from articles.models import Article
from articles.tests.factories import ArticleFactory, PageFactory, UserFactory


def test_articles_are_handed_over_and_the_change_is_kept(administrator, author, editor):
    article = publishing.create(by=author.person, title="By the leaving one", content="Words that stay behind.")
    page = administrator.act("hand_over", author.person)
    assert "1 article by" in page.text
    assert author.person not in page.context["form"].fields["to"].queryset
    administrator.act("hand_over", author.person, to=editor.person.pk, index="")
    article.refresh_from_db()
    assert article.author == editor.person
    assert article.revisions.first().by == administrator.person


def test_deleting_an_account_says_how_much_goes_with_it_and_what_to_do_instead(administrator, author):
    ArticleFactory.create_batch(3, author=author.person)
    page = administrator.open("user", author.person.pk, page="delete").text
    assert "Articles: 3" in page
    assert 'value="deactivate"' in page
    assert 'value="hand_over"' in page
    administrator.send("user", {"post": "yes"}, author.person.pk, page="delete")
    assert not User.objects.filter(pk=author.person.pk).exists()
    assert not Article.objects.exists()


def test_several_accounts_are_deleted_but_not_ones_own(administrator):
    other = UserFactory()
    administrator.act("delete_selected", administrator.person, other, post="yes")
    assert list(User.objects.all()) == [administrator.person]


@pytest.fixture
def deleted_meanwhile(monkeypatch):
    """Somebody else deletes an article when all have been looked up and the first is to be changed."""

    def at(name, article):
        verb = getattr(publishing, name)

        def late(each, **kwargs):
            Article.objects.filter(pk=article.pk).delete()
            return verb(each, **kwargs)

        monkeypatch.setattr(publishing, name, late)

    return at


@pytest.mark.parametrize("count", [1, 2])
def test_deleting_goes_on_with_what_nobody_has_deleted_meanwhile(editor, deleted_meanwhile, count):
    articles = ArticleFactory.create_batch(count)
    deleted_meanwhile("remove", articles[0])
    assert editor.act("delete_selected", *articles, post="yes").status_code == 200
    assert not Article.objects.exists()


def test_an_article_that_somebody_else_deletes_is_not_deleted_twice(editor, deleted_meanwhile):
    article = ArticleFactory()
    deleted_meanwhile("remove", article)
    assert editor.send("article", {"post": "yes"}, article.pk, page="delete").status_code == 302


def test_what_is_handed_over_is_what_nobody_has_deleted_meanwhile(administrator, author, editor, deleted_meanwhile):
    gone, left = ArticleFactory.create_batch(2, author=author.person)
    deleted_meanwhile("revise", gone)
    page = administrator.act("hand_over", author.person, to=editor.person.pk, index="")
    assert "1 article is now by" in page.text
    assert Article.objects.get().author == editor.person


def test_an_account_goes_with_what_nobody_has_deleted_meanwhile(administrator, author, deleted_meanwhile):
    articles = ArticleFactory.create_batch(2, author=author.person)
    deleted_meanwhile("remove", articles[1])
    administrator.send("user", {"post": "yes"}, author.person.pk, page="delete")
    assert not User.objects.filter(pk=author.person.pk).exists()


def test_accounts_are_not_for_editors(editor):
    assert editor.open("user", page="changelist").status_code == 403
    assert editor.open("user", editor.person.pk).status_code == 403
    assert editor.send("user", {"role": "Administrator"}, editor.person.pk).status_code == 403


def test_the_list_says_how_much_each_has_written(administrator):
    writer = UserFactory()
    ArticleFactory.create_batch(2, author=writer, live=True)
    ArticleFactory(author=writer, published_at="2998-01-01T00:00Z")
    ArticleFactory(author=writer)
    PageFactory(author=writer)
    PageFactory(author=writer, live=True)
    listed = administrator.open("user", page="changelist").context["cl"].result_list
    assert {person.pk: person.article_count for person in listed}[writer.pk] == 6
