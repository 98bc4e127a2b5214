from django.db import models
from django.utils.translation import gettext_lazy as _


class Redirect(models.Model):
    """An address that an article had elsewhere, before it came here."""

    path = models.CharField(_("old path"), max_length=500, unique=True, help_text=_("Such as /2015/05/15/hello.html"))
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, related_name="redirects", verbose_name=_("leads to")
    )

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path

    def save(self, **kwargs: object) -> None:
        self.path = normalize(self.path)
        super().save(**kwargs)  # type: ignore[arg-type]


def normalize(path: str) -> str:
    """One form of an address: a slash before, none after, no index.html."""
    return f"/{path.strip().strip('/')}".removesuffix("/index.html") or "/"
