"""Walking through a list, while others write."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.api.clients import API, signed_in, stranger
from articles import publishing
from articles.api import paging
from articles.media import uploads
from articles.models import Article
from articles.tests.factories import ArticleFactory, TagFactory, picture

pytestmark = pytest.mark.django_db
ARTICLES = f"{API}/articles/"


def links(answer):
    return {relation: url for url, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', answer["Link"])}


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [article["id"] for article in answer.json()]


def visits(client, url, relation):
    while url:
        answer = client.get(url)
        yield url, ids(answer)
        url = links(answer).get(relation)


def walk(client, url, relation="next", meanwhile=lambda: None):
    for _, page in visits(client, url, relation):
        yield page
        meanwhile()


@pytest.fixture
def articles(author):
    """Dates and titles that occur twice, and drafts among them."""
    now = timezone.now().replace(microsecond=0)
    return [
        ArticleFactory(
            author=author,
            title=f"Title {number % 3}",
            created_at=now - timedelta(days=number // 2),
            updated_at=now - timedelta(days=number // 3),
            published_at=None if number % 4 == 0 else now - timedelta(days=number % 3),
        )
        for number in range(11)
    ]


@pytest.mark.parametrize("ordering", ["created_at", "published_at", "updated_at", "title"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_following_next_gives_what_skipping_gives_each_once(articles, author, sign, ordering):
    client = signed_in(author)
    query = f"{ARTICLES}?ordering={sign}{ordering}&limit=3&fields=id"
    by_cursor = list(walk(client, query))
    by_skip = [ids(client.get(f"{query}&skip={skip}")) for skip in (0, 3, 6, 9)]
    assert by_cursor == by_skip
    assert sorted(sum(by_cursor, [])) == sorted(article.pk for article in articles)


@pytest.mark.parametrize("ordering", ["created_at", "published_at", "updated_at", "title"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_following_prev_leads_back_over_the_same_pages(articles, author, sign, ordering):
    client = signed_in(author)
    first = f"{ARTICLES}?ordering={sign}{ordering}&limit=3&fields=id"
    *there, (last, ended) = visits(client, first, "next")
    back = list(walk(client, last, "prev"))
    assert back == [ended, *(page for _, page in reversed(there))]


def test_prev_neither_repeats_nor_hides_an_article_while_others_are_written_and_deleted(author):
    articles = ArticleFactory.create_batch(7, live=True)
    last = f"{ARTICLES}?limit=2&skip=6"
    seen = []
    for _, page in visits(stranger(), last, "prev"):
        seen += page[::-1]
        ArticleFactory(live=True)
        Article.objects.filter(pk=articles[0].pk).delete()
    assert seen[:7] == sorted(seen[:7])
    assert len(seen) == len(set(seen))


def test_a_page_whose_rows_are_all_gone_leads_to_what_is_left():
    articles = ArticleFactory.create_batch(5, live=True)
    first = stranger().get(f"{ARTICLES}?limit=2")
    second = stranger().get(links(first)["next"])
    stays = [article.pk for article in articles[3:]][::-1]
    Article.objects.exclude(pk__in=stays).delete()
    following = stranger().get(links(first)["next"])
    assert (ids(following), links(following).keys()) == ([], {"first", "prev", "last"})
    assert ids(stranger().get(links(following)["prev"])) == stays
    Article.objects.all().delete()
    before = stranger().get(links(second)["prev"])
    assert (ids(before), links(before).keys()) == ([], {"first", "last"})


def test_every_list_is_walked_by_cursor_and_back(editor):
    article = publishing.create(by=editor, title="A title", content="Some words that are the content.")
    for number in range(4):
        publishing.revise(article, by=editor, title=f"Title {number}")
        ArticleFactory(live=True, tags=[TagFactory()])
        uploads.store(picture(8 + number), by=editor)
    client = signed_in(editor)
    for path in ("tags", "authors", "images", f"articles/{article.pk}/revisions"):
        whole = client.get(f"{API}/{path}").json()
        url, seen = f"{API}/{path}?limit=3", []
        while url:
            answer = client.get(url)
            assert "skip" not in links(answer).get("next", "")
            seen, last, url = seen + answer.json(), answer, links(answer).get("next")
        assert seen == whole
        assert client.get(links(last)["prev"]).json() == whole[:3]
        assert client.get(f"{API}/{path}?ordering=password").json().keys() == {"ordering"}


def test_drafts_come_as_if_dated_in_the_far_future_on_every_database(articles, author):
    client = signed_in(author)
    down = client.get(f"{ARTICLES}?ordering=-published_at").json()
    assert [article["status"] for article in down] == ["draft"] * 3 + ["live"] * 8
    assert client.get(f"{ARTICLES}?ordering=published_at").json() == down[::-1]


def test_the_default_is_the_newest_by_creation_first(articles, author):
    expected = sorted(articles, key=lambda article: (article.created_at, article.pk), reverse=True)
    assert ids(signed_in(author).get(ARTICLES)) == [article.pk for article in expected]


def test_what_is_written_meanwhile_neither_repeats_nor_hides_an_article():
    before = [article.pk for article in ArticleFactory.create_batch(7, live=True)]
    seen = sum(walk(stranger(), f"{ARTICLES}?limit=2", meanwhile=lambda: ArticleFactory(live=True)), [])
    assert seen == before[::-1]


def test_the_links_lead_to_first_prev_next_and_last_and_keep_what_was_asked():
    ArticleFactory.create_batch(5, live=True, title="Näme & more")
    first = stranger().get(ARTICLES, {"limit": 2, "q": "Näme &", "status": "live"})
    assert first["X-Total-Count"] == "5"
    assert links(first).keys() == {"first", "next", "last"}
    second = stranger().get(links(first)["next"])
    assert links(second).keys() == {"first", "prev", "next", "last"}
    assert second["X-Total-Count"] == "5"
    third = stranger().get(links(second)["next"])
    assert links(third).keys() == {"first", "prev", "last"}
    assert ids(stranger().get(links(third)["last"])) == ids(third)
    assert ids(stranger().get(links(third)["prev"])) == ids(second)
    assert ids(stranger().get(links(third)["first"])) == ids(first)


@pytest.mark.parametrize("ordering", ["created_at", "published_at", "updated_at", "title"])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("limit", [1, 3, 4])
def test_the_end_of_a_long_list_is_read_from_behind(articles, author, sign, ordering, limit, monkeypatch):
    query = f"{ARTICLES}?ordering={sign}{ordering}&limit={limit}&fields=id"
    for client in (signed_in(author), stranger()):
        skipping = links(client.get(query))["last"]
        monkeypatch.setattr(paging, "FAR", 0)
        last = links(client.get(query))["last"]
        monkeypatch.undo()
        assert "skip" not in last
        assert ids(client.get(last)) == ids(client.get(skipping))
        assert links(client.get(last)).keys() == {"first", "prev", "last"}
        before, there = (ids(client.get(links(client.get(end))["prev"])) for end in (last, skipping))
        assert before == there


def test_of_a_list_that_was_emptied_meanwhile_the_end_is_empty(monkeypatch):
    monkeypatch.setattr(paging, "FAR", 0)
    ArticleFactory.create_batch(3, live=True)
    last = links(stranger().get(f"{ARTICLES}?limit=1"))["last"]
    Article.objects.all().delete()
    answer = stranger().get(last)
    assert (ids(answer), links(answer).keys()) == ([], {"first", "last"})


def test_an_empty_list_and_one_past_the_end_are_lists_too():
    assert (ids(stranger().get(ARTICLES)), links(stranger().get(ARTICLES)).keys()) == ([], {"first", "last"})
    for skip in (5, 2**63 - 1):
        assert ids(stranger().get(f"{ARTICLES}?skip={skip}")) == []
    article = ArticleFactory(live=True)
    beyond = stranger().get(f"{ARTICLES}?skip=1000&limit=1")
    assert ids(stranger().get(links(beyond)["prev"])) == [article.pk]


def test_more_than_a_hundred_is_taken_as_a_hundred():
    ArticleFactory.create_batch(101, live=True)
    assert [len(ids(stranger().get(ARTICLES + query))) for query in ("", "?limit=101", "?limit=1000")] == [100] * 3


@pytest.mark.parametrize(
    "query",
    [
        *(f"skip={value}" for value in ("-1", "", "x", "1.5", "1e2", "%2B1", "١", 2**63, 10**30, "%00")),
        *(f"limit={value}" for value in ("0", "-1", "", "x", "1_0", 10**30)),
    ],
)
@pytest.mark.parametrize("path", ["articles", "tags", "authors"])
def test_a_number_that_cannot_be_is_refused_by_name(path, query):
    answer = stranger().get(f"{API}/{path}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [query.partition("=")[0]]


def test_a_cursor_is_good_for_its_own_ordering_alone_and_cannot_be_made_up():
    ArticleFactory.create_batch(2, live=True)
    cursor = links(stranger().get(f"{ARTICLES}?limit=1"))["next"]
    for url in (f"{cursor}&ordering=title", cursor.replace("cursor=", "cursor=x"), f"{ARTICLES}?cursor=é%00"):
        answer = stranger().get(url)
        assert (answer.status_code, list(answer.json())) == (400, ["cursor"])


@pytest.mark.parametrize("ordering", ["-created_at", "created_at", "-published_at", "published_at"])
def test_the_next_page_is_entered_by_an_index(django_assert_num_queries, ordering):
    """That it stays as fast at the end of the list as at its beginning."""
    ArticleFactory.create_batch(3, live=True)
    following = links(stranger().get(f"{ARTICLES}?limit=1&ordering={ordering}"))["next"]
    stranger().get(following)  # its texts are remembered from now on
    with django_assert_num_queries(3) as captured:
        stranger().get(following)
    page = captured[1]["sql"]
    assert "OFFSET" not in page
    assert "NULL" not in page.partition("WHERE")[2]
    assert re.search(r'"(created_at|published_at)" [<>]= ', page.partition("WHERE")[2].partition("AND")[2])


@pytest.fixture
def few_are_counted(monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 3)


def test_a_list_for_which_no_count_is_kept_is_counted_so_far_and_no_further(few_are_counted):
    ArticleFactory.create_batch(3, live=True)
    exact = stranger().get(f"{ARTICLES}?q=article&limit=1&fields=id")
    assert (exact["X-Total-Count"], links(exact).keys()) == ("3", {"first", "next", "last"})
    ArticleFactory(live=True)
    url, seen = f"{ARTICLES}?status=live&limit=1&fields=id", []
    while url:
        page = stranger().get(url)
        assert "X-Total-Count" not in page
        assert "last" not in links(page)
        seen, url = seen + ids(page), links(page).get("next")
    assert len(seen) == len(set(seen)) == 4
    assert ids(stranger().get(links(page)["prev"])) == [seen[2]]
    assert ids(stranger().get(f"{ARTICLES}?status=live&skip=3&limit=1")) == [seen[3]]
    assert ids(stranger().get(f"{ARTICLES}?status=live&skip=9")) == []


@pytest.mark.parametrize("asked", ["count=exact", 'respond-async, Count = "exact"; x=1', "count=exact;foo"])
def test_whoever_prefers_it_has_all_counted(few_are_counted, asked):
    ArticleFactory.create_batch(5, live=True)
    url = f"{ARTICLES}?status=live&limit=2&fields=id"
    answer = stranger().get(url, headers={"Prefer": asked})
    assert (answer["X-Total-Count"], answer["Preference-Applied"]) == ("5", "count=exact")
    assert "last" in links(answer)
    assert "Prefer" in answer["Vary"]
    assert "Preference-Applied" not in stranger().get(url, headers={"Prefer": "count=estimated"})


def test_the_counts_that_are_kept_are_told_however_many_there_are(few_are_counted, author):
    tag = TagFactory()
    ArticleFactory.create_batch(5, live=True, author=author, tags=[tag])
    ArticleFactory(author=author, tags=[tag])
    other = ArticleFactory(live=True)
    for query, total in (("", "6"), (f"author={author.username.upper()}", "5"), (f"tag={tag.slug}", "5")):
        assert stranger().get(f"{ARTICLES}?{query}")["X-Total-Count"] == total
    assert stranger().get(f"{ARTICLES}?author={other.author.username}&tag={tag.slug}")["X-Total-Count"] == "0"
    assert stranger().get(f"{ARTICLES}?author=nobody")["X-Total-Count"] == "0"
