"""What webhooks are told, and what not."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from articles import publishing
from articles.models import Article, Delivery, Page, Tag, Webhook
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory
from articles.webhooks import note
from articles.webhooks.deliver import deliver

pytestmark = pytest.mark.django_db
TEXT = {"title": "Bees", "content": "A text that is long enough."}
PUBLISHED, CHANGED, WITHDRAWN, DELETED = Webhook.Event.values


@pytest.fixture
def told(receiver):
    """What a webhook is told now: events, each with the title, or the slug of what is gone."""
    receiver.webhook()

    def told():
        deliver()
        return receiver.events()

    return told


def in_(**time):
    return timezone.now() + timedelta(**time)


def test_the_life_of_an_article_is_told(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=timezone.now())
    assert told() == [(PUBLISHED, "Bees")]
    article = publishing.revise(article, by=ada, title="Wasps")
    assert told() == [(CHANGED, "Wasps")]
    article = publishing.restore(article, by=ada, number=1)
    assert told() == [(CHANGED, "Bees")]
    article = publishing.withdraw(article, by=ada)
    assert told() == [(WITHDRAWN, "bees")]
    article = publishing.publish(article, by=ada)
    assert told() == [(PUBLISHED, "Bees")]
    publishing.remove(article, by=ada)
    assert told() == [(DELETED, "bees")]


def test_what_was_never_live_is_never_told(told, ada):
    article = publishing.create(by=ada, **TEXT)
    publishing.revise(article, by=ada, title="Wasps")
    publishing.publish(article, by=ada, at=in_(days=1))
    publishing.revise(article, by=ada, title="Hornets", tags=["Secret"])
    publishing.withdraw(article, by=ada)
    publishing.publish(article, by=ada, at=in_(days=1))
    publishing.remove(article, by=ada)
    with time_machine.travel(in_(days=2)):
        assert told() == []
    assert not Delivery.objects.exists()


def test_what_goes_live_by_the_clock_is_told_then_as_it_is_then(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    publishing.revise(article, by=ada, title="Wasps")
    assert told() == []
    assert [each.payload for each in Delivery.objects.all()] == [None]
    with time_machine.travel(in_(days=1, seconds=1)):
        assert told() == [(PUBLISHED, "Wasps")]
        assert told() == []


def test_what_is_put_off_is_told_at_its_new_moment_alone(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    publishing.publish(article, by=ada, at=in_(days=3))
    Delivery.objects.update(due_at=in_(days=1))  # as if it had been put off while nobody listened
    with time_machine.travel(in_(days=2)):
        assert told() == []
    with time_machine.travel(in_(days=3, seconds=1)):
        assert told() == [(PUBLISHED, "Bees")]


def test_what_was_scheduled_and_is_published_by_hand_before_is_told_once(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    publishing.publish(article, by=ada)
    assert told() == [(PUBLISHED, "Bees")]
    with time_machine.travel(in_(days=2)):
        assert told() == []


def test_a_live_one_that_is_put_off_into_the_future_is_withdrawn_and_published_then(told, ada):
    article = ArticleFactory(live=True, author=ada, title="Bees")
    publishing.publish(article, by=ada)
    assert told() == []  # it was live already
    publishing.revise(article, by=ada, published_at=in_(days=1))
    assert told() == [(WITHDRAWN, "bees")]
    with time_machine.travel(in_(days=1, seconds=1)):
        assert told() == [(PUBLISHED, "Bees")]


def test_a_change_right_after_the_clock_does_not_hide_that_it_went_live(told, ada):
    article = publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    with time_machine.travel(in_(days=1, seconds=1)):
        publishing.revise(article, by=ada, title="Wasps")
        assert told() == [(PUBLISHED, "Wasps"), (CHANGED, "Wasps")]


@pytest.mark.parametrize("is_active", [True, False])
def test_what_was_scheduled_before_the_webhook_was_made_is_told_once(receiver, is_active):
    ArticleFactory(scheduled=True, title="Bees")
    receiver.webhook(is_active=is_active)
    note.foresee_scheduled()
    note.foresee_scheduled()
    with time_machine.travel(in_(days=2)):
        deliver()
        assert receiver.events() == ([(PUBLISHED, "Bees")] if is_active else [])


@pytest.mark.parametrize("hand", [True, False])
def test_what_goes_live_while_a_webhook_is_off_is_not_told_when_it_is_on_again(told, ada, hand):
    article = publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    Webhook.objects.update(is_active=False)
    note.foresee_scheduled()
    if hand:
        publishing.publish(article, by=ada)
    with time_machine.travel(in_(days=2)):
        Webhook.objects.update(is_active=True)
        note.foresee_scheduled()
        assert told() == []


def test_what_nobody_wants_to_know_any_more_is_not_told_when_its_moment_comes(told, ada):
    publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    Webhook.objects.update(events=[DELETED])
    with time_machine.travel(in_(days=2)):
        assert told() == []


def test_an_event_says_what_happened_to_what(receiver, ada):
    receiver.webhook()
    article = publishing.create(by=ada, **TEXT, tags=["Bees"], published_at=timezone.now())
    publishing.revise(article, by=ada, summary="Of bees.", tags=["Bees", "Wasps"], note="They are wasps.")
    deliver()
    request = receiver.heard[-1]
    assert request.payload.keys() == {"id", "type", "created", "article", "changed"}
    assert request.payload["id"] == request.headers["webhook-id"]
    assert request.payload["changed"] == ["note", "summary", "tags"]
    assert request.path == "/hook?a=b"
    assert request.headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert request.headers["Content-Type"] == "application/json"


def test_an_article_is_told_as_the_api_answers_it_to_everybody(receiver, ada, client):
    receiver.webhook()
    article = publishing.create(by=ada, **TEXT, tags=["Wasps", "Bees"], published_at=timezone.now())
    deliver()
    told = receiver.heard[0].payload["article"]
    api_url = told.pop("api_url")
    asked = client.get(api_url.removeprefix("https://blog.example.org")).json()
    there = {name: asked[name] for name in told}
    for each in (there, there["author"]):
        each["url"] = each["url"].replace("http://testserver", "https://blog.example.org")
    assert told == there
    assert told["id"] == article.pk


@pytest.mark.parametrize("verb", [publishing.withdraw, publishing.remove])
def test_of_what_is_gone_no_word_is_told(receiver, ada, verb):
    receiver.webhook()
    article = ArticleFactory(live=True, author=ada)
    verb(article, by=ada)
    deliver()
    told = receiver.heard[0].payload["article"]
    assert told.keys() == {"id", "slug", "url", "version"}
    assert (told["id"], told["slug"]) == (article.pk, article.slug)


def test_what_goes_with_its_authors_account_is_told(told):
    author = UserFactory()
    ArticleFactory(live=True, author=author, title="Bees")
    ArticleFactory(scheduled=True, author=author)
    ArticleFactory(author=author)
    author.delete()
    assert told() == [(DELETED, "bees")]
    assert Delivery.objects.count() == 1


def test_a_merge_of_tags_changes_what_had_them(told, ada):
    bees, insects = TagFactory(name="Bees"), TagFactory(name="Insects")
    ArticleFactory(live=True, author=ada, title="One", tags=[bees])
    ArticleFactory(author=ada, tags=[bees])
    publishing.merge([bees], into=insects, by=ada)
    assert told() == [(CHANGED, "One")]
    Tag.objects.get().save()
    assert told() == []


def test_standing_pages_are_not_told(told, ada):
    page = publishing.create(by=ada, model=Page, **TEXT, published_at=timezone.now())
    publishing.revise(page, by=ada, title="Wasps")
    publishing.remove(page, by=ada)
    assert told() == []


def test_each_webhook_is_told_what_it_asked_for(receiver, ada):
    receiver.webhook(events=[DELETED])
    receiver.webhook(events=[PUBLISHED], is_active=False)
    article = publishing.create(by=ada, **TEXT, published_at=timezone.now())
    publishing.create(by=ada, **TEXT, published_at=in_(days=1))
    publishing.remove(article, by=ada)
    deliver()
    assert receiver.events() == [(DELETED, "bees")]
    assert Delivery.objects.count() == 1


def test_a_change_that_was_taken_back_is_not_told(told, ada):
    with transaction.atomic():
        publishing.create(by=ada, **TEXT, published_at=timezone.now())
        transaction.set_rollback(True)
    assert told() == []


def test_without_webhooks_a_verb_asks_once_whether_there_are_any(ada, django_assert_num_queries):
    article = ArticleFactory(live=True, author=ada)
    with django_assert_num_queries(1):
        note.note(article, [], stood=Article.State.LIVE, changed=["title"])
    with django_assert_num_queries(0):
        note.note(ArticleFactory.build(), [], stood=Article.State.DRAFT, changed=["title"])


@pytest.mark.parametrize("webhooks", [1, 20])
def test_what_a_change_costs_does_not_grow_with_the_webhooks(ada, django_assert_num_queries, webhooks):
    for _ in range(webhooks):
        Webhook.objects.create(url="https://example.org/", events=Webhook.Event.values)
    article = ArticleFactory(live=True, author=ada)
    with django_assert_num_queries(2):
        note.note(article, [], stood=Article.State.LIVE, changed=["title"])


@pytest.mark.parametrize("articles", [1, 20])
def test_what_many_new_articles_cost_does_not_grow_with_them(receiver, ada, django_assert_num_queries, articles):
    receiver.webhook()
    made = [ArticleFactory(live=True, author=ada) for _ in range(articles)]
    made += [ArticleFactory(scheduled=True, author=ada), ArticleFactory(author=ada)]
    with django_assert_num_queries(3):
        note.note_new(made)
    assert Delivery.objects.formed().count() == articles
    assert Delivery.objects.foreseen().count() == 1
