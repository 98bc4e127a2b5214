"""The ledger of addresses: each that readers were served is noted before what stands there goes or moves.

What is noted is asked only where nothing stands, so nothing has to be taken back when something stands there again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.urls import reverse

from accounts.models import User
from articles.models.article import Article
from articles.models.page import Page
from articles.models.redirect import NOWHERE, Redirect, normalize
from articles.models.revision import published
from articles.models.site import SiteSettings
from articles.models.taxonomy import Series, Tag

LISTS: dict[type[Tag | Series | User], str] = {Tag: "tag", Series: "series", User: "author"}  # and what leads to them


def was_published(article: Article) -> bool:
    """Whether readers could ever see it. What they could not is never told of, not even that it is gone."""
    return article.is_live or bool(published(article))


def places(article: Article, tags: Iterable[Tag]) -> dict[str, Article | None]:
    """The addresses where readers find an article, and what each is to lead to when nothing stands there any more.

    Its own leads to it, for as long as it is to be seen; those of the lists that it stands in lead nowhere.
    """
    if not article.is_live or article.published_at is None:
        return {}
    own: dict[str, Article | None] = {_path(reverse(f"articles:{article.kind}", args=[article.slug])): article}
    if article.kind == Article.Kind.PAGE:
        return own
    date = article.published_at.astimezone(ZoneInfo(SiteSettings.load().time_zone))
    lists: list[Tag | Series | User] = [article.author, *tags, *filter(None, [article.series])]
    return own | dict.fromkeys([*_archive_paths(date), *map(_list_path, lists)])


def _archive_paths(date: datetime) -> list[str]:
    year = _path(reverse("articles:archive_year", args=[date.year]))
    return [year, f"{year}/{date.month}", f"{year}/{date.month:02}"]  # a month's page answers at both


def leave(stood: Mapping[str, Article | None], stands: Mapping[str, Article | None]) -> None:
    """An article has gone from some of its places to others."""
    note({path: to for path, to in stood.items() if path not in stands})


def note(served: Mapping[str, Article | None]) -> None:
    """These were served, and lead there now. One query; what is noted already stays as it is.

    In one order, or two that note the same addresses at once would wait for each other.
    """
    rows = (Redirect(path=path, article=served[path]) for path in sorted(served))
    Redirect.objects.bulk_create(rows, ignore_conflicts=True)


def lead(old: Tag | Series | User, new: Tag | Series | User) -> None:
    """Let the address of a list lead to another, if it was ever served."""
    path, name = _list_path(old), LISTS[type(old)]
    if Redirect.objects.filter(path=path).exists() or _live_in(old):
        Redirect.objects.update_or_create(path=path, defaults={**NOWHERE, name: new})


def _live_in(thing: Tag | Series | User) -> bool:
    name = "tags" if isinstance(thing, Tag) else LISTS[type(thing)]
    return Article.objects.live().filter(**{name: thing.pk}).exists()


def _list_path(thing: Tag | Series | User) -> str:
    return _path(Redirect(**{LISTS[type(thing)]: thing}).leads_to)


def _path(address: str) -> str:
    return normalize(unquote(address))


@receiver(pre_delete, sender=Article)
@receiver(pre_delete, sender=Page)
def _note_what_an_article_leaves(instance: Article, **kwargs: Any) -> None:
    """An article that readers never saw takes the addresses that it had elsewhere with it."""
    slugs = {each.slug for each in published(instance)} | ({instance.slug} if instance.is_live else set())
    if slugs:
        own = {_path(reverse(f"articles:{instance.kind}", args=[slug])) for slug in slugs}
        note(dict.fromkeys(own | places(instance, instance.tags.all()).keys()))
    else:
        instance.redirects.all().delete()


@receiver(pre_delete, sender=Tag)
@receiver(pre_delete, sender=Series)
def _note_what_a_list_leaves(instance: Tag | Series, **kwargs: Any) -> None:
    """An author's page is left by their articles."""
    if _live_in(instance):
        note({_list_path(instance): None})


@receiver(pre_save, sender=SiteSettings)
def _note_what_another_time_zone_leaves(instance: SiteSettings, raw: bool = False, **kwargs: Any) -> None:
    """What appeared near the end of a month may be the only one of it, and be of the next one now."""
    before = SiteSettings.load()
    if raw or before.time_zone == instance.time_zone:
        return
    months = Article.objects.live().order_by().datetimes("published_at", "month", tzinfo=ZoneInfo(before.time_zone))
    note({path: None for month in months for path in _archive_paths(month)})


@receiver(pre_save, sender=Tag)
@receiver(pre_save, sender=Series)
@receiver(pre_save, sender=User)
def _lead_on_from_a_former_name(
    instance: Tag | Series | User, raw: bool = False, update_fields: Iterable[str] | None = None, **kwargs: Any
) -> None:
    unnamed = update_fields is not None and not {"slug", "username"} & set(update_fields)
    if raw or unnamed or instance.pk is None:
        return
    before = type(instance)._default_manager.filter(pk=instance.pk).first()
    if before and _list_path(before) != _list_path(instance):
        lead(before, instance)
