"""One article in several languages."""

from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from articles import publishing
from articles.models import Article, Page, Related, SiteSettings
from articles.tests.factories import ArticleFactory, PageFactory, SeriesFactory, UserFactory

pytestmark = pytest.mark.django_db

LINK = '<link rel="alternate" hreflang="{}" href="http://testserver/articles/{}/">'


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def rain():
    return ArticleFactory(title="Rain", live=True)


def translate(original, language, title, **state):
    return ArticleFactory(title=title, language=language, translation_of=original, **(state or {"live": True}))


class TestVerbs:
    def test_a_translation_says_so_and_remembers(self, editor, rain):
        regen = publishing.create(
            by=editor, title="Regen", content="Es regnet seit Tagen.", language="de", translation_of=rain
        )
        assert regen.translation_of == rain
        state = regen.revisions.get().state
        assert (state["language"], state["translation_of"]) == ("de", rain.pk)

    def test_one_of_a_translation_is_attached_to_the_original(self, editor, rain):
        regen, pluie = translate(rain, "de", "Regen"), ArticleFactory(language="fr")
        assert publishing.revise(pluie, by=editor, translation_of=regen).translation_of == rain

    def test_nothing_translates_itself_directly_or_by_another(self, editor, rain):
        for other in (rain, translate(rain, "de", "Regen")):
            with pytest.raises(ValidationError) as refusal:
                publishing.revise(rain, by=editor, translation_of=other)
            assert list(refusal.value.message_dict) == ["translation_of"]

    def test_what_has_translations_becomes_none(self, editor, rain):
        translate(rain, "de", "Regen")
        with pytest.raises(ValidationError, match="has translations itself"):
            publishing.revise(rain, by=editor, translation_of=ArticleFactory(language="fr"), language="ja")

    @pytest.mark.parametrize("language", ["de", "", "en"])
    def test_no_language_is_there_twice(self, editor, rain, language):
        """Without a language it has the site's."""
        translate(rain, "de", "Regen")
        with pytest.raises(ValidationError) as refusal:
            publishing.revise(ArticleFactory(language=language), by=editor, translation_of=rain)
        assert list(refusal.value.message_dict) == ["language"]

    def test_nor_when_a_language_changes_later(self, editor, rain):
        translate(rain, "de", "Regen")
        pluie = translate(rain, "fr", "Pluie")
        for changed in (rain, pluie):
            with pytest.raises(ValidationError):
                publishing.revise(changed, by=editor, language="de")

    def test_a_page_is_no_translation_of_an_article(self, editor, rain):
        with pytest.raises((ValidationError, PermissionDenied)):
            publishing.revise(rain, by=editor, translation_of=PageFactory(language="de"))

    def test_who_may_not_change_the_original_adds_none_to_it(self, rain):
        author = UserFactory(role=Role.AUTHOR)
        with pytest.raises(PermissionDenied):
            publishing.create(by=author, title="Regen", content="Es regnet.", language="de", translation_of=rain)
        assert Article.objects.get() == rain


class TestDeletion:
    """However an article is deleted, its translations go on being each other's."""

    def test_the_first_translation_becomes_the_original(self, editor, rain):
        regen, pluie, ame = (translate(rain, language, language) for language in ("de", "fr", "ja"))
        publishing.remove(rain, by=editor)
        assert list(Article.objects.values_list("pk", "translation_of").order_by("pk")) == [
            (regen.pk, None),
            (pluie.pk, regen.pk),
            (ame.pk, regen.pk),
        ]

    def test_one_that_is_left_alone_is_a_translation_of_nothing(self, client, editor, rain):
        regen = translate(rain, "de", "Regen")
        publishing.remove(rain, by=editor)
        assert "hreflang" not in client.get(regen.get_absolute_url()).text

    @pytest.mark.parametrize("order", ["pk", "-pk"])
    def test_so_does_one_that_stays_when_several_go_at_once(self, rain, order):
        translate(rain, "de", "Regen")
        pluie, ame = translate(rain, "fr", "Pluie"), translate(rain, "ja", "雨")
        Article.objects.filter(language__in=["", "de"]).order_by(order).delete()
        assert set(Article.objects.values_list("pk", "translation_of")) == {(pluie.pk, None), (ame.pk, pluie.pk)}

    def test_and_with_the_account_of_its_author(self, rain):
        translate(rain, "de", "Regen", author=rain.author)
        pluie, ame = translate(rain, "fr", "Pluie"), translate(rain, "ja", "雨")
        rain.author.delete()
        assert set(Article.objects.values_list("pk", "translation_of")) == {(pluie.pk, None), (ame.pk, pluie.pk)}

    def test_a_page_too(self, editor):
        about = PageFactory(title="About")
        ueber, apropos = (PageFactory(language=each, translation_of=about) for each in ("de", "fr"))
        publishing.remove(about, by=editor)
        assert set(Page.objects.values_list("pk", "translation_of")) == {(ueber.pk, None), (apropos.pk, ueber.pk)}


