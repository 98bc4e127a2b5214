import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Entry, SlugHistory, Tag
from articles.tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db


def test_it_makes_live_articles_with_all_that_belongs_to_them(client):
    call_command("make_articles", 25)
    articles = Article.objects.live().prefetch_related("tags")
    assert len(articles) == Entry.objects.count() == SlugHistory.objects.count() == 25
    assert {len(article.tags.all()) for article in articles} == {3}
    assert client.get(articles[0].get_absolute_url()).status_code == 200


def test_it_may_be_run_again():
    call_command("make_articles", 3)
    call_command("make_articles", 3)
    assert Article.objects.count() == 6
    assert Tag.objects.count() == 120


def test_a_site_in_production_is_left_alone_unless_somebody_says_yes(settings):
    settings.PRODUCTION = True
    ArticleFactory()
    with pytest.raises(CommandError, match="--yes"):
        call_command("make_articles", 3)
    call_command("make_articles", 3, yes=True)
    assert Article.objects.count() == 4


def test_a_new_site_may_be_filled_in_production_too(settings):
    settings.PRODUCTION = True
    call_command("make_articles", 3)
    assert Article.objects.count() == 3


def test_less_than_one_can_not_be_made():
    with pytest.raises(CommandError):
        call_command("make_articles", 0)
