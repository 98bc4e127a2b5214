"""What a program's search finds."""

import pytest

from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles.tests.api.test_paging import ids, links
from articles.tests.factories import ArticleFactory, PageFactory, UserFactory

pytestmark = pytest.mark.django_db
SEARCH = f"{API}/search"
HONEY = "Some words about honey & bees, and enough of them."


@pytest.fixture
def articles():
    return [
        ArticleFactory(live=True, title="Bees", content=HONEY),
        ArticleFactory(live=True, title="Honey", content="Nothing but what its title says of it."),
        ArticleFactory(live=True, title="Another"),
    ]


@pytest.mark.parametrize("path", [SEARCH, f"{SEARCH}/"])
def test_the_articles_that_match_come_best_first_each_as_it_is_answered_with_score_and_highlight(articles, path):
    bees, honey, _ = articles
    answer = stranger().get(path, {"q": "honey"})
    assert ids(answer) == [honey.pk, bees.pk]
    assert answer["X-Total-Count"] == "2"
    best, second = answer.json()
    assert best.pop("score") > second["score"] > 0
    assert "<mark>" not in best.pop("highlight")  # its text has nothing of it
    assert second["highlight"] == "Some words about <mark>honey</mark> &amp; bees, and enough of them."
    assert best == stranger().get(f"{API}/articles/{honey.pk}").json()


def test_the_fields_asked_for_are_answered_and_no_others(articles):
    answer = stranger().get(SEARCH, {"q": "bees", "fields": "id,highlight"})
    assert [list(found) for found in answer.json()] == [["id", "highlight"]]
    assert stranger().get(SEARCH, {"q": "bees", "fields": "password"}).json().keys() == {"fields"}


def test_it_is_paged_as_lists_are():
    for number in range(5):
        ArticleFactory(live=True, title=f"Honey {number}")
    first = stranger().get(SEARCH, {"q": "honey", "limit": 2})
    second = stranger().get(links(first)["next"])
    last = stranger().get(links(first)["last"])
    found = [*ids(first), *ids(second), *ids(last)]
    assert (len(found), len(set(found)), first["X-Total-Count"]) == (5, 5, "5")
    assert links(last).keys() == {"first", "prev", "last"}
    assert ids(stranger().get(SEARCH, {"q": "honey", "skip": 99})) == []


def test_only_what_is_live_is_searched_whoever_asks_and_no_standing_page(author):
    for state in ({}, {"scheduled": True}):
        ArticleFactory(author=author, title="Honey", **state)
    PageFactory(live=True, title="Honey")
    for client in (stranger(), signed_in(author), signed_in(UserFactory(role=Role.EDITOR))):
        answer = client.get(SEARCH, {"q": "honey"})
        assert (ids(answer), answer["X-Total-Count"]) == ([], "0")


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=" + "x" * 201, "q=a%00b"])
def test_a_question_that_is_none_is_refused_by_name(query):
    answer = stranger().get(f"{SEARCH}?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["q"])


@pytest.mark.parametrize("question", ["&", '"', "-honey", "' OR 1=1", "a:* | b", "NEAR(", "é" * 200, "\ud83d"])
def test_any_text_is_a_question(question):
    assert stranger().get(SEARCH, {"q": question.encode(errors="replace")}).status_code == 200
