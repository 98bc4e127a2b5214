import logging
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User

logger = logging.getLogger(__name__)

PREFIX = "blogsite_"  # by which people, and those who look for leaked secrets, know one
MAX_DAYS = 366
DAYS = 90
MAX_TOKENS = 100  # of one account
NOTED_EVERY = timedelta(minutes=1)


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def kept(self) -> "PersonalTokenQuerySet":
        """All but those that ended with a password, or with an account that was deactivated."""
        return self.filter(stamp=F("user__stamp"))

    def working(self) -> "PersonalTokenQuerySet":
        return self.kept().filter(expires_at__gt=timezone.now(), user__is_active=True)

    def presented(self, text: str) -> "PersonalToken":
        """The working one that reads so, with its account. Raises DoesNotExist."""
        return self.working().select_related("user").get(digest=_digest(text))

    def make(self, user: User, *, name: str, scope: str, days: int) -> tuple["PersonalToken", str]:
        """A new one, and its text, which can't be had again. Raises ValidationError when the account has too many."""
        if self.kept().filter(user=user).count() >= MAX_TOKENS:
            raise ValidationError(
                {"name": _("You have %(count)s tokens already. Revoke one first.") % {"count": MAX_TOKENS}}
            )
        text = PREFIX + token_urlsafe(32)
        expires_at = timezone.now() + timedelta(days=days)
        # The stamp as it was when the account was asked for its password: it may have another by now.
        token = self.create(
            user=user, name=name, scope=scope, digest=_digest(text), expires_at=expires_at, stamp=user.stamp
        )
        return token, text


class PersonalToken(models.Model):
    """What a script signs in with instead of a password. The token itself is shown once and never kept."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="personal_tokens", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is for, so that you know it again."))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    stamp = models.UUIDField(editable=False, help_text="That of its account when it was made.")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal access token")
        verbose_name_plural = _("personal access tokens")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def note_use(self) -> None:
        """Remember that it was used now: to the minute, so that few requests write. Whoever uses it doesn't wait for
        that to work.
        """
        now = timezone.now()
        if self.last_used_at and now - self.last_used_at < NOTED_EVERY:
            return
        try:
            with transaction.atomic():  # or what fails here would fail all that comes after it
                PersonalToken.objects.filter(pk=self.pk).update(last_used_at=now)
        except DatabaseError:
            logger.warning("The last use of a personal token could not be noted", exc_info=True)


def _digest(text: str) -> str:
    """It is as random as a hash is long, so that a fast one is enough, and the database finds it by that."""
    return sha256(text.encode()).hexdigest()
