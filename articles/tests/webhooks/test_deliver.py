"""How deliveries fare: accepted, tried again, given up, and none lost."""

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from articles.models import Attempt, Delivery, Webhook
from articles.tests import receiver as receivers
from articles.tests.management.test_announce_due import await_
from articles.webhooks import deliver as delivering
from articles.webhooks.deliver import BACK_OFF, KEPT, LEASE, deliver, forget_old, send_again
from articles.webhooks.note import ping
from articles.webhooks.send import Answer
from blogsite import env

pytestmark = pytest.mark.django_db
DELETED = Webhook.Event.DELETED


def due(webhook, **fields):
    """Something to be delivered now."""
    made = {"webhook": webhook, "event": DELETED, "article_id": 1, "payload": {}, "due_at": timezone.now()}
    return Delivery.objects.create(**made | fields)


@pytest.fixture
def waiting(receiver):
    """Something that the receiver may be sent now."""
    return due(receiver.webhook())


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def test_what_is_accepted_is_delivered_once_and_logged(receiver, waiting):
    deliver()
    deliver()
    waiting.refresh_from_db()
    assert (len(receiver.heard), waiting.state, waiting.due_at) == (1, Delivery.State.DELIVERED, None)
    assert Attempt.objects.get().status == 204


def test_what_is_not_accepted_is_tried_again_later_and_later_for_three_days_and_then_given_up(
    receiver, clock, waiting, caplog
):
    receiver.status, waits = 500, []
    while True:
        deliver()
        waiting.refresh_from_db()
        if waiting.due_at is None:
            break
        waits.append(waiting.due_at - timezone.now())
        clock.move_to(waiting.due_at)
    assert all(least <= wait <= least * 1.25 for least, wait in zip(BACK_OFF, waits, strict=True))
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(days=4)
    assert {request.headers["webhook-id"] for request in receiver.heard} == {str(waiting.pk)}
    assert [each.status for each in waiting.attempts.all()] == [500] * 10
    assert waiting.state == Delivery.State.GIVEN_UP
    assert caplog.messages[-1].endswith("500. It is given up.")
    assert "/hook" not in caplog.text


def test_what_failed_once_is_delivered_later(receiver, clock, waiting):
    receiver.status = 500
    deliver()
    receiver.status = 204
    deliver()
    assert len(receiver.heard) == 1
    clock.shift(60)
    deliver()
    waiting.refresh_from_db()
    assert (len(receiver.heard), waiting.state) == (2, Delivery.State.DELIVERED)


@pytest.mark.parametrize(("asked", "waited"), [("1", 10), ("7200", 7200), ("9999999", 24 * 3600)])
def test_who_asks_to_wait_is_tried_then_but_not_in_a_year(receiver, clock, waiting, asked, waited):
    receiver.status, receiver.headers = 429, {"Retry-After": asked}
    deliver()
    waiting.refresh_from_db()
    assert waited <= (waiting.due_at - timezone.now()).total_seconds() <= max(waited, 12.5)


def test_who_is_gone_is_not_told_anything_any_more(receiver, waiting, caplog):
    receiver.status = 410
    due(waiting.webhook)
    deliver()
    waiting.refresh_from_db()
    assert (len(receiver.heard), waiting.state, waiting.webhook.is_active) == (1, Delivery.State.GIVEN_UP, False)
    assert "switched off" in caplog.text


def test_what_waits_for_a_webhook_that_is_off_is_sent_when_it_is_on_again(receiver, waiting):
    Webhook.objects.update(is_active=False)
    deliver()
    assert receiver.heard == []
    Webhook.objects.update(is_active=True)
    deliver()
    assert len(receiver.heard) == 1


def test_a_network_that_is_not_allowed_any_more_is_not_reached(receiver, waiting, settings):
    settings.WEBHOOKS_ALLOW_NETWORKS = []
    deliver()
    assert receiver.heard == []
    assert "private network" in Attempt.objects.get().error


def test_what_cannot_be_sent_at_all_ends_like_what_is_not_accepted(waiting, caplog):
    Webhook.objects.update(secret="whsec_x")  # no base64
    deliver()
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.due_at > timezone.now() + timedelta(seconds=5)) == (1, True)
    assert "A delivery failed" in caplog.messages


def test_each_receiver_hears_things_in_their_order(receiver, clock):
    webhook = receiver.webhook()
    for number in range(5):
        due(webhook, payload={"number": number})
        clock.shift(1)
    deliver()
    assert [request.payload["number"] for request in receiver.heard] == [0, 1, 2, 3, 4]


def test_a_slow_receiver_holds_up_no_other(receiver):
    with receivers.running() as slow:
        slow.may_answer.clear()
        for _ in range(3):
            due(slow.webhook() if not Webhook.objects.exists() else Webhook.objects.get())
        prompt = receiver.webhook()
        for _ in range(5):
            due(prompt)

        class Prompt(list):
            def append(self, request):
                super().append(request)
                if len(self) == 5:  # all of it, while the first of the other is still under way
                    assert len(slow.heard) <= 1
                    slow.may_answer.set()

        receiver.heard = Prompt()
        deliver()
        assert (len(receiver.heard), len(slow.heard)) == (5, 3)


