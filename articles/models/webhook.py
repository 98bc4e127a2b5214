from base64 import b64encode
from secrets import token_bytes
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SECRET_PREFIX = "whsec_"  # noqa: S105  # the Standard Webhooks specification


def new_secret() -> str:
    return SECRET_PREFIX + b64encode(token_bytes(32)).decode()


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def free(self) -> Self:
        return self.exclude(busy_until__gt=timezone.now())

    def with_something_due(self) -> Self:
        return self.active().free().filter(Exists(Delivery.objects.due().filter(webhook=OuterRef("pk"))))


class Webhook(models.Model):
    """An address elsewhere that is told what becomes of live articles."""

    class Event(models.TextChoices):
        PUBLISHED = "article.published", _("published")
        CHANGED = "article.changed", _("changed")
        WITHDRAWN = "article.withdrawn", _("withdrawn")
        DELETED = "article.deleted", _("deleted")

    url = models.CharField(_("address"), max_length=500)  # of any host: what a URLField takes for one has a dot
    secret = models.CharField(
        _("secret"),
        max_length=100,
        default=new_secret,
        help_text=_("Signs what is sent, so that the receiver knows it is from here."),
    )
    events = models.JSONField(_("events"), default=list, help_text="Values of Event.")
    is_active = models.BooleanField(_("active"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    busy_until = models.DateTimeField(
        null=True, editable=False, help_text="Who sends it something has until then to say what came of it."
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> Self:
        return self.filter(due_at__lte=timezone.now())

    def formed(self) -> Self:
        return self.filter(payload__isnull=False)

    def foreseen(self) -> Self:
        """Of articles that go live by the clock: what is sent is formed then, from what is true then."""
        return self.filter(payload__isnull=True)


class Delivery(models.Model):
    """One event for one webhook. It waits here until the receiver has accepted it, or it is given up."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given up", _("given up")

    PING = "ping"  # the event of a test

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=30)
    article_id = models.BigIntegerField(
        _("article"), null=True, help_text="Of an article that may be gone; null for a test."
    )
    payload = models.JSONField(_("what is sent"), null=True, help_text="Null until it is due.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Since it was sent, or sent again by hand.")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("next attempt"), null=True)  # null once it has ended
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["webhook", "due_at"], name="delivery_next", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["webhook", "-created_at"], name="delivery_log"),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article_id", "webhook"],
                name="delivery_foreseen_once",
                condition=models.Q(payload__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.article_id or ''}".strip()

    @property
    def state(self) -> State:
        if self.delivered_at:
            return self.State.DELIVERED
        return self.State.WAITING if self.due_at else self.State.GIVEN_UP


class Attempt(models.Model):
    """One try to deliver, and what came of it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("when"), default=timezone.now)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, help_text="Of HTTP; null where none came.")
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(_("took, in milliseconds"))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
