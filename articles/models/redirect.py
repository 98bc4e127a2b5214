import unicodedata
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# What answers here is no page, or a server in front: from below the ones and from the others, nobody is ever led on
FOLDERS = ("/api/", "/accounts/", f"/{settings.ADMIN_URL}".casefold(), settings.STATIC_URL, settings.MEDIA_URL)
FILES = {"/healthz", "/readyz", *(f"/{file.name}" for file in settings.WHITENOISE_ROOT.glob("*"))}
MAX_LENGTH = 500  # characters, of both addresses
NOWHERE: dict[str, Any] = {"article": None, "tag": None, "series": None, "author": None, "target": ""}


def _leads_to_one() -> Q:
    """At most one of the five."""
    alternatives = [Q(**{name: empty for name, empty in NOWHERE.items() if name != one}) for one in NOWHERE]
    return reduce(or_, alternatives)


class Redirect(models.Model):
    """An address that the site served once, or that something had elsewhere, and where it leads now.

    One row of the ledger of addresses. What it led to may be gone: a row that leads nowhere answers 410.
    """

    path = models.CharField(
        _("old path"), max_length=MAX_LENGTH, unique=True, help_text=_("Such as /2015/05/15/hello.html")
    )
    article = models.ForeignKey(
        "articles.Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="redirects",
        verbose_name=_("leads to"),
    )
    tag = models.ForeignKey(
        "articles.Tag",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="redirects",
        verbose_name=_("or to the tag"),
    )
    series = models.ForeignKey(
        "articles.Series",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="redirects",
        verbose_name=_("or to the series"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="redirects",
        verbose_name=_("or to the author"),
    )
    target = models.CharField(
        _("or to the address"),
        max_length=MAX_LENGTH,
        blank=True,
        help_text=_("A path of this site, or a whole address."),
    )

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["path"]
        constraints = [models.CheckConstraint(condition=_leads_to_one(), name="redirect_leads_to_one")]

    def __str__(self) -> str:
        return self.path

    def save(self, **kwargs: object) -> None:
        self.path = normalize(self.path)
        super().save(**kwargs)  # type: ignore[arg-type]

    @property
    def leads_to(self) -> str:
        """An address, be it seen or not; "" for nowhere."""
        if self.author:
            return reverse("articles:author", args=[self.author.username])
        if self.article:  # or a page, which comes as an article too
            return reverse(f"articles:{self.article.kind}", args=[self.article.slug])
        thing = self.tag or self.series
        return thing.get_absolute_url() if thing else self.target


def normalize(path: str) -> str:
    """One form of an address, however it is written.

    Single slashes, one before and none after, no index.html, and the small letters that slugs are made of.
    """
    parts = [part for part in unicodedata.normalize("NFC", path.strip().casefold()).split("/") if part]
    if parts[-1:] == ["index.html"]:
        parts.pop()
    return "/" + "/".join(parts)


def is_kept(path: str) -> bool:
    """Whether an address is one where nothing but the site's machinery ever answers."""
    return path in FILES or path.startswith(FOLDERS)
