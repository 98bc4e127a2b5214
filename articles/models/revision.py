from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """One saved state of an article, kept for good: who, when, what. Never changed afterwards."""

    class Action(models.TextChoices):
        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")
        PUBLISHED = "published", _("published")
        SCHEDULED = "scheduled", _("scheduled")
        WITHDRAWN = "withdrawn", _("withdrawn")
        RESTORED = "restored", _("restored")

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="revisions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("number"), help_text="The article's version that this is.")
    action = models.CharField(_("what happened"), max_length=20, choices=Action)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    state = models.JSONField(_("state"), encoder=DjangoJSONEncoder, help_text="Every field that a writer can set.")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("article", "number", name="revision_number_unique")]

    def __str__(self) -> str:
        return f"{self.article_id}/{self.number}"

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A revision is never changed.")
        super().save(**kwargs)