def test_more_webhooks_than_are_served_at_once_all_have_their_turn(receiver, monkeypatch):
    monkeypatch.setattr(delivering, "AT_ONCE", 1)
    webhooks = [receiver.webhook() for _ in range(5)]
    for number in range(2):
        for webhook in webhooks:
            due(webhook, payload={"round": number})
    deliver()
    assert [request.payload["round"] for request in receiver.heard] == [0] * 5 + [1] * 5


def test_what_was_claimed_by_one_who_died_is_delivered_after_its_lease_and_before_what_came_later(
    receiver, clock, waiting
):
    assert delivering._claim(waiting.webhook)
    clock.shift(1)
    later = due(waiting.webhook)
    deliver()
    assert receiver.heard == []
    clock.shift(LEASE)
    deliver()
    assert [each.headers["webhook-id"] for each in receiver.heard] == [str(waiting.pk), str(later.pk)]


def test_what_is_deleted_while_it_is_sent_is_no_trouble(receiver, waiting):
    sent = delivering._claim(waiting.webhook)
    waiting.webhook.delete()
    delivering._record(sent, Answer(204, "", 1))
    assert not Attempt.objects.exists()


def test_what_has_ended_can_be_sent_again(receiver, waiting):
    receiver.status = 410
    deliver()
    assert not send_again(waiting) or Webhook.objects.update(is_active=True)
    receiver.status = 204
    deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tries, waiting.attempts.count()) == (Delivery.State.DELIVERED, 1, 2)


def test_what_still_waits_cannot_be_sent_again(waiting):
    assert not send_again(waiting)


def test_a_test_is_sent_like_anything_else_but_not_repeated(receiver):
    test = ping(receiver.webhook(events=[]))
    receiver.status = 500
    deliver()
    test.refresh_from_db()
    assert receiver.heard[0].payload.keys() == {"id", "type", "created"}
    assert (receiver.heard[0].payload["type"], test.state) == ("ping", Delivery.State.GIVEN_UP)


def test_old_deliveries_are_forgotten_and_what_is_foreseen_is_not(waiting, monkeypatch):
    monkeypatch.setattr(delivering, "DELETED_AT_ONCE", 2)
    old = timezone.now() - KEPT - timedelta(seconds=1)
    for number in range(5):
        Attempt.objects.create(delivery=due(waiting.webhook, created_at=old, due_at=None), milliseconds=number)
    foreseen = due(waiting.webhook, created_at=old, payload=None)
    forget_old()
    assert set(Delivery.objects.all()) == {waiting, foreseen}


def test_a_turn_with_nothing_to_do_is_one_query(receiver, django_assert_num_queries):
    for _ in range(3):
        due(receiver.webhook(), due_at=None)
    with django_assert_num_queries(1):
        deliver()


@pytest.mark.django_db(transaction=True)
def test_several_at_once_deliver_everything_once_and_to_each_webhook_in_its_order(receiver):
    webhooks = [receiver.webhook() for _ in range(3)]
    for number in range(10):
        for webhook in webhooks:
            due(webhook, payload={"webhook": webhook.pk, "number": number})
    ready = Barrier(3, timeout=60)

    def work(_):
        try:
            connection.ensure_connection()
            ready.wait()
            deliver()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    heard = [request.headers["webhook-id"] for request in receiver.heard]
    assert len(heard) == len(set(heard)) == 30
    for webhook in webhooks:
        told = [each.payload["number"] for each in receiver.heard if each.payload["webhook"] == webhook.pk]
        assert told == list(range(10))
    assert Delivery.objects.exclude(delivered_at=None).count() == 30


def database_url():
    """Of the database of the tests, for a process of its own."""
    is_at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{is_at['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**is_at)


@pytest.mark.django_db(transaction=True)
def test_one_who_is_killed_amid_a_delivery_loses_nothing(tmp_path, receiver, waiting):
    receiver.may_answer.clear()
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path)}
    given |= {"DATABASE_URL": database_url(), "WEBHOOKS_ALLOW_NETWORKS": "127.0.0.1/32"}
    command = [sys.executable, "manage.py", "announce_due"]
    with subprocess.Popen(command, cwd=env.BASE_DIR, env=given) as killed:
        try:
            assert await_(lambda: receiver.heard)
        finally:
            killed.kill()
    receiver.may_answer.set()
    deliver()
    assert len(receiver.heard) == 1
    with time_machine.travel(timezone.now() + LEASE):
        deliver()
    waiting.refresh_from_db()
    assert waiting.state == Delivery.State.DELIVERED
    assert [request.headers["webhook-id"] for request in receiver.heard] == [str(waiting.pk)] * 2


@pytest.fixture(autouse=True)
def _all_is_logged(caplog):
    caplog.set_level(logging.WARNING, logger="articles.webhooks")
