from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles import access

FOLDER = "images/"  # of the storage
NAME_MAX_LENGTH = 200
WIDEST = 1920  # pixels, of the copies: our page's on a screen twice as dense


def files_at(addresses: Iterable[str]) -> set[str]:
    """The names of the library's files at these addresses, whether they are there or not."""
    there = f"{settings.MEDIA_URL}{FOLDER}"
    found = {address.removeprefix(settings.MEDIA_URL) for address in addresses if address.startswith(there)}
    return {name for name in found if len(name) <= NAME_MAX_LENGTH}


class ImageQuerySet(models.QuerySet["Image"]):
    def deletable_by(self, user: access.Person) -> Self:
        return self.filter(access.image_deletable(user)).distinct()


class Image(models.Model):
    """One picture of the media library. Its file is named by its content and never changes."""

    file = models.ImageField(_("file"), upload_to=FOLDER, max_length=NAME_MAX_LENGTH, unique=True)
    alt = models.CharField(
        _("description"), max_length=500, blank=True, help_text=_("What it shows, for those who can't see it.")
    )
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    widths = models.JSONField(
        default=list, editable=False, help_text="Of the smaller copies made of it, in pixels; none of an animation."
    )
    made_by = models.PositiveSmallIntegerField(
        default=0,
        db_index=True,
        editable=False,
        help_text="The version of articles.media.renditions that made these.",
    )
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the file, in hex.")
    original_name = models.CharField(_("original name"), max_length=255, blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="images",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="image_newest")]

    def __str__(self) -> str:
        return self.alt or self.original_name or str(self.file)

    @property
    def url(self) -> str:
        return str(self.file.url)

    def copy(self, width: int) -> str:
        """The name, in the storage, of its copy of this width."""
        return f"{FOLDER}{self.digest}-{width}.webp"

    @property
    def copies(self) -> list[str]:
        return [self.copy(width) for width in self.widths]

    @property
    def srcset(self) -> str:
        """Its files, each with its width, for a browser to choose from; "" where there is only the picture.

        The copies, and the picture itself where no copy as wide was smaller.
        """
        storage = self.file.storage
        choices = [(storage.url(self.copy(width)), width) for width in self.widths]
        if choices and self.width not in self.widths and (self.width <= WIDEST or self._is_webp):
            choices.append((self.url, self.width))
        return ", ".join(f"{url} {width}w" for url, width in choices)

    @property
    def srcset_type(self) -> str:
        """What all files of the srcset are; "" where the picture itself is among them, and something else."""
        alike = self._is_webp or self.width in self.widths or self.width > WIDEST
        return "image/webp" if alike else ""

    @property
    def _is_webp(self) -> bool:
        return self.url.endswith(".webp")

    @property
    def thumbnail(self) -> str:
        """The address of its smallest form."""
        return str(self.file.storage.url(self.copies[0])) if self.widths else self.url


class Shown(models.Model):
    """An article's text shows this file. It stays noted when the picture is deleted: the same one may come in again."""

    article = models.ForeignKey("articles.Article", models.CASCADE)
    image = models.ForeignKey(Image, models.DO_NOTHING, to_field="file", db_constraint=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "image"], name="shown_once")]

    def __str__(self) -> str:
        return str(self.image_id)
