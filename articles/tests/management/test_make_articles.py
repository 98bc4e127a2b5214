from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from articles.management.commands import make_articles
from articles.management.made_up import Maker
from articles.models import Article, Entry, SlugHistory, Tag
from articles.search import index
from articles.tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db
MAKER = Maker(seed=1, kb=4, authors=40, tags=200)


def test_it_makes_live_articles_with_all_that_belongs_to_them(client):
    call_command("make_articles", 25)
    articles = Article.objects.live().prefetch_related("tags")
    assert len(articles) == Entry.objects.count() == SlugHistory.objects.count() == 25
    assert {len(article.tags.all()) for article in articles} == {1, 2, 3, 4}
    assert client.get(articles[0].get_absolute_url()).status_code == 200


def test_each_is_as_saving_it_would_have_made_it():
    call_command("make_articles", 60)
    for article in Article.objects.select_related("author", "entry"):
        made = {name: getattr(article, name) for name in ("content_html", "excerpt", "word_count", "toc")}
        article.render()
        assert made == {**{name: getattr(article, name) for name in made}, "toc": [list(each) for each in article.toc]}
        again = index.entry(article, article.tags.all())
        entry = {field.attname: getattr(article.entry, field.attname) for field in Entry._meta.fields}
        assert entry == {name: getattr(again, name) for name in entry}
        article.full_clean()


@pytest.mark.once
def test_they_are_about_as_long_as_was_asked():
    lengths = [len(MAKER.make(number).fields["content"]) for number in range(200)]
    assert 3500 < sum(lengths) / len(lengths) < 4500
    text = MAKER.make(1).fields["content"]
    assert all(sign in text for sign in ("\n## ", "](https://", "**", "`"))


@pytest.mark.once
def test_the_same_seed_and_number_make_the_same_article_anywhere():
    assert Maker(seed=1, kb=4, authors=40, tags=200).make(7) == MAKER.make(7) != MAKER.make(8)
    assert MAKER.make(7).fields["title"] == "大日生語今間"


@pytest.mark.once
def test_some_tags_are_on_every_tenth_article_and_some_on_a_handful():
    count = Counter(tag for number in range(1000) for tag in MAKER.make(number).tags)
    assert 80 < count[0] < 130
    assert any(0 < times < 6 for times in count.values())


def test_it_may_be_run_again():
    call_command("make_articles", 3)
    call_command("make_articles", 3)
    assert Article.objects.count() == 6
    assert Tag.objects.count() == 200
    assert ArticleFactory().pk > 6


def test_what_is_made_in_two_runs_is_what_one_would_have_made():
    call_command("make_articles", 2)
    call_command("make_articles", 1)
    titles = [MAKER.make(article.pk).fields["title"] for article in Article.objects.order_by("pk")]
    assert titles == list(Article.objects.order_by("pk").values_list("title", flat=True))


def test_some_stored_together_are_stored_whole_or_not_at_all(monkeypatch):
    monkeypatch.setattr(make_articles, "AT_ONCE", 2)
    ArticleFactory(slug=MAKER.make(ArticleFactory().pk + 5).fields["slug"])
    with pytest.raises(Exception, match="(?i)unique"):
        call_command("make_articles", 4)
    assert Article.objects.count() == Entry.objects.count() == 2 + 2


@pytest.mark.django_db(transaction=True)
def test_many_are_made_by_several_processes(monkeypatch):
    monkeypatch.setattr(make_articles, "AT_ONCE", 5)
    call_command("make_articles", 5 * make_articles.PROCESSES_FROM)
    assert Article.objects.count() == Entry.objects.count() == 5 * make_articles.PROCESSES_FROM


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
