from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role, role_of
from articles.management.commands.load_demo import DEMO
from articles.models import Article, Image, Revision, Series, SiteSettings, Tag
from articles.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo():
    call_command("load_demo")


def test_the_demo_has_a_dozen_live_articles_a_draft_and_one_that_is_scheduled(demo):
    assert Article.objects.live().count() == 12
    assert (Article.objects.scheduled().count(), Article.objects.drafts().count()) == (1, 1)
    assert 6 <= Tag.objects.count() <= 8


def test_its_dates_are_told_from_the_day_of_loading(demo):
    newest = Article.objects.live().newest()[0].published_at
    assert timezone.now() - timedelta(days=2) < newest
    coming = Article.objects.scheduled().get().published_at
    assert timedelta(days=6) < coming - timezone.now() < timedelta(days=8)


def test_its_writers_have_names_roles_and_no_way_to_sign_in(demo):
    writers = User.objects.all()
    assert {role_of(writer) for writer in writers} == {Role.EDITOR, Role.AUTHOR, Role.CONTRIBUTOR}
    assert all(writer.is_active and writer.bio and not writer.has_usable_password() for writer in writers)


def test_its_series_has_three_parts_in_order(demo):
    series = Series.objects.get()
    slugs = series.articles.order_by("series_position").values_list("slug", flat=True)
    assert list(slugs) == ["the-punch", "the-matrix", "the-proof"]
    assert series.description


def test_its_pictures_are_small_and_say_what_they_show(demo):
    assert Image.objects.count() == len(list((DEMO / "pictures").iterdir())) == 7
    assert not Image.objects.filter(alt="").exists()
    assert all(picture.stat().st_size < 80_000 for picture in (DEMO / "pictures").iterdir())


def test_it_shows_what_a_text_can_hold(demo):
    html = Article.objects.get(slug="writing-in-markdown").content_html
    for part in ["<table>", 'data-language="rust"', 'type="checkbox"', "footnote-ref", "<blockquote>", "<img "]:
        assert part in html
    assert 'href="/articles/slack-water/"' in html


def test_its_japanese_article_says_its_language(demo):
    assert Article.objects.get(title="雨の音を数える").language == "ja"


def test_loading_it_again_changes_nothing(demo):
    Article.objects.filter(slug="slack-water").update(title="Mine now")
    SiteSettings.objects.update(title="My site")
    User.objects.filter(username="ines").update(bio="Me")
    revisions = Revision.objects.count()
    call_command("load_demo")
    assert Article.objects.get(slug="slack-water").title == "Mine now"
    assert SiteSettings.load().title == "My site"
    assert User.objects.get(username="ines").bio == "Me"
    assert Revision.objects.count() == revisions


def test_a_demo_that_does_not_come_in_whole_says_why(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.touch()
    with pytest.raises(CommandError, match=r"The demo is not whole: \S+\.md: "):
        call_command("load_demo")


def test_it_does_not_touch_somebody_elses_account():
    UserFactory(username="Ines", bio="Another")
    with pytest.raises(CommandError, match="somebody else"):
        call_command("load_demo")
    assert not Article.objects.exists()


def test_its_about_page_is_in_the_menu(demo, client):
    assert '<a href="/about/">About</a>' in client.get("/").text
    assert 'href="/articles/start-here/"' in client.get("/about/").text
