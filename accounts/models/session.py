from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SessionQuerySet(models.QuerySet["Session"]):
    def open(self) -> "SessionQuerySet":
        return self.filter(ended_at=None, user__is_active=True)


class Session(models.Model):
    """One sign-in of a program, with all tokens that come of it: they are refused once it has ended."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", verbose_name=_("account")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), default=timezone.now, editable=False, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("API session")
        verbose_name_plural = _("API sessions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"

    def end(self) -> None:
        """Refuse all its tokens from now on."""
        Session.objects.filter(pk=self.pk, ended_at=None).update(ended_at=timezone.now())
