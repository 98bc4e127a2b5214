"""Sends what is due, and tries again what was not accepted.

Any number of processes may do so at once, but only one serves a webhook at a time. It claims that for a while: if it
dies before the answer, the next one begins where it stood. So a receiver may hear something twice, with the same id,
but misses nothing.
"""

import json
import logging
import random
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from itertools import count, islice
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from articles.models import Attempt, Delivery, Webhook
from articles.webhooks.note import form
from articles.webhooks.send import Answer, send

AT_ONCE = 16  # receivers that are waited for
LOOK_AGAIN = 1  # seconds, while some are waited for
LEASE = timedelta(minutes=1)  # well beyond the time that one try may take
# How long after each failure the next try comes: three days in all
BACK_OFF = [
    timedelta(seconds=seconds)
    for seconds in (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
]
LONGEST = timedelta(days=1)  # that a receiver may have us wait
KEPT = timedelta(days=30)
DELETED_AT_ONCE = 1000

logger = logging.getLogger(__name__)


def deliver() -> None:
    """Send all that is due, the oldest first: to each webhook one thing at a time, to several webhooks at once, so that
    none waits for a slow one. Returns when nothing is due any more.
    """
    sending: dict[Future[Answer], Delivery] = {}
    served: dict[int, int] = {}  # webhooks by when it was last their turn
    turns = count()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            for delivery in islice(_claimed(served), AT_ONCE - len(sending)):
                served[delivery.webhook_id] = next(turns)
                sending[pool.submit(_send, delivery)] = delivery
            if not sending:
                return
            done, _ = wait(sending, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
            for each in done:
                _record(sending.pop(each), _outcome(each))


def send_again(delivery: Delivery) -> bool:
    """By hand, what was delivered or given up. Answers whether it was either."""
    ended = Delivery.objects.filter(pk=delivery.pk, due_at=None)
    return bool(ended.update(due_at=timezone.now(), delivered_at=None, tries=0))


def forget_old() -> None:
    """Delete deliveries that are older than KEPT; what is foreseen for later isn't."""
    old = Delivery.objects.formed().filter(created_at__lt=timezone.now() - KEPT).order_by("pk")
    while some := list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        Delivery.objects.filter(pk__in=some).delete()


def _claimed(served: dict[int, int]) -> Iterator[Delivery]:
    """The next delivery of each webhook that nobody serves, claimed; first of those whose turn was longest ago."""
    waiting = Webhook.objects.with_something_due()
    for webhook in sorted(waiting, key=lambda webhook: served.get(webhook.pk, -1)):
        if delivery := _claim(webhook):
            yield delivery


def _claim(webhook: Webhook) -> Delivery | None:
    """Committed before anything else is locked: a webhook is deleted after its deliveries, and would wait for us."""
    if not Webhook.objects.free().filter(pk=webhook.pk).update(busy_until=timezone.now() + LEASE):
        return None  # another process was quicker
    delivery = Delivery.objects.due().filter(webhook=webhook).order_by("due_at").first()
    if delivery is not None:
        delivery.webhook = webhook
        if delivery.payload is not None or form(delivery):
            return delivery
    Webhook.objects.filter(pk=webhook.pk).update(busy_until=None)
    return None


def _send(delivery: Delivery) -> Answer:
    body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
    return send(delivery.webhook.url, delivery.webhook.secret, str(delivery.pk), body)


def _outcome(sent: Future[Answer]) -> Answer:
    """What fails in a way that nobody foresaw is given up one day too, and holds up nothing else."""
    try:
        return sent.result()
    except Exception:
        logger.exception("A delivery failed")
        return Answer(None, "It could not be sent: the log says why.", 0)


@transaction.atomic
def _record(sent: Delivery, answer: Answer) -> None:
    delivery = Delivery.objects.select_for_update().filter(pk=sent.pk).first()
    switched = {"is_active": False} if answer.is_gone else {}
    Webhook.objects.filter(pk=sent.webhook_id).update(busy_until=None, **switched)
    if delivery is None:
        return  # deleted meanwhile, with its webhook
    delivery.tries += 1
    Attempt.objects.create(
        delivery=delivery, status=answer.status, error=answer.error[:500], milliseconds=answer.milliseconds
    )
    if answer.is_accepted:
        delivery.delivered_at, delivery.due_at = timezone.now(), None
    else:
        delivery.due_at = _next_try(delivery, answer)
        _say(sent.webhook, delivery, answer)
    delivery.save(update_fields=["tries", "delivered_at", "due_at"])


def _next_try(delivery: Delivery, answer: Answer) -> datetime | None:
    """None: it is given up. A test is not repeated."""
    if answer.is_gone or delivery.event == Delivery.PING or delivery.tries > len(BACK_OFF):
        return None
    pause = BACK_OFF[delivery.tries - 1] * random.uniform(1, 1.25)  # noqa: S311  # or many would come back at once
    return timezone.now() + max(pause, min(answer.retry_after, LONGEST))


def _say(webhook: Webhook, delivery: Delivery, answer: Answer) -> None:
    """The host alone, for the rest of an address may be a secret."""
    outcome = f"It is tried again at {delivery.due_at:%Y-%m-%d %H:%M:%S} UTC." if delivery.due_at else "It is given up."
    if answer.is_gone:
        outcome += " The webhook is switched off."
    logger.warning(
        "Webhook %d (%s) did not accept %s %s: %s. %s",
        webhook.pk,
        urlsplit(webhook.url).hostname,
        delivery.event,
        delivery.pk,
        answer.status or answer.error.rstrip("."),
        outcome,
    )
