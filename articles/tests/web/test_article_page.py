import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.utils import timezone

from accounts.roles import Role
from articles.models import Image, Related, Revision, SiteSettings
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture

pytestmark = pytest.mark.django_db


def ago(**time):
    return timezone.now() - timedelta(**time)


def test_it_shows_the_article_as_it_was_rendered(client):
    article = ArticleFactory(live=True, title="Tea & <b>sugar</b>", content="Some *fine* words, and `<code>`.")
    page = client.get(article.get_absolute_url()).text
    assert "<h1>Tea &amp; &lt;b&gt;sugar&lt;/b&gt;</h1>" in page
    assert article.content_html in page


def test_it_says_who_wrote_it_when_and_how_long_it_takes(client):
    author = UserFactory(username="Ada", name="Ada Lovelace")
    article = ArticleFactory(author=author, published_at="2026-03-15T12:00:00Z", content="word " * 500)
    article.refresh_from_db()
    page = client.get(article.get_absolute_url()).text
    assert '<a class="byline__author" href="/authors/Ada/" rel="author">Ada Lovelace</a>' in page
    assert '<time datetime="2026-03-15T12:00:00+00:00">March 15, 2026</time>' in page
    assert "3 min read" in page


def test_its_moments_are_valid_in_html_whenever_it_was_published(client):
    article = ArticleFactory(published_at="2026-03-15T12:00:00.123456Z", revised_at="2026-03-16T12:00:00.123456Z")
    page = client.get(article.get_absolute_url()).text
    assert set(re.findall(r'time"? (?:datetime|content)="([^"]+)"', page)) == {
        "2026-03-15T12:00:00+00:00",
        "2026-03-16T12:00:00+00:00",
    }


def test_its_cover_has_a_size_so_that_nothing_jumps(client):
    cover = Image.objects.create(file=picture(8, 6), alt="A <teal> sea", width=8, height=6, digest="0" * 64)
    page = client.get(ArticleFactory(live=True, cover=cover).get_absolute_url()).text
    assert f'<img src="{cover.url}" alt="A &lt;teal&gt; sea" width="8" height="6"' in page
    assert f'<meta property="og:image" content="http://testserver{cover.url}">' in page


def test_its_tags_lead_to_their_pages(client):
    article = ArticleFactory(live=True, tags=[TagFactory(name="Old bees")])
    assert '<a href="/tags/old-bees/" rel="tag">Old bees</a>' in client.get(article.get_absolute_url()).text


@pytest.mark.parametrize("elsewhere", ["", "https://example.org/first"])
def test_it_names_the_address_it_is_to_be_known_by(client, elsewhere):
    article = ArticleFactory(live=True, title="茶", canonical_url=elsewhere)
    expected = elsewhere or f"http://testserver/articles/{quote('茶')}/"
    assert f'<link rel="canonical" href="{expected}">' in client.get(article.get_absolute_url()).text


def test_it_describes_itself_by_its_summary_or_its_beginning(client):
    first = client.get(ArticleFactory(live=True, summary='Two "words".').get_absolute_url()).text
    second = client.get(ArticleFactory(live=True, content="The beginning of it.").get_absolute_url()).text
    assert '<meta name="description" content="Two &quot;words&quot;.">' in first
    assert '<meta name="description" content="The beginning of it.">' in second


def test_it_leads_to_the_articles_published_just_before_and_after(client):
    days = {day: ArticleFactory(title=f"Day {day}", published_at=ago(days=day)) for day in (5, 4, 3, 2, 1)}
    answer = client.get(days[3].get_absolute_url())
    assert (answer.context_data["previous"], answer.context_data["next"]) == (days[4], days[2])
    assert "Day 4" in answer.text
    assert "Day 2" in answer.text
    assert client.get(days[5].get_absolute_url()).context_data["previous"] is None
    assert client.get(days[1].get_absolute_url()).context_data["next"] is None


