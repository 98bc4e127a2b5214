"""The verbs: every change of an article, checked where it happens, whole or not at all, each leaving a revision.

`by` is who does it, and never None. What they may not do raises PermissionDenied, what can't be stored ValidationError
(by field), and what was changed by somebody else meanwhile Conflict; nothing is written then.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles import access
from articles.models import Article, Image, Revision, Tag

# What a writer can set; a revision keeps all of it
COLUMNS = (
    "title",
    "slug",
    "content",
    "summary",
    "author",
    "cover",
    "series",
    "series_position",
    "published_at",
    "canonical_url",
)
FIELDS = {*COLUMNS, "tags"}


class Conflict(Exception):
    """The article has changed since the version that this change was made from."""

    def __init__(self, current: Article) -> None:
        super().__init__(_("The article has been changed by somebody else meanwhile."))
        self.current = current


@transaction.atomic
def create(*, by: User, created_at: datetime | None = None, **fields: Any) -> Article:
    """A new article, by default of `by` themselves. `created_at` is for importers."""
    _require(by, "articles.add_article")
    began = created_at or timezone.now()
    article = Article(author=by, created_at=began, updated_at=began)
    return _write(article, by, fields, Revision.Action.CREATED)


@transaction.atomic
def revise(article: Article, *, by: User, expected_version: int | None = None, **changes: Any) -> Article:
    """Change these fields and no others. Changing nothing writes nothing.

    With `expected_version`, only if the article still has that version.
    """
    article = _locked(article, by, "articles.change_article", expected_version)
    return _write(article, by, changes)


@transaction.atomic
def publish(article: Article, *, by: User, at: datetime | None = None) -> Article:
    """Make an article live now, or from a later moment on. One that is live already keeps its date."""
    article = _locked(article, by, "articles.publish_article")
    if at is None and article.is_live:
        return article
    return _write(article, by, {"published_at": at or timezone.now()})


@transaction.atomic
def withdraw(article: Article, *, by: User) -> Article:
    """Make an article a draft again."""
    article = _locked(article, by, "articles.publish_article")
    return _write(article, by, {"published_at": None})


@transaction.atomic
def restore(article: Article, *, by: User, number: int) -> Article:
    """Bring the words of an earlier revision back, as a new one. Who wrote it, where it stands, when it goes live and
    how it is filed stay as they are.

    Raises Revision.DoesNotExist where the article has none of this number.
    """
    article = _locked(article, by, "articles.change_article")
    state = article.revisions.get(number=number).state
    words = {name: state[name] for name in ("title", "content", "summary", "canonical_url")}
    cover = Image.objects.filter(pk=state["cover"]).first()
    return _write(article, by, {**words, "cover": cover}, Revision.Action.RESTORED)


@transaction.atomic
def remove(article: Article, *, by: User, expected_version: int | None = None) -> None:
    """Delete an article, its revisions and its addresses with it."""
    _locked(article, by, "articles.delete_article", expected_version).delete()


def _require(by: User, permission: str, article: Article | None = None) -> None:
    if not by.has_perm(permission, article):
        raise PermissionDenied


def _locked(article: Article, by: User, permission: str, expected_version: int | None = None) -> Article:
    """The article as it is now, and nobody else's to change until the transaction ends."""
    current = Article.objects.select_for_update().get(pk=article.pk)
    _require(by, permission, current)
    if expected_version not in (None, current.version):
        raise Conflict(current)
    return current


def _write(article: Article, by: User, fields: dict[str, Any], action: Revision.Action | None = None) -> Article:
    """Set what differs, check it, save it, and keep the revision; its action, if none is given, says what changed."""
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"An article has no {', '.join(sorted(unknown))} to set.")
    adding = article._state.adding
    columns = {name: value.strip() if name == "title" else value for name, value in fields.items() if name != "tags"}
    changed = {name for name, value in columns.items() if value != getattr(article, name)}
    tags = [] if adding else list(article.tags.all())
    retagged = "tags" in fields and _keys(fields["tags"]) != {tag.key for tag in tags}
    if not (adding or changed or retagged):
        return article
    _require_fields(by, article, changed | {"tags"} if retagged else changed)
    for name in changed:
        setattr(article, name, columns[name])
    _save(article, changed)
    if retagged:
        tags = _tags(by, fields["tags"])
        article.tags.set(tags)
    _keep_revision(article, tags, by, action or _action(article, changed))
    return article


def _action(article: Article, changed: set[str]) -> Revision.Action:
    if "published_at" not in changed:
        return Revision.Action.CHANGED
    match article.state:
        case Article.State.DRAFT:
            return Revision.Action.WITHDRAWN
        case Article.State.SCHEDULED:
            return Revision.Action.SCHEDULED
        case Article.State.LIVE:
            return Revision.Action.PUBLISHED


def _require_fields(by: User, article: Article, changed: set[str]) -> None:
    """Some fields need more than the permission to change the article. Asked before they are set."""
    if "author" in changed:
        _require(by, "articles.change_article")  # everybody's
    if "published_at" in changed and article._state.adding and not access.publishes(by):
        raise PermissionDenied
    if "published_at" in changed and not article._state.adding:
        _require(by, "articles.publish_article", article)
    if changed & {"tags", "series", "series_position"} and not access.classifies(by):
        raise PermissionDenied


def _save(article: Article, changed: set[str]) -> None:
    # the fields' own checks and clean() say all that the database's constraints and unique indexes would
    article.full_clean(exclude={"author", "cover", "series"}, validate_unique=False, validate_constraints=False)
    if article._state.adding:
        article.save()
        return
    article.version += 1
    article.updated_at = timezone.now()
    article.save(update_fields={*changed, "version", "updated_at"})


def _tags(by: User, names: Iterable[str]) -> list[Tag]:
    """The tags of these names; those that don't exist yet are made, where `by` may."""
    tags = {tag.key: tag for tag in Tag.objects.filter(key__in=_keys(names))}
    for name in names:
        if (key := Tag.key_of(name)) and key not in tags:
            _require(by, "articles.add_tag")
            tags[key] = Tag.objects.named(name)
    return list(tags.values())


def _keys(names: Iterable[str]) -> set[str]:
    return {Tag.key_of(name) for name in names} - {""}


def _keep_revision(article: Article, tags: list[Tag], by: User, action: Revision.Action) -> None:
    state = {name: article.serializable_value(name) for name in COLUMNS}
    state["tags"] = sorted(tag.name for tag in tags)
    Revision.objects.create(article=article, number=article.version, action=action, by=by, state=state)
