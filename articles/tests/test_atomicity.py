"""A verb that fails, be it at its very end, leaves nothing: no word, tag, address, entry of the search, or delivery."""

from functools import wraps
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.models import Article, Tag, Webhook
from articles.tests.factories import SeriesFactory, TagFactory, UserFactory
from articles.webhooks import note as webhooks

pytestmark = pytest.mark.django_db
WORDS = "Words enough for an article."
CHANGES: dict[str, Any] = {
    "title": "Wasps",
    "slug": "wasps",
    "content": f"{WORDS} More.",
    "tags": ["Wasps"],
    "published_at": None,
}


@pytest.fixture
def by():
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def live(by, settings):
    settings.WEBSUB_HUB, settings.SITE_URL = "https://hub.example.org/", "https://blog.example.org"
    Webhook.objects.create(url="https://example.org/", events=Webhook.Event.values)
    fields = {"tags": ["Bees"], "series": SeriesFactory(), "published_at": timezone.now()}
    article = publishing.create(by=by, title="Bees", content=WORDS, **fields)
    return publishing.revise(article, by=by, summary="Of bees.")


def everything():
    models = apps.get_app_config("articles").get_models(include_auto_created=True)
    return {model: sorted(map(repr, model._base_manager.values())) for model in models}


VERBS = {
    "create": (
        lambda live, by: publishing.create(
            by=by, title="New", content=WORDS, tags=["New"], published_at=timezone.now()
        ),
        (webhooks, "note"),
    ),
    "revise": (lambda live, by: publishing.revise(live, by=by, **CHANGES), (webhooks, "note")),
    "withdraw": (lambda live, by: publishing.withdraw(live, by=by), (webhooks, "note")),
    "restore": (lambda live, by: publishing.restore(live, by=by, number=1), (webhooks, "note")),
    "remove": (lambda live, by: publishing.remove(live, by=by), (Article, "delete")),
    "merge": (
        lambda live, by: publishing.merge(Tag.objects.filter(name="Bees"), into=Tag.objects.get(name="Insects"), by=by),
        (Tag, "delete"),
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_fails_at_its_end_has_changed_nothing(live, by, verb, monkeypatch):
    TagFactory(name="Insects")
    do, (owner, last) = VERBS[verb]
    step, before = getattr(owner, last), everything()

    @wraps(step)
    def fail(*args, **kwargs):
        step(*args, **kwargs)
        assert everything() != before
        raise RuntimeError("too bad")

    monkeypatch.setattr(owner, last, fail)
    with pytest.raises(RuntimeError, match="too bad"):
        do(live, by)
    assert everything() == before
