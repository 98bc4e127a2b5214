"""Twenty clients at once: each is told the truth, and what they are told was done is what the history says."""

from typing import Any

import pytest
from django.http import HttpResponse

from accounts.tests.api.clients import API, as_json, signed_in
from articles import publishing
from articles.models import Article, Revision
from blogsite.tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 20
WORDS = "Words enough for an article."


@pytest.fixture
def path(author):
    return f"{API}/articles/{publishing.create(by=author, title='Title', content=WORDS).pk}"


def patch(client: Any, path: str, title: str) -> HttpResponse:
    """Change what was just read."""
    etag = client.get(path).get("ETag", "*")  # none where it has been deleted
    answer: HttpResponse = client.patch(path, **as_json({"title": title}), headers={"If-Match": etag})
    return answer


def history() -> list[str]:
    return [revision.state["title"] for revision in Revision.objects.order_by("number")]


def told(answers: list[Any]) -> list[str]:
    """The titles of the changes that were accepted, in the order of their versions."""
    accepted = [answer.json() for answer in answers if answer.status_code == 200]
    return [shown["title"] for shown in sorted(accepted, key=lambda shown: shown["version"])]


def test_the_history_holds_exactly_the_changes_that_were_accepted(path, author):
    answers = at_once(lambda number: patch(signed_in(author), path, f"Title {number}"), CLIENTS)
    assert {answer.status_code for answer in answers} <= {200, 412}
    assert ["Title", *told(answers)] == history()
    assert Article.objects.get().version == len(history())


def test_of_changes_of_the_same_state_one_is_accepted(path, author):
    client = signed_in(author)
    headers = {"If-Match": client.get(path)["ETag"]}
    answers = at_once(
        lambda number: signed_in(author).patch(path, **as_json({"title": f"Title {number}"}), headers=headers), CLIENTS
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * (CLIENTS - 1)]
    assert ["Title", *told(answers)] == history()


def test_who_reads_again_and_tries_again_gets_through_and_nobodys_change_is_lost(path, author):
    def insist(number: int) -> Any:
        client = signed_in(author)
        while (answer := patch(client, path, f"Title {number}")).status_code == 412:
            pass
        return answer

    answers = at_once(insist, CLIENTS)
    assert [answer.status_code for answer in answers] == [200] * CLIENTS
    assert ["Title", *told(answers)] == history()


def test_changes_deletions_and_restorations_at_once_leave_what_they_were_told(path, author):
    def work(number: int) -> Any:
        client = signed_in(author)
        if number % 4:
            return patch(client, path, f"Title {number}")
        headers = {"If-Match": client.get(path).get("ETag", "*")}
        if number:
            return client.post(f"{path}/revisions/1/restore", headers=headers)
        return client.delete(path, headers=headers)

    answers = at_once(work, CLIENTS)
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 412}
    deleted = answers[0].status_code == 204
    assert Article.objects.count() == (0 if deleted else 1)
    if not deleted:
        assert len(told(answers)) >= len(history()) - 1  # restoring what is there already changes nothing


def test_one_key_makes_one_article_and_all_are_answered_alike(author):
    answers = at_once(
        lambda number: signed_in(author).post(
            f"{API}/articles/",
            **as_json({"title": "Title", "content": WORDS, "tags": ["Sea"]}),
            headers={"Idempotency-Key": "8e03978e"},
        ),
        CLIENTS,
    )
    assert {(each.status_code, each.content, each["Location"], each["ETag"]) for each in answers} == {
        (201, answers[0].content, answers[0]["Location"], answers[0]["ETag"])
    }
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert (Article.objects.count(), history()) == (1, ["Title"])


def test_one_key_with_many_requests_does_one_of_them(author):
    def work(number: int) -> Any:
        client: Any = signed_in(author)
        words = {"title": f"Title {number}", "content": WORDS}
        return client.post(f"{API}/articles/", **as_json(words), headers={"Idempotency-Key": "8e03978e"})

    answers = at_once(work, CLIENTS)
    assert sorted(answer.status_code for answer in answers) == [201, *[422] * (CLIENTS - 1)]
    assert history() == [answer.json()["title"] for answer in answers if answer.status_code == 201]


def test_of_changes_of_the_same_account_one_is_accepted(author):
    me = f"{API}/users/me"
    headers = {"If-Match": signed_in(author).get(me)["ETag"]}
    answers = at_once(
        lambda number: signed_in(author).patch(me, **as_json({"name": f"Name {number}"}), headers=headers), CLIENTS
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * (CLIENTS - 1)]
    author.refresh_from_db()
    assert [author.name] == [answer.json()["name"] for answer in answers if answer.status_code == 200]
