"""WebSub: a hub hears which feeds have changed, fetches them, and hands them on to all who subscribed there.

The verbs note each change in its own transaction. `announce` tells the hub later, in a process of its own, so that no
writer waits for it; a note is taken away only when the hub has accepted what it says. So the hub may hear something
twice, but misses nothing.
"""

import logging
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Announcement, Article, Series, Tag
from articles.models.announcement import FEEDS

TIMEOUT = 10  # seconds that the hub may be silent
AT_ONCE = 1000  # announcements read into memory

Of = tuple[str, int]  # whose feeds: what it is, and its id
SITE: Of = ("site", 0)

logger = logging.getLogger(__name__)


def note(article: Article, tags: Iterable[Tag]) -> None:
    """Have the hub told of the feeds that this article is in: now, or when it goes live."""
    if not settings.WEBSUB_HUB or article.published_at is None or article.kind != Article.Kind.ARTICLE:
        return
    of = [SITE, ("author", article.author_id), *(("tag", tag.pk) for tag in tags)]
    if article.series_id:
        of.append(("series", article.series_id))
    Announcement.objects.create(due_at=max(article.published_at, timezone.now()), of=of)


def announce() -> None:
    """Tell the hub of all that is due. What it doesn't accept, it is told of the next time."""
    _take_up_scheduled()
    due = Announcement.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    while batch := list(due[:AT_ONCE]):
        unheard = _tell(dict(_pages({(kind, pk) for each in batch for kind, pk in each.of})))
        with transaction.atomic():
            Announcement.objects.filter(pk__in=[each.pk for each in batch]).delete()
            if unheard:
                Announcement.objects.create(due_at=timezone.now(), of=unheard)


def _take_up_scheduled() -> None:
    """Those that were scheduled while the site had no hub."""
    noted = Announcement.objects.values("due_at")
    for article in Article.objects.scheduled().exclude(published_at__in=noted).prefetch_related("tags"):
        note(article, article.tags.all())


def _pages(feeds: set[Of]) -> Iterator[tuple[Of, str]]:
    """The page that each feed lies under, of what is still there."""

    def ids(kind: str) -> list[int]:
        return [pk for each, pk in feeds if each == kind]

    if SITE in feeds:
        yield SITE, reverse("articles:home")
    for tag in Tag.objects.filter(pk__in=ids("tag")):
        yield ("tag", tag.pk), tag.get_absolute_url()
    for author in User.objects.filter(pk__in=ids("author")):
        yield ("author", author.pk), reverse("articles:author", args=[author.username])
    for series in Series.objects.filter(pk__in=ids("series")):
        yield ("series", series.pk), series.get_absolute_url()


def _tell(pages: dict[Of, str]) -> list[Of]:
    """Those that the hub did not accept. Once it can't be reached, the others are not tried."""
    unheard, why = dict(pages), ""
    try:
        for of, page in pages.items():
            try:
                for file in FEEDS.values():
                    _ping(f"{settings.SITE_URL}{page}{file}")
                del unheard[of]
            except HTTPError as refusal:  # perhaps of this one alone
                why = str(refusal)
                refusal.close()
    except (OSError, HTTPException) as trouble:
        why = str(trouble)
    hub = urlsplit(settings.WEBSUB_HUB).hostname
    if unheard:
        logger.warning("The hub %s did not accept the feeds of %d pages: %s. It is told again.", hub, len(unheard), why)
    if told := len(pages) - len(unheard):
        logger.info("The hub %s was told of the feeds of %d pages.", hub, told)
    return list(unheard)


class _NoRedirects(HTTPRedirectHandler):
    """The hub is where the operator says it is."""

    def redirect_request(self, *_request: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)


def _ping(feed: str) -> None:
    form = urlencode({"hub.mode": "publish", "hub.url": feed}).encode()
    _opener.open(settings.WEBSUB_HUB, form, timeout=TIMEOUT).close()
