import re
import unicodedata
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from articles import access, slugs
from articles.paths import path_to

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def validate_text(text: str) -> None:
    """Refuse what no database or web page can hold: NUL characters, and halves of surrogate pairs."""
    if UNSTORABLE.search(text):
        raise ValidationError(_("There are characters in it that can't be stored: NUL, or half an emoji."))


def slug_field(help_text: StrOrPromise) -> "models.CharField[str, str]":
    return models.CharField(
        _("address"),
        max_length=slugs.MAX_LENGTH,
        unique=True,
        blank=True,
        validators=[slugs.validate],
        help_text=help_text,
    )


class Sluggable(models.Model):
    """Has a slug, made from its name when it is saved without one, and unique however many are saved at once."""

    slug = slug_field(_("Made from the name where left empty."))

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        if self.slug:
            super().save(**kwargs)
        else:
            self._save_under_a_free_slug(**kwargs)

    def _save_under_a_free_slug(self, **kwargs: Any) -> None:
        for slug in slugs.candidates(slugs.make(str(self), fallback=self._meta.model_name or "")):
            self.slug = slug
            try:
                with transaction.atomic():
                    super().save(**kwargs)
            except IntegrityError:
                if not type(self)._default_manager.filter(slug=slug).exists():
                    raise  # the slug is free: something else is wrong
            else:
                break


class TagQuerySet(models.QuerySet["Tag"]):
    def with_counts(self) -> Self:
        """By name, each with its `article_count`: the live articles, and no others."""
        from articles.models.tally import Kind, counted  # which knows tags

        return self.annotate(article_count=counted(Kind.TAG)).order_by("name", "pk")

    def in_use(self) -> Self:
        """The same, those that a live article has: of what drafts have, nobody is to know."""
        return self.with_counts().live()

    def live(self, at: datetime | Combinable | None = None) -> Self:
        from articles.models.tally import Tagged

        return self.filter(Exists(Tagged.objects.filter(access.live(at=at), tag=OuterRef("pk"))))

    def most_used(self) -> Self:
        """The same, those with the most articles first."""
        return self.in_use().order_by("-article_count", "name", "pk")

    def named(self, name: str) -> "Tag":
        """The tag of this name, made where there is none yet. Raises ValidationError for a name that can't be one."""
        try:
            with transaction.atomic():
                tag = Tag(name=name)
                tag.full_clean()
                tag.save()
                return tag
        except (IntegrityError, ValidationError):
            found = self.filter(key=Tag.key_of(name)).first()
            if found is None:
                raise
            return found


class Tag(Sluggable):
    name = models.CharField(_("name"), max_length=100, validators=[validate_text])
    key = models.CharField(max_length=300, unique=True, editable=False, help_text="The name, whatever its case.")
    description = models.TextField(_("description"), blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="tag_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        self.key = self.key_of(self.name)
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return path_to("articles:tag", self.slug)

    @staticmethod
    def key_of(name: str) -> str:
        return unicodedata.normalize("NFKC", name).strip().casefold()

    def clean(self) -> None:
        self.name = self.name.strip()
        if not self.name:
            raise ValidationError({"name": _("Give it a name.")})
        if Tag.objects.filter(key=self.key_of(self.name)).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("There is a tag of this name already.")})


class Series(Sluggable):
    """Articles in an order. Each article says its own place."""

    title = models.CharField(_("title"), max_length=200, validators=[validate_text])
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = pgettext_lazy("several", "series")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return path_to("articles:series", self.slug)