def test_articles_of_the_same_moment_are_all_met_on_the_way(client):
    at = ago(days=1)
    articles = [ArticleFactory(published_at=at) for _ in range(4)]
    walked, here = [], articles[0]
    while here:
        walked.append(here)
        here = client.get(here.get_absolute_url()).context_data.get("next")
    assert walked == articles


def test_it_says_its_place_in_its_series_whatever_the_positions_are(client):
    series = SeriesFactory()
    third, first, second = (
        ArticleFactory(live=True, series=series, series_position=position) for position in (None, 3, 40)
    )
    ArticleFactory(series=series, series_position=10)  # a draft: not counted
    answer = client.get(second.get_absolute_url())
    assert "Part 2 of 3" in answer.text
    assert (answer.context_data["place"].previous, answer.context_data["place"].next) == (first, third)


SECTIONS = "## Tea & sugar\n\n### Green\n\n## 茶\n\n"


def test_a_long_one_has_a_table_of_contents(client):
    page = client.get(ArticleFactory(live=True, content=SECTIONS + "word " * 800).get_absolute_url()).text
    contents = re.search('<nav class="contents" aria-label="Contents">.*?</nav>', page, re.DOTALL)[0]
    links = re.findall('<a href="#([^"]+)">([^<]+)</a>', contents)
    assert links == [("tea-sugar", "Tea &amp; sugar"), ("green", "Green"), (quote("茶"), "茶")]
    assert contents.count("<ol>") == 2  # what is below a heading, in a list below it


@pytest.mark.parametrize("content", [SECTIONS + "word " * 700, "## One\n\n## Two\n\n" + "word " * 800])
def test_a_short_one_or_one_of_few_headings_has_none(client, content):
    assert 'class="contents"' not in client.get(ArticleFactory(live=True, content=content).get_absolute_url()).text


def test_a_change_of_the_text_changes_the_table_of_contents():
    article = ArticleFactory(content=SECTIONS)
    article.content = "## Coffee\n\nInstead."
    article.save(update_fields={"content"})
    article.refresh_from_db()
    assert article.toc == [[2, "coffee", "Coffee"]]


def relate(article, *others):
    """The first of the others is the nearest."""
    article.nearest.all().delete()
    for score, other in enumerate(reversed(others), start=1):
        Related.objects.create(article=article, other=other, score=score)


def test_it_leads_to_the_nearest_articles(client):
    article, *others = (ArticleFactory(live=True) for _ in range(7))
    relate(article, *others)
    answer = client.get(article.get_absolute_url())
    assert answer.context_data["related"] == others[:4]
    assert answer.text.count(f'<a href="{others[3].get_absolute_url()}"') == 1


@pytest.mark.parametrize("role", [None, Role.EDITOR])
def test_but_never_to_what_is_not_live(client, role):
    article, other = ArticleFactory(live=True), ArticleFactory(live=True, title="Live")
    relate(article, ArticleFactory(title="Secret"), ArticleFactory(title="Later", scheduled=True), other)
    if role:
        client.force_login(UserFactory(role=role))
    answer = client.get(article.get_absolute_url())
    assert answer.context_data["related"] == [other]
    assert "Secret" not in answer.text
    assert "Later</a>" not in answer.text


def test_it_takes_the_same_few_queries_however_much_it_shows(client, django_assert_num_queries):
    series = SeriesFactory()
    article = ArticleFactory(live=True, series=series, series_position=1, revised_at=timezone.now())
    for _ in range(2):
        others = [ArticleFactory(live=True, series=series, tags=[TagFactory()]) for _ in range(5)]
        relate(article, *others)
        article.tags.add(TagFactory(), TagFactory())
        for other in others:
            Revision.objects.create(article=article, number=other.pk, action="changed", note="It was Ada.", state={})
        with django_assert_num_queries(4):  # settings, article with its tags, corrections, what is around it
            client.get(article.get_absolute_url())


def test_an_earlier_address_leads_to_the_present_one(client):
    article = ArticleFactory(live=True, slug="first")
    for article.slug in ("second", "third"):
        article.save()
    answer = client.get("/articles/first/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/articles/third/")


@pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
class TestBeforeItIsLive:
    @pytest.fixture
    def article(self, state):
        article = ArticleFactory(slug="old", author=UserFactory(role=Role.AUTHOR), **state)
        article.slug = "new"
        article.save()
        return article

    @pytest.mark.parametrize("slug", ["old", "new"])
    def test_strangers_and_other_authors_find_nothing(self, client, article, slug):
        assert client.get(f"/articles/{slug}/").status_code == 404
        client.force_login(UserFactory(role=Role.AUTHOR))
        assert client.get(f"/articles/{slug}/").status_code == 404

    @pytest.mark.parametrize("role", ["its author", Role.EDITOR])
    def test_its_author_and_editors_see_it_and_are_told_so(self, client, article, role):
        client.force_login(article.author if role == "its author" else UserFactory(role=role))
        answer = client.get("/articles/old/", follow=True)
        assert answer.redirect_chain == [("/articles/new/", 301)]
        assert "only its author and editors can see this page" in answer.text
        assert f'href="/admin/articles/article/{article.pk}/change/"' in answer.text
        assert '<meta name="robots" content="noindex">' in answer.text

    def test_no_cache_keeps_it(self, client, article):
        client.force_login(article.author)
        answer = client.get(article.get_absolute_url())
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Last-Modified" not in answer.headers

    def test_its_author_sees_where_in_the_series_it_will_stand(self, client, article):
        article.series = SeriesFactory()
        article.series_position = 2
        article.save()
        for position in (1, 3):
            ArticleFactory(live=True, series=article.series, series_position=position)
        client.force_login(article.author)
        assert "Part 2 of 3" in client.get(article.get_absolute_url()).text


def test_a_contributor_is_not_offered_to_edit_what_has_gone_live(client):
    article = ArticleFactory(live=True, author=UserFactory(role=Role.CONTRIBUTOR))
    client.force_login(article.author)
    assert "/change/" not in client.get(article.get_absolute_url()).text


def test_it_says_when_it_changed_last(client):
    article = ArticleFactory(published_at="2026-03-15T12:00:00Z", updated_at="2026-03-16T08:30:00Z")
    assert client.get(article.get_absolute_url()).headers["Last-Modified"] == "Mon, 16 Mar 2026 08:30:00 GMT"


def test_one_that_was_scheduled_changed_when_it_went_live(client):
    with time_machine.travel("2026-03-01T00:00:00Z"):
        article = ArticleFactory(published_at="2026-03-15T12:00:00Z")
    assert client.get(article.get_absolute_url()).headers["Last-Modified"] == "Sun, 15 Mar 2026 12:00:00 GMT"


def test_a_browser_gets_the_page_again_when_only_its_neighbours_changed(client):
    article = ArticleFactory(published_at=ago(days=2))
    seen = client.get(article.get_absolute_url()).headers
    ArticleFactory(published_at=ago(days=1))
    conditions = {"If-None-Match": seen["ETag"], "If-Modified-Since": seen["Last-Modified"]}
    assert client.get(article.get_absolute_url(), headers=conditions).status_code == 200


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"license_name": "CC <BY>"}, "CC &lt;BY&gt;"),
        (
            {"license_name": "CC BY", "license_url": "https://example.org/by"},
            '<a href="https://example.org/by" rel="license">CC BY</a>',
        ),
    ],
)
def test_it_names_the_licence_of_the_site(client, settings, expected):
    SiteSettings.objects.create(**settings)
    page = client.get(ArticleFactory(live=True).get_absolute_url()).text
    assert re.findall(r"Licence:\s+(.*?)\s+</p>", page) == ([expected] if expected else [])


def test_no_heading_takes_the_address_of_the_page_s_own_parts(client):
    article = ArticleFactory(live=True, content="## Content\n\n## Page content\n\nLong enough.")
    ids = re.findall(r' id="([^"]+)"', client.get(article.get_absolute_url()).text)
    assert sorted(ids) == sorted(set(ids))
