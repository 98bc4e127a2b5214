import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import SiteSettings
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

NOINDEX = '<meta name="robots" content="noindex">'


def test_the_page_has_a_form_that_keeps_what_was_asked(client):
    answer = client.get("/search/", {"q": '"bees" & <hives>'})
    assert answer.status_code == 200
    assert 'value="&quot;bees&quot; &amp; &lt;hives&gt;"' in answer.text


def test_search_engines_are_asked_to_keep_answers_out(client):
    assert NOINDEX in client.get("/search/", {"q": "bees"}).text
    assert NOINDEX not in client.get("/search/").text


def test_an_answer_shows_title_text_date_and_author_with_what_matches_marked(client):
    author = UserFactory(name="Ada")
    ArticleFactory(live=True, title="Bees & hives", content="The busy <b>bees</b> of a & b.", author=author)
    text = client.get("/search/", {"q": "bees"}).text
    assert "<mark>Bees</mark> &amp; hives" in text
    assert "The busy <mark>bees</mark> of a &amp; b." in text
    assert "Ada</a>" in text
    assert "<time" in text


def test_the_text_of_an_answer_has_no_signs_of_footnotes(client):
    ArticleFactory(live=True, content="Bees hum.[^1] They rest.\n\n[^1]: At noon.")
    text = client.get("/search/", {"q": "bees"}).text
    assert "<mark>Bees</mark> hum. They rest. At noon.<" in text


def test_an_answer_goes_over_pages_that_keep_the_question(client):
    SiteSettings(articles_per_page=1).save()
    for number in range(3):
        ArticleFactory(live=True, title=f"Bees {number}")
    second = client.get("/search/", {"q": "bees &", "page": 2})
    assert 'href="/search/?q=bees+%26" rel="prev"' in second.text
    assert 'href="?q=bees+%26&amp;page=3" rel="next"' in second.text
    assert "3 articles have this" in second.text


@pytest.mark.parametrize("page", ["0", "x", "-1", "9" * 5000])
def test_what_is_no_number_of_a_page_is_not_found(client, page):
    ArticleFactory(live=True, title="Bees")
    assert client.get("/search/", {"q": "bees", "page": page}).status_code == 404


@pytest.mark.parametrize("page", ["2", "9" * 4000])
def test_a_page_past_the_end_leads_to_the_last(client, page):
    ArticleFactory(live=True, title="Bees")
    answer = client.get("/search/", {"q": "bees &", "page": page})
    assert (answer.status_code, answer["Location"]) == (301, "/search/?q=bees+%26")


def test_where_nothing_is_found_the_page_says_so_and_helps(client):
    answer = client.get("/search/", {"q": "<bees>"})
    assert answer.status_code == 200
    assert "<q>&lt;bees&gt;</q>" in answer.text
    assert 'href="/archive/"' in answer.text


def test_nothing_asked_is_no_failure(client):
    assert "No article has" not in client.get("/search/?q=").text


@pytest.mark.parametrize("question", ["bees", "bee", '"bees in"', "bees -ants"])
def test_a_hundred_take_as_many_queries_as_one(client, question):
    SiteSettings(articles_per_page=100).save()
    ArticleFactory(live=True, title="Bees in a hive", tags=[TagFactory()])
    with CaptureQueriesContext(connection) as for_one:
        client.get("/search/", {"q": question})
    for _ in range(99):
        ArticleFactory(live=True, title="Bees in a hive", tags=[TagFactory()])
    with CaptureQueriesContext(connection) as for_a_hundred:
        assert "100 articles" in client.get("/search/", {"q": question}).text
    # half of those to PostgreSQL only say how to look, and begin and end that
    assert len(for_a_hundred) <= len(for_one) <= {"sqlite": 6, "postgresql": 26}[connection.vendor]
