"""What is searchable, kept up to date in the transaction of whatever changes it.

An article is saved by verbs, importers, commands and tests, its tags are renamed, merged and deleted on the desk, its
author's name changes in accounts, which knows nothing of articles. So the index listens to the models' own signals: no
way in can forget it. What sends none, `update()` and `bulk_create()`, calls `refresh` with what it changed. The entries
of deleted articles go with them, by their foreign key.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from accounts.models import User
from articles.models import Article, Entry, Page, Tag
from articles.models.entry import NEVER
from articles.search.words import indexed, plain
from blogsite.prepared import insert

AT_ONCE = 500  # articles whose texts are held in memory
# Of an article's fields, those that are texts, and where each is here
TEXTS = {"title": "title", "summary": "summary", "content": "content", "content_html": "content"}
PLACING = {"author", "author_id", "published_at"}
AUTHOR_FIELDS = {"name", "username"}


def refresh(pks: Iterable[int]) -> None:
    """Write anew what the search knows of the articles with these ids."""
    wanted = list(pks)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        articles = Article._base_manager.select_related("author").prefetch_related("tags").defer("content")
        Entry.objects.filter(article__in=some).delete()
        Entry.objects.bulk_create(entry(article, article.tags.all()) for article in articles.filter(pk__in=some))


def entry(article: Any, tags: Iterable[Any], model: type[Any] = Entry) -> Any:
    """What is searchable of an article. A migration gives models of its own time."""
    moment = Article._meta.get_field("published_at").to_python(article.published_at) or NEVER
    return model(
        place=Entry.place_at(moment, article.pk),
        article_id=article.pk,
        published_at=moment,
        names=names(article, tags),
        **{name: indexed(_text(article, name)) for name in ("title", "summary", "content")},
    )


def _text(article: Any, name: str) -> str:
    return plain(article.content_html) if name == "content" else str(getattr(article, name))


def names(article: Any, tags: Iterable[Any]) -> str:
    return indexed(" ".join([*sorted(tag.name for tag in tags), article.author.name, article.author.username]))


def rename(article: Article, tags: Iterable[Tag]) -> None:
    """It has these tags now. For who writes them in a way that sends no signal."""
    Entry.objects.filter(article=article).update(names=names(article, tags))


def listen() -> None:
    """Called once, when the app is ready."""
    for model in (Article, Page):
        post_save.connect(_article_saved, sender=model, dispatch_uid=f"search.{model.__name__}")
    m2m_changed.connect(_tags_set, sender=Article.tags.through, dispatch_uid="search.tags")
    post_save.connect(_tag_saved, sender=Tag, dispatch_uid="search.tag")
    pre_delete.connect(_tag_going, sender=Tag, dispatch_uid="search.tag_going")
    post_delete.connect(_tag_gone, sender=Tag, dispatch_uid="search.tag_gone")
    post_save.connect(_author_saved, sender=User, dispatch_uid="search.author")


def _article_saved(
    sender: Any, instance: Article, created: bool, raw: bool, update_fields: frozenset[str] | None, **signal: Any
) -> None:
    if created and not raw:
        insert(entry(instance, instance.tags_known or []))
    elif update_fields is None or PLACING & update_fields:
        refresh([instance.pk])
    elif changed := {TEXTS[name] for name in TEXTS.keys() & update_fields}:
        _rewrite(instance, changed)


def _rewrite(article: Article, changed: set[str]) -> None:
    """Of an article where it stands already, only these texts: one query, and none of its names can be a former one."""
    now = {name: indexed(_text(article, name)) for name in changed}
    if not Entry.objects.filter(article=article).update(**now):
        refresh([article.pk])


def _tags_set(sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **signal: Any) -> None:
    if reverse and action == "pre_clear":
        return _tag_going(sender, instance)
    if reverse and action == "post_clear":
        return _tag_gone(sender, instance)
    if action in {"post_add", "post_remove", "post_clear"}:
        _rename(Q(article__in=pk_set or () if reverse else [instance.pk]))
    return None


def _tag_saved(sender: Any, instance: Tag, created: bool, update_fields: frozenset[str] | None, **signal: Any) -> None:
    if not created and (update_fields is None or "name" in update_fields):
        _rename_under(instance, Q(article__tags=instance))


def _tag_going(sender: Any, instance: Any, **signal: Any) -> None:
    instance._articles = _held(instance)


def _tag_gone(sender: Any, instance: Any, **signal: Any) -> None:
    _rename(Q(article__in=instance._articles))


def _author_saved(
    sender: Any, instance: User, created: bool, update_fields: frozenset[str] | None, **signal: Any
) -> None:
    if not created and (update_fields is None or AUTHOR_FIELDS & update_fields):
        _rename_under(instance, Q(article__author=instance))


@transaction.atomic
def _rename_under(instance: Tag | User, which: Q) -> None:
    _held(instance)
    _rename(which)


def _held(instance: Tag | User) -> list[int]:
    """The articles of a tag or an author, once nobody is amid saving one, who has read the former name."""
    articles = Article._base_manager.filter(**{"tags" if isinstance(instance, Tag) else "author": instance})
    held = articles.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(held.values_list("pk", flat=True))


def _rename(which: Q) -> None:
    """Write the names of tags and authors anew where they differ."""
    found = Entry.objects.filter(which).select_related("article__author").prefetch_related("article__tags")
    changed = []
    for each in found.only("names", "article__author__name", "article__author__username"):
        if each.names != (now := names(each.article, each.article.tags.all())):
            each.names = now
            changed.append(each)
    Entry.objects.bulk_update(changed, ["names"], batch_size=AT_ONCE)
