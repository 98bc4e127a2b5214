"""What is near to what. Which of it is shown, and to whom, is tested with the article's page."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from articles import publishing, related
from articles.models import Article, Related, Unrelated
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

LIGHTHOUSE = "The lighthouse keeper trims the lamp. A lighthouse without a keeper keeps no lamp burning."
LAMPS = "Every keeper of a lighthouse writes down how long the lamp burned: a lamp is the keeper's whole night."
BREAD = "Sourdough wants flour and patience. Flour and water make the sourdough rise, and patience bakes it."


@pytest.fixture
def made():
    """Make an article, and say what is near it."""

    def make(content, **fields):
        article = ArticleFactory(title="!", content=content, **fields)
        related.relate(article)
        return article

    return make


def near(article):
    return [each.other for each in article.nearest.order_by("-score")]


def test_articles_that_share_telling_words_are_near_both_ways(made):
    lighthouse, bread, lamps = made(LIGHTHOUSE), made(BREAD), made(LAMPS)
    assert (near(lighthouse), near(lamps), near(bread)) == ([lamps], [lighthouse], [])


def test_so_are_those_that_share_a_tag_the_rarer_the_nearer(made):
    rare, common = TagFactory(), TagFactory()
    others = [made(f"Number {number} has words of its own.", tags=[common]) for number in range(3)]
    twin = made("Nothing that is told here was told before.", tags=[rare])
    article = made(BREAD, tags=[rare, common])
    assert near(article)[0] == twin
    assert set(near(article)) == {twin, *others}


def test_and_a_little_those_of_one_author(made):
    author = UserFactory()
    first = made(LIGHTHOUSE, author=author)
    assert near(made(BREAD, author=author)) == [first]
    assert near(made(LAMPS))[0] == first


def test_words_are_known_in_scripts_without_spaces(made):
    tea = made("茶の湯は静かな朝に始まる。茶の湯の道具は古い。")
    made("東京の電車は速い。電車の朝は混む。")
    assert near(made("私は茶の湯を習う。茶の湯の先生は厳しい。"))[0] == tea


def test_code_and_links_are_no_words(made):
    code = "Here it is.\n\n```\nlighthouse lighthouse keeper keeper lamp lamp\n```\n\n[it](https://lighthouse.example/lamp)"
    assert near(made(LIGHTHOUSE)) == near(made(code)) == []


def test_the_parts_of_a_series_are_not_told_of_each_other(made):
    series = SeriesFactory()
    first, second = made(LIGHTHOUSE, series=series), made(LAMPS, series=series)
    assert near(second) == []
    assert near(made(LIGHTHOUSE))[0] == first


def test_nor_are_texts_in_different_languages(made):
    made(LIGHTHOUSE, language="de")
    assert near(made(LAMPS)) == []


def test_what_changed_is_near_to_other_things(made):
    lighthouse, bread, article = made(LIGHTHOUSE), made(BREAD), made(LAMPS)
    article.content = BREAD.lower()
    article.save()
    related.relate(article)
    assert (near(article), near(bread), near(lighthouse)) == ([bread], [article], [])


def test_drafts_are_near_too_as_they_go_live_by_the_clock_alone(made):
    draft = made(LIGHTHOUSE, scheduled=True)
    assert near(made(LAMPS, live=True)) == [draft]


def test_of_many_only_the_nearest_are_kept(made):
    tag = TagFactory()
    for number in range(related.KEPT + 3):
        made(f"Number {number} has words of its own.", tags=[tag])
    assert len(near(made(BREAD, tags=[tag]))) == related.KEPT


def test_one_that_was_deleted_meanwhile_is_none(made):
    article = made(LIGHTHOUSE)
    stale = Article.objects.get(pk=article.pk)
    article.delete()
    related.relate(stale)
    assert not Related.objects.exists()


@given(content=st.text(min_size=10, max_size=200))
def test_any_text_has_terms(content):
    article = Article(pk=1, title="Any", content_html=content)
    assert all(0 < weight <= 1.001 for weight in related._terms([article])[1].values())


def test_it_takes_the_same_few_queries_however_many_articles(made, django_assert_num_queries):
    for count in (2, 30):
        for _ in range(count):
            article = made(LIGHTHOUSE)
        with django_assert_num_queries(10):
            related.relate(article)


def test_many_at_once_are_near_each_other_and_to_those_before_them(made):
    before = made(LAMPS)
    together = [ArticleFactory(title="!", content=content) for content in (LIGHTHOUSE, BREAD, LIGHTHOUSE.lower())]
    related.relate(*together)
    lighthouse, bread, same = together
    assert (near(lighthouse), near(same), near(bread)) == ([same, before], [lighthouse, before], [])
    assert set(near(before)) == {lighthouse, same}
    related.relate(*together)
    assert (near(lighthouse), near(same)) == ([same, before], [lighthouse, before])


def test_many_at_once_take_no_more_queries_than_one(django_assert_num_queries):
    articles = [ArticleFactory(title="!", content=LIGHTHOUSE) for _ in range(20)]
    with django_assert_num_queries(10):
        related.relate(*articles)


def test_the_verbs_note_it_and_it_is_found_later():
    by = UserFactory(role=Role.AUTHOR)
    lighthouse = publishing.create(by=by, title="One", content=LIGHTHOUSE)
    other = publishing.create(by=UserFactory(role=Role.AUTHOR), title="Two", content=BREAD)
    assert near_once_caught_up(lighthouse) == []
    publishing.revise(other, by=other.author, content=LAMPS)
    assert near(lighthouse) == []
    assert near_once_caught_up(lighthouse) == [other]
    publishing.revise(other, by=other.author, content=BREAD)
    assert near_once_caught_up(lighthouse) == []


@pytest.mark.parametrize("fields", [{"tags": ["Sea"]}, {"title": "A lighthouse keeper's lamp"}])
def test_a_tag_or_a_title_is_enough(fields):
    by, other = UserFactory(role=Role.EDITOR), UserFactory()
    first = publishing.create(by=by, author=other, title="One", content=LIGHTHOUSE, tags=["Sea"])
    article = publishing.create(by=by, title="Two", content=BREAD)
    publishing.revise(article, by=by, **fields)
    assert near_once_caught_up(article) == [first]


def test_what_an_earlier_version_rendered_is_related_as_it_is_rendered_again():
    articles = [ArticleFactory(content=content) for content in (LIGHTHOUSE, LAMPS)]
    Article.objects.update(rendered_by=0)
    for article in articles:
        publishing.render_again(article.pk)
    assert near_once_caught_up(articles[0]) == [articles[1]]


def near_once_caught_up(article):
    related.catch_up()
    return near(article)


def test_a_change_that_is_undone_leaves_no_note():
    with transaction.atomic():
        publishing.create(by=UserFactory(role=Role.AUTHOR), title="One", content=LIGHTHOUSE)
        transaction.set_rollback(True)
    assert not Unrelated.objects.exists()


def test_many_changes_are_caught_up_with_once_and_those_of_what_is_gone_are_none(monkeypatch):
    kept, gone = ArticleFactory.create_batch(2, content=LIGHTHOUSE)
    for article in (kept, gone, kept):
        related.note(article)
    gone.delete()
    calls = []
    monkeypatch.setattr(related, "relate", lambda *articles: calls.append(articles))
    related.catch_up()
    related.catch_up()
    assert calls == [(kept,)]
    assert not Unrelated.objects.exists()


def test_a_change_made_while_it_catches_up_is_not_forgotten(monkeypatch):
    article = ArticleFactory(content=LIGHTHOUSE)
    related.note(article)
    meanwhile = iter([lambda: related.note(article), lambda: None])
    related_at = []

    def relate(*articles):
        related_at.append(articles)
        next(meanwhile)()

    monkeypatch.setattr(related, "relate", relate)
    related.catch_up()
    assert related_at == [(article,), (article,)]


def test_what_fails_is_tried_again(monkeypatch):
    article, other = ArticleFactory.create_batch(2, content=LIGHTHOUSE)
    related.note(article)
    monkeypatch.setattr(related, "_terms", lambda articles: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        related.catch_up()
    monkeypatch.undo()
    related.relate(other)
    assert near_once_caught_up(article) == [other]
