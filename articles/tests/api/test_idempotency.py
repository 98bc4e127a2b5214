"""Requests that may be sent twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import roles
from accounts.api import idempotency
from accounts.models import Answer
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from articles import publishing
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory, picture

pytestmark = pytest.mark.django_db
ARTICLES, IMAGES = f"{API}/articles/", f"{API}/images/"
HELLO = {"title": "Hello", "content": "Words enough for it.", "published": True}


def post(client, path=ARTICLES, data=HELLO, key="key-1"):
    return client.post(path, **as_json(data), headers={"Idempotency-Key": key})


def upload(client, key="key-1", boundary="one", alt="Teal", file=None):
    file = file or picture()
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="alt"\r\n\r\n{alt}\r\n--{boundary}\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n',
        f"\r\n--{boundary}--\r\n",
    ]
    body = parts[0].encode() + file.read() + parts[1].encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return client.generic("POST", IMAGES, body, kind, headers={"Idempotency-Key": key})


def shown(answer):
    return answer.status_code, answer.content, answer["Location"], answer["ETag"], answer["Content-Type"]


def test_the_second_is_answered_what_the_first_was_and_does_nothing(author):
    client = signed_in(author)
    first = post(client)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    Article.objects.update(title="Changed since", version=F("version") + 1)
    second = post(client)
    assert shown(second) == shown(first)
    assert second["Idempotency-Replayed"] == "true"
    assert Article.objects.get().revisions.count() == 1


def test_what_is_asked_counts_and_not_how_it_is_written(author):
    client = signed_in(author)
    first = post(client)
    body = json.dumps(dict(reversed(HELLO.items())), indent=4)
    again = client.post(ARTICLES[:-1], body, content_type="application/json", headers={"Idempotency-Key": '"key-1"'})
    assert shown(again) == shown(first)


@pytest.mark.parametrize(
    ("path", "data"), [(ARTICLES, {**HELLO, "title": "Other"}), (f"{ARTICLES}?fields=id", HELLO), (ARTICLES, [])]
)
def test_another_request_with_the_same_key_is_refused(path, data, author):
    client = signed_in(author)
    post(client)
    refused = post(client, path, data)
    assert refused.status_code == 422
    assert "another request with this Idempotency-Key" in refused.json()["detail"]
    assert Article.objects.count() == 1


def test_a_key_is_its_accounts_own(author, editor):
    answers = [post(signed_in(person)) for person in (author, editor)]
    assert [answer.json()["author_id"] for answer in answers] == [author.pk, editor.pk]


def test_without_a_key_each_request_is_another(author):
    locations = {signed_in(author).post(ARTICLES, **as_json(HELLO))["Location"] for _ in range(2)}
    assert len(locations) == 2
    assert not Answer.objects.exists()


@pytest.mark.parametrize("key", ["", '""', '"', "x" * 256, "\x7f", "é", "a b", "a,b", 'a"b', '"a', r'"\a"', '"a";b'])
def test_a_key_that_is_none_is_refused(key, author):
    refused = post(signed_in(author), key=key)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Idempotency-Key: give 1 to 255 printable ASCII")
    assert not Article.objects.exists()


@pytest.mark.parametrize("key", ["x" * 255, f'"{"x" * 255}"', r'"a \" b, \\"', "8e03978e-40d5-43e8-bc93-6894a57f9324"])
def test_a_key_of_any_length_and_sign_allowed_is_taken(key, author):
    client = signed_in(author)
    assert shown(post(client, key=key)) == shown(post(client, key=key))


def test_after_a_day_the_key_is_free(author):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = post(signed_in(author))
        clock.shift(timedelta(hours=23, minutes=59))
        assert shown(post(signed_in(author))) == shown(first)
        clock.shift(timedelta(minutes=1))
        client = signed_in(author)
        other = post(client, data={**HELLO, "title": "Another day"})
        assert (other.status_code, other.json()["title"]) == (201, "Another day")
        assert shown(post(client, data={**HELLO, "title": "Another day"})) == shown(other)
    assert Article.objects.count() == 2


def test_what_was_refused_is_not_kept_and_may_be_mended(author):
    client = signed_in(author)
    assert post(client, data={"title": "No content"}).status_code == 400
    assert not Answer.objects.exists()
    assert post(client).status_code == 201


def test_what_failed_at_its_very_end_leaves_neither_article_nor_answer(author, monkeypatch):
    client = signed_in(author)
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(Answer, "save", None)
        assert post(client).status_code == 500
    assert not Article.objects.exists()
    assert not Answer.objects.exists()
    assert post(client).status_code == 201


def test_a_picture_sent_again_is_the_same_whatever_bounds_its_parts(author):
    client = signed_in(author)
    first = upload(client)
    assert first.status_code == 201
    assert shown(upload(client, boundary="two")) == shown(first)
    for other in ({"alt": "Blue"}, {"file": picture(9, 9)}):
        assert upload(client, **other).status_code == 422
    assert Image.objects.count() == 1


def test_an_earlier_state_comes_back_once_though_its_etag_is_an_old_one_by_then(author):
    article = publishing.create(by=author, title="First", content="Words enough for it.")
    publishing.revise(article, by=author, title="Second")
    client, path = signed_in(author), f"{ARTICLES}{article.pk}"
    headers = {"Idempotency-Key": "key-1", "If-Match": client.get(path)["ETag"]}
    first, second = (client.post(f"{path}/revisions/1/restore", headers=headers) for _ in range(2))
    assert (first.status_code, first.json()["title"]) == (200, "First")
    assert (second.status_code, second.content, second["ETag"]) == (200, first.content, first["ETag"])
    assert article.revisions.count() == 3


def test_what_one_may_no_longer_see_is_not_shown_again_and_not_made_again(author):
    client = signed_in(author)
    post(client, data={**HELLO, "published": False})
    roles.assign(author, None)
    refused = post(client, data={**HELLO, "published": False})
    assert (refused.status_code, refused.json()) == (404, {"detail": "Article not found"})
    assert Article.objects.count() == 1


def test_what_was_deleted_since_is_not_shown_again_and_not_made_again(author):
    client = signed_in(author)
    client.delete(post(client)["Location"])
    assert post(client).status_code == 404
    assert not Article.objects.exists()


def test_who_is_not_signed_in_any_more_is_shown_nothing(author):
    client = signed_in(author)
    post(client)
    assert post(stranger()).status_code == 401
    type(author).objects.update(is_active=False)
    assert post(client).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite waits for whoever writes")
def test_one_that_comes_while_the_first_is_still_being_answered_does_not_wait_for_ever(author, monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT", 10)
    begun, done = Event(), Event()

    def first():
        try:
            with transaction.atomic():
                idempotency.claim(author, "key-1", "asked")
                begun.set()
                done.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(first)
        begun.wait(60)
        refused = post(signed_in(author))
        done.set()
        answering.result()
    assert (refused.status_code, refused["Retry-After"]) == (409, "1")
    assert not Article.objects.exists()


def test_a_key_costs_the_same_few_queries_however_much_there_is(author, django_assert_num_queries):
    client = signed_in(author)
    waiting = 2 if connection.vendor == "postgresql" else 0
    for number in (0, 20):
        ArticleFactory.create_batch(number)
        post(client, key=f"key-{number}")
        # the token's two; the transaction's two; the answer; the article, which its author may see
        with django_assert_num_queries(2 + 2 + 1 + 1 + waiting):
            post(client, key=f"key-{number}")
