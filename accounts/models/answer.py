from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class AnswerQuerySet(models.QuerySet["Answer"]):
    def expired(self) -> Self:
        return self.filter(created_at__lte=timezone.now() - Answer.KEPT_FOR)


class Answer(models.Model):
    """What a request with an Idempotency-Key was answered, for those who repeat it."""

    KEPT_FOR = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked, in hex.")
    status = models.PositiveSmallIntegerField(default=0, help_text="0 while it is being answered.")
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="answer_key_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"

    @property
    def has_expired(self) -> bool:
        return self.created_at <= timezone.now() - self.KEPT_FOR
