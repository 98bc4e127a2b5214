"""What webhooks are told: events, each formed when it happens, in the transaction that makes it happen.

Only what was live is ever told. Of an article that goes live by the clock a delivery is foreseen, with nothing in it:
`form` writes it when the moment has come, from what is true then.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.signals import pre_delete
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Delivery, Tag, Webhook
from blogsite.prepared import Prepared

Payload = dict[str, Any]
PUBLISHED, CHANGED, WITHDRAWN, DELETED = Webhook.Event
_active = Prepared(lambda: Webhook.objects.active())  # asked with each change


def note(article: Article, tags: Iterable[Tag], *, stood: Article.State | None, changed: Iterable[str]) -> None:
    """Have webhooks told of an article that has just been saved: in which state it `stood` before (None: it is new),
    and which of its fields have `changed`.
    """
    stands, live = article.state, Article.State.LIVE
    if {stood, stands} <= {None, Article.State.DRAFT} or article.kind != Article.Kind.ARTICLE:
        return
    if not (webhooks := _active()):
        return
    if stood == stands == live:
        _tell(webhooks, CHANGED, article, shown(article, tags), sorted(changed))
        return
    _forget(article.pk, webhooks)
    if stood == live:
        _tell(webhooks, WITHDRAWN, article, traces(article))
    if stands == live:
        _tell(webhooks, PUBLISHED, article, shown(article, tags))
    if stands == Article.State.SCHEDULED:
        _foresee([article], webhooks)


def note_new(articles: Iterable[Article]) -> None:
    """Have webhooks told of many articles at once, which are new and without tags."""
    if not (webhooks := _active()):
        return
    stand = [(article.state, article) for article in articles]
    live = (article for state, article in stand if state == Article.State.LIVE)
    told = (_events(webhooks, PUBLISHED, article, shown(article, [])) for article in live)
    Delivery.objects.bulk_create(chain.from_iterable(told))
    _foresee([article for state, article in stand if state == Article.State.SCHEDULED], webhooks)


@transaction.atomic
def form(delivery: Delivery) -> bool:
    """Write into a foreseen delivery, which is due, what is sent. Where its article goes live later, it is put off;
    where it doesn't any more, or nobody wants to know, it is deleted.

    Answers whether it is to be sent.
    """
    article = Article.objects.select_for_update().filter(pk=delivery.article_id or 0).first()
    held = Delivery.objects.foreseen().filter(pk=delivery.pk)  # the verb that held the article may have deleted it
    if article is None or article.published_at is None or delivery.event not in delivery.webhook.events:
        held.delete()
    elif not article.is_live:
        held.update(due_at=article.published_at)
    else:
        delivery.created_at = timezone.now()
        delivery.payload = _payload(delivery, shown(article, article.tags.all()))
        return bool(held.update(created_at=delivery.created_at, payload=delivery.payload))
    return False


@transaction.atomic
def foresee_scheduled() -> None:
    """Those that were scheduled while there was no webhook that is to hear of it.

    Each is held meanwhile: were one published by hand at the same time, it would be told twice. What was foreseen for a
    webhook that is off is forgotten: nobody would keep it true.
    """
    Delivery.objects.foreseen().filter(webhook__is_active=False).delete()
    for webhook in Webhook.objects.active():
        foreseen = Delivery.objects.foreseen().filter(webhook=webhook, article_id=OuterRef("pk"))
        missing = Article.objects.scheduled().exclude(Exists(foreseen)).order_by("pk").select_for_update()
        if PUBLISHED in webhook.events:
            _foresee(missing.only("published_at"), [webhook])


def ping(webhook: Webhook) -> Delivery:
    """A test, to be sent at once."""
    delivery = Delivery(webhook=webhook, event=Delivery.PING, due_at=timezone.now())
    delivery.payload = _payload(delivery)
    delivery.save()
    return delivery


def listen() -> None:
    """Called once, when the app is ready. Articles are deleted by their verb, and with their author's account."""
    pre_delete.connect(_article_going, sender=Article, dispatch_uid="webhooks.article_going")


def _article_going(sender: Any, instance: Article, **signal: Any) -> None:
    if instance.published_at is None or instance.kind != Article.Kind.ARTICLE:
        return
    if webhooks := _active():
        _forget(instance.pk, webhooks)
        if instance.is_live:
            _tell(webhooks, DELETED, instance, traces(instance))


def _tell(
    webhooks: list[Webhook], event: str, article: Article, about: Payload, changed: list[str] | None = None
) -> None:
    Delivery.objects.bulk_create(_events(webhooks, event, article, about, changed))


def _events(
    webhooks: list[Webhook], event: str, article: Article, about: Payload, changed: list[str] | None = None
) -> list[Delivery]:
    """For each webhook that wants it, yet to be saved."""
    made = [
        Delivery(webhook=webhook, event=event, article_id=article.pk, due_at=timezone.now())
        for webhook in webhooks
        if event in webhook.events
    ]
    for each in made:
        each.payload = _payload(each, about, changed)
    return made


def _foresee(articles: Iterable[Article], webhooks: list[Webhook]) -> None:
    """Once for each webhook that wants it, however often this is called."""
    Delivery.objects.bulk_create(
        (
            Delivery(webhook=webhook, event=PUBLISHED, article_id=article.pk, due_at=article.published_at)
            for article in articles
            for webhook in webhooks
            if PUBLISHED in webhook.events
        ),
        ignore_conflicts=True,
    )


def _forget(article_id: int, webhooks: list[Webhook]) -> None:
    """What was foreseen of this article."""
    Delivery.objects.foreseen().filter(article_id=article_id, webhook__in=webhooks).delete()


def _payload(delivery: Delivery, article: Payload | None = None, changed: list[str] | None = None) -> Payload:
    payload: Payload = {"id": str(delivery.pk), "type": str(delivery.event), "created": _time(delivery.created_at)}
    if article is not None:
        payload["article"] = article
    if changed is not None:
        payload["changed"] = changed
    return payload


def shown(article: Article, tags: Iterable[Tag]) -> Payload:
    """What everybody may see of a live article, by the names that the API has for it; the text is there to be asked
    for.
    """
    return {
        **traces(article),
        "api_url": _absolute(reverse("api:article-detail", args=[article.pk])),
        "title": article.title,
        "summary": article.excerpt,
        "author": _byline(article.author),
        "tags": sorted(tag.name for tag in tags),
        "published_at": _time(article.published_at),
        "updated_at": _time(article.updated_at),
        "canonical_url": article.canonical_url,
    }


def traces(article: Article) -> Payload:
    """All that is told of one that readers no longer see."""
    return {
        "id": article.pk,
        "slug": article.slug,
        "url": _absolute(article.get_absolute_url()),
        "version": article.version,
    }


def _byline(author: User) -> Payload:
    page = _absolute(reverse("articles:author", args=[author.username]))
    return {"id": author.pk, "username": author.username, "name": author.display_name, "url": page}


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _time(moment: datetime | None) -> str | None:
    """As the API writes it."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None
