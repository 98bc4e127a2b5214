"""Standing pages: changed by the same verbs as articles, by fewer people, and in no list of articles."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.api.tokens import sign_in
from accounts.roles import Role
from articles import publishing
from articles.models import Article, Page, Revision, SiteSettings
from articles.tests.factories import ArticleFactory, PageFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

CONTENT = "Who we are, in a few words."
READER = None


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def about(editor):
    return publishing.create(
        by=editor, model=Page, title="About us", content=CONTENT, published_at=timezone.now(), menu_position=1
    )


class TestVerbs:
    def test_a_page_keeps_its_revisions_and_its_place_in_the_menu(self, editor, about):
        publishing.revise(about, by=editor, content="Other words, and more of them.", menu_position=5)
        publishing.restore(about, by=editor, number=1)
        actions = list(Revision.objects.filter(article=about.pk).values_list("action", flat=True))
        assert actions == ["restored", "changed", "created"]
        about.refresh_from_db()
        assert (about.content, about.menu_position) == (CONTENT, 5)

    def test_who_saw_an_older_version_does_not_write_over_a_newer_one(self, editor, about):
        publishing.revise(about, by=editor, title="All about us")
        with pytest.raises(publishing.Conflict):
            publishing.revise(about, by=editor, expected_version=1, title="Us")

    @pytest.mark.parametrize("role", [READER, Role.CONTRIBUTOR, Role.AUTHOR])
    def test_writers_may_do_nothing_to_pages_not_even_to_their_own(self, about, role):
        writer = UserFactory(role=role)
        Page.objects.update(author=writer)
        for attempt in (
            lambda: publishing.create(by=writer, model=Page, title="Mine", content=CONTENT),
            lambda: publishing.revise(about, by=writer, content="Words of my own choosing."),
            lambda: publishing.withdraw(about, by=writer),
            lambda: publishing.restore(about, by=writer, number=1),
            lambda: publishing.remove(about, by=writer),
        ):
            with pytest.raises(PermissionDenied):
                attempt()
        for permission in ("change_article", "delete_article", "publish_article", "change_page", "view_revision"):
            assert not writer.has_perm(f"articles.{permission}", Page.objects.get())
            assert not writer.has_perm(f"articles.{permission}", Article(pk=about.pk, kind="page", author=writer))

    def test_a_page_is_filed_nowhere(self, editor, about):
        for filing in ({"tags": ["Bees"]}, {"series": SeriesFactory()}):
            with pytest.raises(TypeError):
                publishing.revise(about, by=editor, **filing)
        with pytest.raises(TypeError):
            publishing.create(by=editor, title="An article", content=CONTENT, menu_position=1)


class TestAddress:
    @pytest.mark.parametrize(
        "slug",
        ["archive", "tags", "articles", "series", "admin", "api", "static", "media", "docs", "accounts", "healthz"],
    )
    def test_it_is_none_that_something_else_answers(self, editor, slug):
        with pytest.raises(ValidationError) as refusal:
            publishing.create(by=editor, model=Page, title="Mine", content=CONTENT, slug=slug)
        assert list(refusal.value.message_dict) == ["slug"]
        assert not Page.objects.exists()

    def test_one_made_from_the_title_gets_out_of_the_way(self, editor):
        assert publishing.create(by=editor, model=Page, title="Archive", content=CONTENT).slug == "archive-2"

    def test_it_is_none_that_an_article_had(self, editor):
        ArticleFactory(title="About us")
        with pytest.raises(ValidationError, match="taken"):
            publishing.create(by=editor, model=Page, title="About", slug="about-us", content=CONTENT)

    def test_an_earlier_one_leads_to_it(self, client, editor, about):
        publishing.revise(about, by=editor, slug="who-we-are")
        answer = client.get("/about-us/")
        assert (answer.status_code, answer.headers["Location"]) == (301, "/who-we-are/")

    def test_without_its_slash_it_leads_to_the_one_with_in_one_step(self, client, editor, about):
        publishing.revise(about, by=editor, slug="who-we-are")
        for former in ("/who-we-are", "/about-us"):
            answer = client.get(former)
            assert (answer.status_code, answer.headers["Location"]) == (301, "/who-we-are/")
        assert client.get("/who-they-are").status_code == 404

    def test_it_may_be_in_any_script(self, client, editor):
        page = publishing.create(
            by=editor, model=Page, title="私たちについて", content=CONTENT, published_at=timezone.now()
        )
        assert client.get(page.get_absolute_url()).status_code == 200


class TestSite:
    def test_it_is_read_at_its_address(self, client, about):
        answer = client.get("/about-us/")
        assert answer.status_code == 200
        assert "<h1>About us</h1>" in answer.text
        assert CONTENT in answer.text
        assert f">{about.author.name}<" not in answer.text
        assert '<link rel="canonical" href="http://testserver/about-us/">' in answer.text
        assert '"@type":"WebPage"' in answer.text
        assert "BlogPosting" not in answer.text

    @pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
    @pytest.mark.parametrize("role", [READER, Role.CONTRIBUTOR, Role.AUTHOR])
    def test_strangers_and_writers_find_no_page_that_is_not_live(self, client, role, state):
        page = PageFactory(author=UserFactory(role=role), **state)
        assert client.get(page.get_absolute_url()).status_code == 404
        client.force_login(page.author)
        assert client.get(page.get_absolute_url()).status_code == 404

    def test_an_editor_sees_a_draft_and_the_way_to_change_it(self, client, editor):
        page = PageFactory()
        client.force_login(editor)
        assert f'href="/admin/articles/page/{page.pk}/change/"' in client.get(page.get_absolute_url()).text

    def test_it_is_in_no_list_and_no_count(self, client, editor):
        where = {"author": editor, "series": SeriesFactory(title="Hives")}
        tag = TagFactory(name="Bees")
        ArticleFactory(title="Before", live=True, tags=[tag], **where)
        article = ArticleFactory(title="Between", live=True, tags=[tag], **where)
        pages = [
            "/",
            "/archive/",
            "/tags/",
            "/tags/bees/",
            "/series/hives/",
            f"/authors/{editor.username}/",
            article.get_absolute_url(),
            "/feeds/rss.xml",
            "/feeds/atom.xml",
            "/api/v1/articles/",
            "/api/v1/tags/",
        ]
        before = [client.get(page).content for page in pages]
        PageFactory(title="Standing words", live=True, author=editor)
        assert [client.get(page).content for page in pages] == before

    def test_its_markdown_lies_beside_it_and_names_no_author_either(self, client, about):
        answer = client.get("/about-us.md")
        assert answer["Link"] == '<http://testserver/about-us/>; rel="canonical"'
        assert answer.text.startswith("---\ntitle: About us\ntype: page\nslug: about-us\ndate: ")
        assert answer.text.endswith(f"---\n\n{about.content}\n")
        assert about.author.display_name not in answer.text
        assert '<link rel="alternate" type="text/markdown" href="/about-us.md">' in client.get("/about-us/").text
        assert "](http://testserver/about-us.md)" in client.get("/llms.txt").text

    def test_its_markdown_goes_where_it_goes(self, client, editor, about):
        publishing.revise(about, by=editor, slug="we")
        answer = client.get("/About-us.md?x=1")
        assert (answer.status_code, answer["Location"]) == (301, "/we.md?x=1")
        publishing.withdraw(Page.objects.get(), by=editor)
        assert {client.get(path).status_code for path in ("/we.md", "/about-us.md")} == {410}
        client.force_login(editor)
        assert client.get("/we.md").status_code == 200

    def test_neither_articles_address_nor_the_api_know_it(self, client, editor, about):
        assert client.get(f"/articles/{about.slug}/").status_code == 404
        assert client.get(f"/articles/{about.slug}.md").status_code == 404
        program = Client(headers={"Authorization": f"Bearer {sign_in(editor).access_token}"})
        address = f"/api/v1/articles/{about.pk}"
        for method in ("get", "put", "patch", "delete"):
            ask = getattr(program, method)
            assert ask(address, content_type="application/json").status_code == 404
        assert program.get(f"{address}/revisions").status_code == 404
        assert Page.objects.get() == about

    def test_the_sitemap_lists_those_that_are_live(self, client, about):
        PageFactory(title="Secret")
        text = client.get("/sitemap-pages.xml").text
        assert "<loc>http://testserver/about-us/</loc>" in text
        assert "secret" not in text


class TestMenu:
    def test_its_pages_stand_on_every_page_in_their_order(self, client, editor, about):
        publishing.create(
            by=editor, model=Page, title="Contact", content=CONTENT, published_at=timezone.now(), menu_position=0
        )
        text = client.get("/").text
        assert text.index('<a href="/contact/">Contact</a>') < text.index('<a href="/about-us/">About us</a>')

    def test_the_one_that_is_shown_says_so(self, client, about):
        assert '<a href="/about-us/" aria-current="page">About us</a>' in client.get("/about-us/").text

    def test_a_page_leaves_it_with_the_account_of_its_author(self, client, about, editor):
        editor.delete()
        assert "About us" not in client.get("/").text

    def test_it_costs_no_query(self, client, about, editor):
        with CaptureQueriesContext(connection) as with_one:
            client.get("/")
        for number in range(5):
            publishing.create(
                by=editor,
                model=Page,
                title=f"Page {number}",
                content=CONTENT,
                published_at=timezone.now(),
                menu_position=number,
            )
        with CaptureQueriesContext(connection) as with_six:
            client.get("/")
        Page.objects.all().delete()
        SiteSettings.objects.update(menu=[])
        with CaptureQueriesContext(connection) as without:
            client.get("/")
        assert len(with_one) == len(with_six) == len(without)

    @pytest.mark.parametrize(
        "change",
        [
            lambda page, by: publishing.withdraw(page, by=by),
            lambda page, by: publishing.revise(page, by=by, menu_position=None),
            lambda page, by: publishing.remove(page, by=by),
        ],
        ids=["withdrawn", "without a place", "deleted"],
    )
    def test_a_page_leaves_it_at_once(self, client, editor, about, change):
        change(about, editor)
        assert "About us" not in client.get("/").text

    def test_a_new_title_or_address_is_in_it_at_once(self, client, editor, about):
        publishing.revise(about, by=editor, title="Who?", slug="who")
        assert '<a href="/who/">Who?</a>' in client.get("/").text

    def test_a_scheduled_page_enters_it_by_the_clock_alone(self, client, editor):
        moment = timezone.now() + timedelta(days=1)
        publishing.create(by=editor, model=Page, title="Soon", content=CONTENT, published_at=moment, menu_position=1)
        assert "Soon" not in client.get("/").text
        with time_machine.travel(moment):
            assert "Soon" in client.get("/").text

    def test_the_site_s_own_settings_stay_as_they_are(self, editor):
        SiteSettings(title="Bees").save()
        publishing.create(by=editor, model=Page, title="About", content=CONTENT)
        assert SiteSettings.load().title == "Bees"
