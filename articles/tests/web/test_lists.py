from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Page, SiteSettings
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db


def listed(answer):
    return list(answer.context_data["articles"])


def at(moment):
    return ArticleFactory(published_at=moment)


def test_the_newest_come_first_a_page_at_a_time(client):
    SiteSettings(articles_per_page=2).save()
    oldest, newest, middle = (ArticleFactory(published_at=timezone.now() - timedelta(days=days)) for days in (3, 1, 2))
    assert listed(client.get("/")) == [newest, middle]
    assert listed(client.get("/?page=2")) == [oldest]


def test_pages_lead_to_each_other(client):
    SiteSettings(articles_per_page=1).save()
    for _ in range(3):
        ArticleFactory(live=True)
    second = client.get("/?page=2").text
    assert '<a href="/" rel="prev">' in second
    assert '<a href="?page=3" rel="next">' in second
    assert '<link rel="canonical" href="http://testserver/?page=2">' in second


def test_a_site_without_articles_says_so(client):
    assert "Nothing has been published yet" in client.get("/").text


def test_a_teaser_shows_the_excerpt_as_text(client):
    ArticleFactory(live=True, summary="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get("/").text


def test_tags_are_listed_with_their_live_articles_counted(client):
    bees, hush = TagFactory(name="Bees"), TagFactory(name="Hush")
    for state in ({"live": True}, {"live": True}, {"scheduled": True}, {}):
        ArticleFactory(tags=[bees], **state)
    ArticleFactory(tags=[hush])
    assert [(tag.name, tag.article_count) for tag in client.get("/tags/").context_data["tags"]] == [("Bees", 2)]


def test_tags_stand_in_the_order_of_their_names_whatever_the_case(client):
    ArticleFactory(live=True, tags=[TagFactory(name=name) for name in ("bees", "Zeal", "ATO", "agile")])
    assert [tag.name for tag in client.get("/tags/").context_data["tags"]] == ["agile", "ATO", "bees", "Zeal"]


def test_a_tag_in_any_script_has_its_page(client):
    article = ArticleFactory(live=True, tags=[TagFactory(name="日本語")])
    ArticleFactory(live=True)
    assert listed(client.get("/tags/日本語/")) == [article]


def test_a_series_is_in_its_order_and_what_has_no_place_comes_last(client):
    series = SeriesFactory(title="Garden")
    third, second, first = (
        ArticleFactory(live=True, series=series, series_position=position) for position in (None, 2, 1)
    )
    assert listed(client.get("/series/garden/")) == [first, second, third]


def test_an_author_is_found_whatever_the_case_at_one_address(client):
    article = ArticleFactory(live=True, author=UserFactory(username="Ada.L+1"))
    answer = client.get("/authors/ada.l+1/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/authors/Ada.L+1/")
    assert listed(client.get("/authors/Ada.L+1/")) == [article]


def test_an_account_that_has_published_nothing_is_not_given_away(client):
    ArticleFactory(author=UserFactory(username="Ada"))
    assert client.get("/authors/Ada/").status_code == 404
    assert client.get("/authors/ada/").status_code == 404


def test_an_author_who_left_keeps_the_page(client):
    ArticleFactory(live=True, author=UserFactory(username="Ada", is_active=False))
    assert client.get("/authors/Ada/").status_code == 200


def test_the_archive_counts_months_and_lists_no_article(client):
    for moment in ("2025-12-05T12:00Z", "2026-01-05T12:00Z", "2026-01-06T12:00Z"):
        at(moment)
    answer = client.get("/archive/")
    assert [(f"{month['month']:%Y-%m}", month["count"]) for month in answer.context_data["months"]] == [
        ("2026-01", 2),
        ("2025-12", 1),
    ]
    assert "/articles/" not in answer.text


def test_a_year_has_its_months_and_articles(client):
    at("2025-06-05T12:00Z")
    article = at("2026-02-05T12:00Z")
    answer = client.get("/archive/2026/")
    assert [month["month"].month for month in answer.context_data["months"]] == [2]
    assert listed(answer) == [article]


def test_a_month_may_be_written_with_a_zero(client):
    article = at("2026-02-05T12:00Z")
    assert listed(client.get("/archive/2026/02/")) == listed(client.get("/archive/2026/2/")) == [article]


@pytest.mark.parametrize(
    ("time_zone", "year", "month"),
    [("UTC", 2025, 12), ("Europe/Berlin", 2026, 1), ("Pacific/Kiritimati", 2026, 1), ("America/New_York", 2025, 12)],
)
def test_the_clock_of_the_site_says_which_month_an_article_is_of(client, time_zone, year, month):
    SiteSettings(time_zone=time_zone).save()
    article = at("2025-12-31T23:30Z")
    assert listed(client.get(f"/archive/{year}/{month}/")) == [article]
    assert client.get(f"/archive/{4051 - year}/").status_code == 404
    assert [(m["month"].year, m["month"].month) for m in client.get("/archive/").context_data["months"]] == [
        (year, month)
    ]


@pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("path", ["/archive/1000/", "/archive/1000/1/", "/archive/2999/12/"])
def test_years_far_away_are_not_found_on_any_clock(client, time_zone, path):
    SiteSettings(time_zone=time_zone).save()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("asked", "last"), [("/?page=3", "/?page=2"), (f"/?page={'9' * 40}&from=feed", "/?page=2&from=feed")]
)
def test_a_page_past_the_end_leads_to_the_last_for_now(client, asked, last):
    SiteSettings(articles_per_page=1).save()
    ArticleFactory(live=True)
    ArticleFactory(live=True)
    answer = client.get(asked)
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (301, last, "no-cache")


def test_the_pages_of_a_list_that_fits_on_one_lead_to_it(client):
    ArticleFactory(live=True)
    assert client.get("/?page=2")["Location"] == "/"


@pytest.mark.parametrize(("page", "field"), [("/authors/", "author"), ("/series/", "series")])
def test_authors_and_series_are_listed_with_their_live_articles_counted(client, page, field):
    make = {"author": UserFactory, "series": SeriesFactory}[field]
    busy, hidden = make(), make()
    for state in ({"live": True}, {"live": True}, {"scheduled": True}, {}):
        ArticleFactory(**{field: busy}, **state)
    ArticleFactory(**{field: hidden})
    Page(title="About", content="Words enough for a page.", author=UserFactory(), published_at=timezone.now()).save()
    listed = client.get(page).context_data["object_list"]
    assert [(each, each.article_count) for each in listed] == [(busy, 2)]
