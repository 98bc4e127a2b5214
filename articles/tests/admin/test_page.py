import pytest
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.models import Article, Page, Revision, SiteSettings
from articles.tests.admin.browser import fields
from articles.tests.factories import PageFactory, UserFactory

pytestmark = pytest.mark.django_db

CONTENT = "Who we are, in a few words."


def test_an_editor_writes_publishes_and_deletes_a_page(editor):
    editor.add("page", title="About", content=CONTENT, menu_position="1", _publish="")
    page = Page.objects.get()
    assert (page.is_live, page.author, page.slug) == (True, editor.person, "about")
    editor.save(page, content="Other words, but as many.", summary="Us.")
    page.refresh_from_db()
    assert (page.version, page.summary) == (3, "Us.")
    editor.act("withdraw", page)
    assert not Page.objects.live()
    editor.post(f"/admin/articles/page/{page.pk}/delete/", {"post": "yes"})
    assert not Page.objects.exists()


@pytest.mark.parametrize("who", ["contributor", "author"])
def test_writers_find_no_pages_on_their_desk(request, who):
    writer = request.getfixturevalue(who)
    page = PageFactory(author=writer.person)
    assert "/admin/articles/page/" not in writer.get("/admin/").text
    for path in ("", "add/", f"{page.pk}/change/", f"{page.pk}/history/", f"{page.pk}/delete/"):
        answer = writer.get(f"/admin/articles/page/{path}")
        assert answer.status_code in {403, 404}
    for path in (f"{page.pk}/change/", f"{page.pk}/history/"):
        assert writer.get(f"/admin/articles/article/{path}").status_code in {302, 404}
    writer.send("page", {"title": "Mine", "content": CONTENT}, page="add")
    writer.send("page", {"title": "Mine", "content": CONTENT, "expected_version": "1"}, page.pk)
    assert list(Page.objects.values_list("title", flat=True)) == [page.title]


def test_the_list_of_articles_has_no_pages_and_that_of_pages_no_articles(editor):
    publishing.create(by=editor.person, title="An article", content=CONTENT)
    publishing.create(by=editor.person, model=Page, title="A page", content=CONTENT)
    articles, pages = editor.get("/admin/articles/article/").text, editor.get("/admin/articles/page/").text
    assert "An article" in articles
    assert "A page" not in articles
    assert "A page" in pages
    assert "An article" not in pages


def test_an_address_that_is_taken_is_refused_at_its_field(editor):
    answer = editor.add("page", title="About", content=CONTENT, slug="archive")
    assert "Something else of this site has this address already." in answer.text
    assert not Page.objects.exists()


def test_a_page_has_a_history_to_restore_from(editor):
    page = publishing.create(by=editor.person, model=Page, title="About", content=CONTENT)
    publishing.revise(page, by=editor.person, content="Other words, but as many.")
    address = f"/admin/articles/page/{page.pk}/history/"
    assert f'href="{address}1/"' in editor.get(address).text
    assert f'action="{address}1/restore/"' in editor.get(f"{address}1/").text
    editor.post(f"{address}1/restore/")
    assert Page.objects.get().content == CONTENT


def test_two_editors_at_once_are_shown_what_the_other_wrote(editor):
    page = publishing.create(by=editor.person, model=Page, title="About", content=CONTENT)
    form = fields(editor.open("page", page.pk))
    publishing.revise(page, by=UserFactory(role=Role.EDITOR), content="Other words, but as many.")
    answer = editor.send("page", form | {"content": "My own words, long enough."}, page.pk)
    assert "Both of you changed the following" in answer.text
    assert f'href="/admin/articles/page/{page.pk}/history/2/"' in answer.text
    assert Page.objects.get().content == "Other words, but as many."


def test_an_account_s_pages_are_handed_over_or_deleted_with_its_articles(administrator):
    leaving, staying = UserFactory(role=Role.EDITOR), UserFactory(role=Role.EDITOR)
    for title in ("About", "Contact"):
        publishing.create(by=leaving, model=Page, title=title, content=CONTENT, menu_position=1)
    administrator.act("hand_over", leaving, to=staying.pk)
    assert {page.author for page in Page.objects.all()} == {staying}
    administrator.post(f"/admin/accounts/user/{staying.pk}/delete/", {"post": "yes"})
    assert not Page.objects.exists()
    assert not Article.objects.exists()
    assert not Revision.objects.exists()


def test_saving_the_settings_leaves_the_menu_alone(administrator, editor):
    publishing.create(
        by=editor.person, model=Page, title="About", content=CONTENT, published_at=timezone.now(), menu_position=1
    )
    administrator.save(SiteSettings.load(), title="Bees")
    assert (SiteSettings.load().title, len(SiteSettings.load().menu)) == ("Bees", 1)
