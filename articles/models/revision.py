from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from articles.models.taxonomy import validate_text

if TYPE_CHECKING:
    from articles.models.article import Article


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
    note = models.CharField(
        _("correction note"),
        max_length=500,
        blank=True,
        validators=[validate_text],
        help_text=_("Tells readers what was corrected, and why."),
    )
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


class Published(NamedTuple):
    revision: Revision  # its state is not loaded: ask for those of the few that are needed, in one query
    at: datetime  # when readers first saw it
    slug: str  # where


def published(article: "Article") -> list[Published]:
    """The revisions of this article that readers could see, the oldest first. One query.

    Readers see a revision if its date comes while it is the newest: it appears on that date, or when it was made if
    the date had come already. So what was saved for later and replaced or withdrawn before then is none, and the first
    of an imported article appeared when it came in, whatever its date. An article that was made without revisions has
    none here either, even if it is live: ask `is_live` too.
    """
    dated = article.revisions.order_by("number").defer("state")
    revisions: list[Any] = list(dated.annotate(date=KT("state__published_at"), slug=KT("state__slug")))
    ends = [following.created_at for following in revisions[1:]] + [timezone.now()]
    return list(_seen(revisions, ends))


def _seen(revisions: list[Any], ends: list[datetime]) -> Iterator[Published]:
    for revision, end in zip(revisions, ends, strict=False):
        date = parse_datetime(revision.date or "")
        if date and (at := max(date, revision.created_at)) <= end:
            yield Published(revision, at, revision.slug)
