from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article, ArticleManager, Kind
from articles.models.redirect import FILES, FOLDERS

RESERVED = {kept.split("/")[1] for kept in (*FOLDERS, *FILES)}  # no page can stand there


class Page(Article):
    """A standing page, such as About: written like an article, and outside the stream of them."""

    objects = ArticleManager(Kind.PAGE)  # type: ignore[misc]  # the plugin sees no class variable here

    class Meta:
        proxy = True
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["title"]
        permissions = [("publish_page", "Can publish pages")]

    def save(self, **kwargs: Any) -> None:
        self.kind = Kind.PAGE
        super().save(**kwargs)

    def can_stand_at(self, slug: str) -> bool:
        """No page of the site's own stands there, and nothing below it either."""
        if slug in RESERVED:
            return False
        found = [found_at(f"/{slug}/{rest}") for rest in ("", "x", "x/", "x.md")]
        return found == ["articles:page", None, None, None]


def found_at(path: str) -> str | None:
    """The name of what the site map has there."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return None
