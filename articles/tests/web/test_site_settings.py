from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.formats import date_format

from articles.caching import version
from articles.models import SiteSettings
from articles.tests.factories import ArticleFactory
from articles.web.middleware import SiteSettingsMiddleware, activate

pytestmark = pytest.mark.django_db


def test_pages_show_what_the_site_says_about_itself(client):
    SiteSettings(title="Bees & Co", tagline="Honest honey.", description="On bees.", footer="One\nTwo <3").save()
    page = client.get("/").text
    assert "<title>Bees &amp; Co · Honest honey.</title>" in page
    assert '<h1 class="masthead__title"><a href="/">Bees &amp; Co</a></h1>' in page
    assert '<p class="masthead__tagline">Honest honey.</p>' in page
    assert '<meta name="description" content="On bees.">' in page
    assert "<p>One<br>Two &lt;3</p>" in page


@pytest.mark.parametrize("path", ["/", "/no/such/page/"])
def test_a_change_is_seen_at_once(client, path):
    assert "blogsite" in client.get(path).text
    SiteSettings(title="Bees").save()
    assert "Bees" in client.get(path).text
    assert "blogsite" not in client.get(path).text


@pytest.mark.parametrize("path", ["/", "/no/such/page/"])
def test_pages_speak_the_language_of_the_site(client, path):
    SiteSettings(language="ar").save()
    assert '<html lang="ar" dir="rtl">' in client.get(path).text


def test_dates_are_written_in_its_language_and_by_its_clock(client):
    SiteSettings(language="de", time_zone="Europe/Berlin").save()
    ArticleFactory(published_at="2026-02-28T23:30Z")
    assert '<time class="entry__when" datetime="2026-03-01T00:30:00+01:00">1. März 2026</time>' in client.get("/").text


@pytest.mark.parametrize(
    ("language", "month"),
    [("en", "March 2026"), ("fr", "Mars 2026"), ("es", "Marzo de 2026"), ("ja", "2026年3月"), ("ar", "مارس 2026")],
)
def test_a_month_is_called_as_its_language_calls_it(client, language, month):
    SiteSettings(language=language, title="Bees").save()
    ArticleFactory(published_at="2026-03-01T12:00Z")
    page = client.get("/archive/2026/3/").text
    assert f"<h1>{month}</h1>" in page
    assert f"<title>{month} · Bees</title>" in page


def test_a_moment_is_written_in_arabic_too():
    moment = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
    with translation.override("ar"):
        assert date_format(moment, "DATETIME_FORMAT") == "1 مارس، 2026، 2:05 م"


def test_the_next_request_starts_afresh_even_after_an_error(rf):
    def fail(request):
        activate(request.site)
        assert (translation.get_language(), timezone.get_current_timezone_name()) == ("de", "Asia/Tokyo")
        raise ZeroDivisionError

    SiteSettings(language="de", time_zone="Asia/Tokyo").save()
    with pytest.raises(ZeroDivisionError):
        SiteSettingsMiddleware(fail)(rf.get("/"))
    assert (translation.get_language(), timezone.get_current_timezone_name()) == ("en", "UTC")


def test_who_does_not_ask_for_them_does_not_load_them(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        SiteSettingsMiddleware(lambda request: HttpResponse())(rf.get("/api/v1/articles/"))


@pytest.mark.django_db(transaction=True)
def test_where_readers_are_answered_they_are_loaded_once_until_somebody_changes_them(
    client, monkeypatch, django_assert_num_queries
):
    states = [version.State(version.Known(0, 1, 0), 0.0)]
    monkeypatch.setattr(version, "current", lambda: states[-1])
    monkeypatch.setattr(version._serving, "on", True)
    with CaptureQueriesContext(connection) as first:
        assert "<title>blogsite</title>" in client.get("/").text
    with django_assert_num_queries(len(first) - 1):
        client.get("/")
    SiteSettings(title="Bees").save()
    states.append(version.State(version.Known(0, 2, 0), 0.0))
    assert "<title>Bees</title>" in client.get("/").text


@pytest.mark.parametrize("path", ["/", "/no/such/page/"])
def test_a_page_loads_them_once(client, path):
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert sum(SiteSettings._meta.db_table in query["sql"] for query in queries) == 1
