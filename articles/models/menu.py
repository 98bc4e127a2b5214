"""The menu: the standing pages that have a place in it, noted in the site's settings, which are read for every page
shown. So it costs no query.
"""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from articles.models.article import Article
from articles.models.page import Page
from articles.models.site import SiteSettings


def arrange() -> None:
    """Note it as the pages are now."""
    SiteSettings.objects.locked()  # or of two pages that change at once, the menu would miss one
    pages = Page.objects.filter(menu_position__isnull=False, published_at__isnull=False)
    menu = [
        {
            "title": page.title,
            "address": page.get_absolute_url(),
            "language": page.language,
            "published_at": page.published_at and page.published_at.isoformat(),
        }
        for page in pages.order_by("menu_position", "title", "pk").only("title", "slug", "language", "published_at")
    ]
    SiteSettings.objects.update(menu=menu)


@receiver(post_delete, sender=Article)
@receiver(post_delete, sender=Page)
def _take_out(instance: Article, **kwargs: Any) -> None:
    """However it was deleted: with the account of its author too."""
    if instance.menu_position is not None:
        arrange()
