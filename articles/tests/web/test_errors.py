"""Pages for where there is none: they help on, in the theme and the site's language."""

import pytest

from articles.models import Redirect, SiteSettings
from articles.tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["/nothing/", "/gone"])
def missing(request, client):
    """The page of a 404, and that of a 410."""
    Redirect.objects.create(path="/gone")
    return lambda: client.get(request.param)


def test_it_has_a_search_and_the_newest_articles_that_are_live(missing):
    for number in range(7):
        ArticleFactory(live=True, title=f"Live {number}")
    ArticleFactory(title="Secret")
    page = missing().text
    assert 'type="search"' in page
    assert all(f"Live {number}" in page for number in range(2, 7))
    assert "Live 0" not in page
    assert "Secret" not in page


def test_it_takes_few_queries_however_many_articles(missing, django_assert_max_num_queries):
    for number in range(2):
        ArticleFactory.create_batch(1 + 20 * number, live=True)
        with django_assert_max_num_queries(5):
            missing()


def test_it_speaks_the_language_of_the_site(missing):
    SiteSettings(language="de").save()
    assert '<html lang="de"' in missing().text


def test_it_says_whether_it_was_here(client):
    Redirect.objects.create(path="/gone")
    assert "This was here and has been taken down" in client.get("/gone").text
    assert "There is nothing at this address" in client.get("/nothing/").text


def test_head_is_answered_as_get_is(missing, client):
    answer = missing()
    headed = client.head(answer.request["PATH_INFO"])
    assert (headed.status_code, headed.content) == (answer.status_code, b"")
