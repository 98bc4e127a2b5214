from ipaddress import ip_network

import pytest
from django.utils import timezone

from articles.models import Attempt, Delivery, Webhook
from articles.tests import receiver as receivers
from articles.tests.admin.browser import fields
from articles.tests.admin.conftest import address
from articles.webhooks.deliver import deliver

EVERYTHING = Webhook.Event.values


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://blog.example.org"
    settings.WEBHOOKS_ALLOW_NETWORKS = [ip_network("127.0.0.1/32")]


@pytest.fixture
def webhook(db):
    return Webhook.objects.create(url="http://127.0.0.1:8000/hook", events=EVERYTHING)


def refused(answer):
    return answer.context["adminform"].form.errors


def sent(webhook, count=1, **fields):
    made = {"webhook": webhook, "event": EVERYTHING[0], "article_id": 1, "payload": {"article": {"title": "Bees"}}}
    rows = Delivery.objects.bulk_create(Delivery(**made | fields) for _ in range(count))
    Attempt.objects.bulk_create(Attempt(delivery=row, error="Connection refused", milliseconds=1) for row in rows)
    return rows


def test_a_webhook_is_set_up_and_shows_the_secret_that_was_made_for_it(administrator):
    page = administrator.add("webhook", url=" http://127.0.0.1:8000/hook ", events=EVERYTHING[:2], is_active="on")
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.events) == ("http://127.0.0.1:8000/hook", EVERYTHING[:2])
    assert (webhook.by, webhook.is_active) == (administrator.person, True)
    assert webhook.secret.startswith("whsec_")
    assert webhook.secret in administrator.get(page.url).text


@pytest.mark.parametrize(
    "url",
    [
        "",
        "blog.example.org",
        "ftp://127.0.0.1/",
        "http://10.0.0.1/",
        "http://a:b@127.0.0.1/",
        "http://nowhere.invalid/",
    ],
)
def test_where_no_webhook_may_lead_is_said_at_the_field(administrator, url):
    answer = administrator.add("webhook", url=url, events=EVERYTHING)
    assert refused(answer).keys() == {"url"}
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("events", [[], ["article.read"]])
def test_it_has_to_be_told_something_that_there_is(administrator, events):
    assert "events" in refused(administrator.add("webhook", url="http://127.0.0.1:8000/", events=events))


def test_without_an_address_of_the_site_it_says_what_to_set(administrator, settings):
    settings.SITE_URL = ""
    answer = administrator.add("webhook", url="http://127.0.0.1:8000/", events=EVERYTHING)
    assert "SITE_URL" in refused(answer)["__all__"][0]


def test_a_change_leaves_the_secret_and_a_new_one_is_made_at_a_button(administrator, webhook):
    administrator.save(webhook, events=EVERYTHING[:1])
    changed = Webhook.objects.get()
    assert (changed.secret, changed.events) == (webhook.secret, EVERYTHING[:1])
    administrator.save(webhook, _secret="1")
    assert Webhook.objects.get().secret != webhook.secret


def test_a_test_is_sent_and_what_became_of_it_is_in_the_log(administrator, webhook):
    with receivers.running() as receiver:
        page = administrator.save(webhook, url=receiver.address, _test="1")
        deliver()
        assert receiver.events() == [("ping", None)]
    [row] = administrator.get(page.url).context["cl"].result_list
    assert (row.event, row.last_status, row.state) == ("ping", 204, Delivery.State.DELIVERED)


def test_what_is_switched_off_is_not_tested(administrator, webhook):
    Webhook.objects.update(is_active=False)
    administrator.save(webhook, _test="1")
    assert not Delivery.objects.exists()


def test_what_has_ended_is_sent_again_and_what_waits_is_not(administrator, webhook):
    [ended], [waiting] = sent(webhook), sent(webhook, due_at=timezone.now(), tries=3)
    assert "1 delivery is sent again" in administrator.act("send_again", ended, waiting).text
    ended.refresh_from_db()
    waiting.refresh_from_db()
    assert (ended.state, ended.tries, waiting.tries) == (Delivery.State.WAITING, 0, 3)


def test_the_page_of_a_delivery_offers_to_send_it_again_once_it_has_ended(administrator, webhook):
    [ended], [waiting] = sent(webhook), sent(webhook, due_at=timezone.now())
    page = administrator.open("delivery", ended.pk)
    chosen = {"action": "send_again"} | fields(page)
    answer = administrator.post(address("delivery", page="changelist"), chosen, follow=True)
    assert "1 delivery is sent again" in answer.text
    assert "send_again" not in administrator.open("delivery", waiting.pk).text


def test_a_delivery_shows_what_was_sent_and_each_attempt(administrator, webhook):
    [row] = sent(webhook)
    text = administrator.open("delivery", row.pk).text
    assert "&quot;title&quot;: &quot;Bees&quot;" in text
    assert "Connection refused" in text


@pytest.mark.parametrize(("state", "shown"), [("waiting", 1), ("delivered", 2), ("given up", 3), ("x", 6)])
def test_the_log_is_filtered_by_state(administrator, webhook, state, shown):
    sent(webhook, 1, due_at=timezone.now())
    sent(webhook, 2, delivered_at=timezone.now())
    sent(webhook, 3)
    Delivery.objects.create(webhook=webhook, event=EVERYTHING[0], article_id=2, due_at=timezone.now())  # foreseen
    page = administrator.get(address("delivery", page="changelist"), {"state": state})
    assert len(page.context["cl"].result_list) == shown


def test_a_webhook_is_deleted_with_its_log(administrator, webhook):
    sent(webhook, 3)
    asked = administrator.open("webhook", webhook.pk, page="delete").text
    assert "Deliveries: 3" in asked
    administrator.send("webhook", {"post": "yes"}, webhook.pk, page="delete")
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("noun", ["webhook", "delivery"])
def test_webhooks_are_for_administrators_alone(editor, administrator, webhook, noun):
    pk = {"webhook": webhook.pk, "delivery": sent(webhook)[0].pk}[noun]
    for desk, status in ((editor, 403), (administrator, 200)):
        assert desk.open(noun, page="changelist").status_code == status
        assert desk.open(noun, pk).status_code == status
    assert administrator.open("delivery", page="add").status_code == 403


@pytest.mark.parametrize("noun", ["webhook", "delivery"])
def test_a_list_takes_as_many_queries_for_one_as_for_a_hundred(administrator, noun, django_assert_max_num_queries):
    def fill(count):
        webhooks = [Webhook(url="https://example.org/", events=EVERYTHING) for _ in range(count)]
        for each in Webhook.objects.bulk_create(webhooks):
            sent(each, 2)

    fill(1)
    with django_assert_max_num_queries(50) as one:
        administrator.open(noun, page="changelist")
    fill(60)
    with django_assert_max_num_queries(len(one)):
        page = administrator.open(noun, page="changelist")
    assert len(page.context["cl"].result_list) >= 50
