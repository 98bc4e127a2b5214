from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Webhook(models.Model):
    """An address elsewhere that is told what becomes of live articles."""

    class Event(models.TextChoices):
        PUBLISHED = "article.published", _("published")
        CHANGED = "article.changed", _("changed")
        WITHDRAWN = "article.withdrawn", _("withdrawn")
        DELETED = "article.deleted", _("deleted")

    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(
        _("secret"), max_length=100, help_text=_("Signs what is sent, so that the receiver knows it is from here.")
    )
    events = models.JSONField(_("events"), help_text="Values of Event.")
    is_active = models.BooleanField(_("active"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event for one webhook. It waits here until the receiver has accepted it, or it is given up."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=30)
    article_id = models.BigIntegerField(null=True, help_text="Of an article that may be gone; null for a test.")
    payload = models.JSONField(null=True, help_text="What is sent; null until it is due.")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, help_text="When it is tried next; null once it has ended.")
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["webhook", "-created_at"], name="delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.article_id}"


class Attempt(models.Model):
    """One try to deliver, and what came of it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("when"), default=timezone.now)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, help_text="Of HTTP; null where none came.")
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(_("took"))

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
