"""What is noted when an article or a list goes or moves, told by what a stranger is answered afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from articles import publishing
from articles.models import Redirect, SiteSettings
from articles.tests.factories import SeriesFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

CONTENT = "Words enough for an article."
LATER = timedelta(days=9)


@pytest.fixture
def editor():
    return UserFactory(username="ed", role=Role.EDITOR)


@pytest.fixture
def write(editor):
    def write(title="Hello", **fields):
        fields = {"published_at": timezone.now(), "content": CONTENT} | fields
        return publishing.create(by=editor, title=title, **fields)

    return write


def answer(path, client=None):
    found = (client or Client()).get(path)
    return found.status_code, found.get("Location")


GONE = (410, None)
NEVER = (404, None)
OF_ARTICLE = ["/articles/hello/", "/articles/hello", "/Articles/HELLO/", "/articles/hello.md"]


@pytest.mark.parametrize("path", OF_ARTICLE)
def test_a_live_article_that_is_deleted_is_gone(write, editor, path):
    publishing.remove(write(), by=editor)
    assert answer(path) == GONE


@pytest.mark.parametrize("path", [*OF_ARTICLE, "/articles/former/", "/articles/former.md"])
def test_so_are_its_earlier_addresses(write, editor, path):
    article = publishing.revise(write(slug="former"), by=editor, slug="hello")
    publishing.remove(article, by=editor)
    assert answer(path) == GONE


@pytest.mark.parametrize("path", OF_ARTICLE)
def test_a_withdrawn_article_is_gone_until_it_is_back(write, editor, path):
    article = publishing.withdraw(write(), by=editor)
    assert answer(path) == GONE
    publishing.publish(article, by=editor)
    assert answer(path)[0] in {200, 301}


def test_caches_ask_again_what_is_gone(write, editor, client):
    publishing.withdraw(write(), by=editor)
    assert client.get("/articles/hello/")["Cache-Control"] == "no-cache"


def test_a_live_article_that_is_moved_to_the_future_is_gone(write, editor):
    publishing.publish(write(), by=editor, at=timezone.now() + LATER)
    assert answer("/articles/hello/") == GONE


def test_who_may_see_a_withdrawn_article_does(write, editor, client):
    publishing.withdraw(write(), by=editor)
    client.force_login(editor)
    assert answer("/articles/hello/", client) == (200, None)


@pytest.mark.parametrize("path", OF_ARTICLE)
@pytest.mark.parametrize("date", [None, timezone.now() + LATER], ids=["draft", "scheduled"])
def test_of_what_never_was_live_nothing_tells(write, editor, date, path):
    article = write(published_at=date)
    publishing.revise(article, by=editor, slug="hi")
    publishing.revise(article, by=editor, slug="hello", tags=["Bees"])
    publishing.withdraw(article, by=editor)
    assert answer(path) == NEVER
    publishing.remove(article, by=editor)
    assert answer(path) == answer("/articles/hi/") == answer("/tags/bees/") == NEVER


def test_an_address_that_a_draft_had_before_it_was_live_is_not_gone_with_it(write, editor):
    article = publishing.revise(write(slug="first", published_at=None), by=editor, slug="hello")
    publishing.publish(article, by=editor)
    assert answer("/articles/first/") == (301, "/articles/hello/")
    publishing.remove(article, by=editor)
    assert answer("/articles/first/") == NEVER


def test_an_imported_address_goes_with_its_article(write, editor):
    article = write()
    Redirect.objects.create(path="/2015/Hello.html", article=article)
    publishing.withdraw(article, by=editor)
    assert answer("/2015/hello.html") == GONE
    publishing.remove(article, by=editor)
    assert answer("/2015/hello.html") == GONE


def test_an_imported_address_of_what_never_was_live_tells_nothing(write, editor):
    article = write(published_at=None)
    Redirect.objects.create(path="/2015/hello.html", article=article)
    assert answer("/2015/hello.html") == NEVER
    publishing.remove(article, by=editor)
    assert answer("/2015/hello.html") == NEVER
    assert not Redirect.objects.exists()


def test_deleting_an_account_by_itself_notes_all_the_same(write):
    write(author=UserFactory(username="Ada"), tags=["Bees"])
    User.objects.get(username="Ada").delete()
    assert [answer(path) for path in ("/articles/hello/", "/authors/Ada/", "/authors/ada", "/tags/bees/")] == [GONE] * 4


LISTS = {
    "tags": ("/tags/bees/", "/tags/bees/feeds/rss.xml", "/TAGS/bees/feeds/ATOM.xml"),
    "series": ("/series/garden/", "/Series/Garden"),
    "author": ("/authors/Ada/", "/authors/ada/", "/authors/Ada/feeds/rss.xml"),
    "published_at": ("/archive/2015/", "/archive/2015/3/", "/archive/2015/03"),
}


@pytest.fixture
def filed(write):
    return write(
        author=UserFactory(username="Ada", role=Role.AUTHOR),
        tags=["Bees"],
        series=SeriesFactory(title="Garden"),
        published_at=datetime(2015, 3, 15, 12, tzinfo=UTC),
    )


def leave(article, editor):
    """What takes an article out of the lists that it stood in."""
    return {
        "withdraw": lambda: publishing.withdraw(article, by=editor),
        "remove": lambda: publishing.remove(article, by=editor),
        "schedule": lambda: publishing.publish(article, by=editor, at=timezone.now() + LATER),
        "tags": lambda: publishing.revise(article, by=editor, tags=["Wasps"]),
        "series": lambda: publishing.revise(article, by=editor, series=None),
        "author": lambda: publishing.revise(article, by=editor, author=editor),
        "published_at": lambda: publishing.revise(article, by=editor, published_at=timezone.now()),
    }


@pytest.mark.parametrize(
    ("way", "lists"), [*((way, "all") for way in ("withdraw", "remove", "schedule")), *((one, one) for one in LISTS)]
)
def test_a_list_is_gone_with_its_last_article(filed, editor, way, lists):
    leave(filed, editor)[way]()
    paths = sum(LISTS.values(), ()) if lists == "all" else LISTS[lists]
    assert {path: answer(path) for path in paths} == dict.fromkeys(paths, GONE)


def test_a_list_that_has_articles_again_is_there_again(filed, editor):
    publishing.withdraw(filed, by=editor)
    publishing.publish(filed, by=editor)
    assert answer("/tags/bees/") == (200, None)
    assert answer("/TAGS/Bees") == (301, "/tags/bees/")
    assert answer("/tags/bees/?page=x") == NEVER


def test_a_list_that_others_are_in_stays(filed, write, editor):
    write("Another", tags=["Bees"])
    publishing.withdraw(filed, by=editor)
    assert answer("/tags/bees/") == (200, None)


def test_a_month_is_that_of_the_site(write, editor):
    SiteSettings(time_zone="Pacific/Kiritimati").save()
    publishing.withdraw(write(published_at=datetime(2015, 12, 31, 12, tzinfo=UTC)), by=editor)
    assert [answer("/archive/2016/1/"), answer("/archive/2015/12/")] == [GONE, NEVER]


def test_a_month_that_another_time_zone_leaves_empty_is_gone(write):
    write(published_at=datetime(2020, 1, 1, 3, tzinfo=UTC))
    site = SiteSettings.load()
    site.time_zone = "America/New_York"
    site.save()
    assert [answer(f"/archive/{path}/") for path in ("2020", "2020/1", "2020/01", "2020/2")] == [GONE] * 3 + [NEVER]
    assert answer("/archive/2019/12/") == (200, None)


def test_a_renamed_list_leads_on_with_all_below_it(filed):
    tag, series, ada = filed.tags.get(), filed.series, filed.author
    tag.slug, series.slug, ada.username = "honey", "allotment", "Grace"
    for thing in (tag, series, ada):
        thing.save()
    assert answer("/tags/bees/") == answer("/Tags/Bees") == (301, "/tags/honey/")
    assert answer("/TAGS/Bees/FEEDS/RSS.XML?a=1") == (301, "/tags/honey/feeds/rss.xml?a=1")
    assert answer("/series/garden/") == (301, "/series/allotment/")
    assert answer("/authors/ada") == (301, "/authors/Grace/")
    assert answer("/authors/Ada/feeds/atom.xml") == (301, "/authors/Grace/feeds/atom.xml")


def test_a_page_that_an_old_name_does_not_have_any_more_is_one_hop_away(filed):
    tag = filed.tags.get()
    tag.slug = "honey"
    tag.save()
    assert answer("/tags/bees/?page=7") == (301, "/tags/honey/")


def test_names_that_are_given_back_and_forth_lead_to_where_things_are(filed, editor):
    tag = filed.tags.get()
    for slug in ("honey", "bees", "wax"):
        tag.slug = slug
        tag.save()
    assert answer("/tags/bees/") == answer("/tags/honey/") == (301, "/tags/wax/")
    publishing.withdraw(filed, by=editor)
    assert answer("/tags/bees/") == answer("/tags/honey/") == answer("/tags/wax/") == GONE


def test_a_renamed_list_that_nobody_ever_saw_tells_nothing(write):
    article = write(published_at=None, tags=["Hush"])
    tag = article.tags.get()
    tag.slug = "hushed"
    tag.save()
    assert answer("/tags/hush/") == answer("/tags/hushed/") == NEVER


@pytest.mark.parametrize("path", [*LISTS["tags"], *LISTS["series"]])
def test_a_deleted_list_is_gone(filed, path):
    tag, series = filed.tags.get(), filed.series
    tag.delete()
    series.delete()
    assert answer(path) == GONE


def test_a_deleted_list_that_nobody_ever_saw_tells_nothing(write):
    write(published_at=None, tags=["Hush"]).tags.get().delete()
    assert answer("/tags/hush/") == NEVER


def test_a_merged_tag_leads_to_the_other(filed, write, editor):
    bees, wasps = filed.tags.get(), TagFactory(name="Wasps")
    bees.slug = "apis"
    bees.save()
    assert publishing.merge([bees, wasps], into=wasps, by=editor) == 1
    assert answer("/tags/apis/") == answer("/tags/bees/") == (301, "/tags/wasps/")
    assert answer("/tags/bees/feeds/rss.xml") == (301, "/tags/wasps/feeds/rss.xml")


def test_a_change_of_words_alone_asks_nothing_of_the_ledger(filed, editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as asked:
        publishing.revise(filed, by=editor, content="Other words, and enough of them.")
    assert not any("redirect" in query["sql"] or "sitesettings" in query["sql"] for query in asked)


def test_what_is_left_is_noted_in_one_query(filed, editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as asked:
        publishing.withdraw(filed, by=editor)
    assert sum("redirect" in query["sql"] for query in asked) == 1