class TestSite:
    def test_each_names_all_that_are_live_and_itself(self, client, rain):
        translate(rain, "de", "Regen")
        translate(rain, "ja", "雨", live=True, slug="ame")
        for slug in ("rain", "regen", "ame"):
            text = client.get(f"/articles/{slug}/").text
            for language, there in (("x-default", "rain"), ("en", "rain"), ("de", "regen"), ("ja", "ame")):
                assert LINK.format(language, there) in text
            assert text.count("hreflang=") == 4 + 2
        assert 'lang="ja" hreflang="ja" rel="alternate" title="雨">日本語</a>' in client.get("/articles/rain/").text

    @pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
    @pytest.mark.parametrize("reader", [None, Role.EDITOR])
    def test_nobody_is_told_of_one_that_is_not_live(self, client, rain, state, reader):
        client.force_login(UserFactory(role=reader))
        before = client.get("/articles/rain/").content
        translate(rain, "de", "Regen", **(state or {"published_at": None}))
        assert client.get("/articles/rain/").content == before
        assert b"hreflang" not in before

    def test_where_the_original_is_not_live_the_others_still_know_of_each_other(self, client, rain):
        translate(rain, "de", "Regen")
        translate(rain, "fr", "Pluie")
        Article.objects.filter(pk=rain.pk).update(published_at=None)
        text = client.get("/articles/pluie/").text
        assert LINK.format("de", "regen") in text
        assert "/rain/" not in text

    def test_it_takes_one_query_however_many_there_are_and_none_without(self, client, rain, django_assert_num_queries):
        with CaptureQueriesContext(connection) as alone:
            client.get("/articles/rain/")
        for language in ("de", "fr", "ja", "ar"):
            translate(rain, language, language)
            with django_assert_num_queries(len(alone) + 1):
                client.get("/articles/rain/")

    @pytest.mark.parametrize(
        ("site", "language", "said"),
        [
            ("en", "ar", '<article class="article" lang="ar" dir="rtl">'),
            ("ar", "en", '<article class="article" lang="en" dir="ltr">'),
            ("en", "", '<article class="article">'),
        ],
    )
    def test_its_words_run_as_their_language_does(self, client, site, language, said):
        SiteSettings(language=site).save()
        article = ArticleFactory(live=True, language=language)
        assert said in client.get(article.get_absolute_url()).text.replace("\n>", ">")

    def test_a_list_says_which_language_a_title_is_in(self, client):
        ArticleFactory(title="مطر", live=True, language="ar")
        assert 'lang="ar" dir="rtl"' in client.get("/").text

    def test_a_title_says_its_language_wherever_it_is_a_way_to_the_text(self, client):
        """Before and after, in a series, related, found, in the history, and where nothing is."""
        SiteSettings(language="ar").save()
        series = SeriesFactory()
        one, other = (ArticleFactory(title=title, live=True, language="en", series=series) for title in ("Rain", "Sun"))
        Related.objects.create(article=one, other=other, score=1)
        said = 'lang="en" dir="ltr">'
        page = client.get(one.get_absolute_url()).text.replace("\n>", ">")
        assert page.count(f"{said}Sun<") == 3
        for path in ("/search/?q=rain", "/nothing", f"{one.get_absolute_url()}history/"):
            assert said in client.get(path).text.replace("\n>", ">")

    def test_the_markdown_names_its_language(self, client):
        ArticleFactory(title="Regen", live=True, language="de")
        assert "\nlang: de\n" in client.get("/articles/regen.md").text


class TestSitemap:
    SCHEMA = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}

    def alternates(self, client):
        entries = ElementTree.fromstring(client.get("/sitemap-articles.xml").content)
        return {
            entry.findtext("s:loc", namespaces=self.SCHEMA).rpartition("articles/")[2]: {
                link.attrib["hreflang"]: link.attrib["href"].rpartition("articles/")[2]
                for link in entry.findall("x:link", self.SCHEMA)
            }
            for entry in entries
        }

    def test_it_names_the_live_ones_of_each(self, client, rain):
        translate(rain, "de", "Regen")
        translate(rain, "fr", "Pluie", published_at=None)
        ArticleFactory(title="Alone", live=True)
        all_of_it = {"x-default": "rain/", "en": "rain/", "de": "regen/"}
        assert self.alternates(client) == {"rain/": all_of_it, "regen/": all_of_it, "alone/": {}}

    def test_it_takes_the_same_few_queries_however_many(self, client, rain):
        with CaptureQueriesContext(connection) as alone:
            client.get("/sitemap-articles.xml")
        for number in range(10):
            translate(ArticleFactory(title=f"Rain {number}", live=True), "de", f"Regen {number}")
        with CaptureQueriesContext(connection) as many:
            client.get("/sitemap-articles.xml")
        assert len(many) <= len(alone) + 1


class TestDesk:
    def test_the_form_offers_no_draft_of_others_as_an_original(self, client):
        author = UserFactory(role=Role.AUTHOR)
        article, secret = ArticleFactory(author=author), ArticleFactory(title="A secret")
        client.force_login(author)
        answer = client.post(
            f"/admin/articles/article/{article.pk}/change/",
            {"title": "Mine", "content": "Words enough.", "expected_version": "1", "translation_of": secret.pk},
        )
        assert "A secret" not in answer.text
        article.refresh_from_db()
        assert article.translation_of is None

    def test_an_author_is_not_told_the_title_of_a_draft_that_an_editor_attached(self, client):
        author = UserFactory(role=Role.AUTHOR)
        article = ArticleFactory(author=author, translation_of=ArticleFactory(title="A secret"), language="de")
        publishing.revise(article, by=author, title="Anew")
        client.force_login(author)
        for page in ("change/", "history/2/", "history/1/"):
            assert "A secret" not in client.get(f"/admin/articles/article/{article.pk}/{page}").text

    def test_a_second_one_in_a_language_is_refused_at_its_field(self, client, editor, rain):
        translate(rain, "de", "Regen")
        other = ArticleFactory(live=True)
        client.force_login(editor)
        typed = {
            "title": "Noch ein Regen",
            "content": "Es regnet.",
            "author": other.author_id,
            "expected_version": "1",
            "translation_of": rain.pk,
            "language": "de",
        }
        answer = client.post(f"/admin/articles/article/{other.pk}/change/", typed)
        assert "There is one in this language among its translations already." in answer.text
