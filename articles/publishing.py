"""The verbs: every change of an article, checked where it happens, whole or not at all, each leaving a revision.

`by` is who does it, and never None. What they may not do raises PermissionDenied, what can't be stored ValidationError
(by field), and what was changed by somebody else meanwhile Conflict; nothing is written then.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles import access, diff, markup, related, websub
from articles.models import Article, Image, Page, Revision, Tag, ledger, menu, translation
from articles.models.article import ArticleQuerySet
from articles.search import index
from articles.webhooks import note as webhooks
from blogsite.prepared import Prepared, Slot, insert

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
    "language",
    "translation_of",
    "menu_position",
)
FIELDS: dict[type[Article], set[str]] = {
    Article: {*COLUMNS, "tags"} - {"menu_position"},
    Page: {*COLUMNS} - {"series", "series_position"},
}
WORDS = ("title", "summary", "content")
PLACING = {"slug", "author", "series", "published_at", "tags"}  # these say at which addresses readers find an article
RELATING = {"title", "content", "author", "series", "language", "tags"}  # these, which other articles are near


class Conflict(Exception):
    """The article has changed since the version that this change was made from."""

    def __init__(self, current: Article) -> None:
        super().__init__(_("The article has been changed by somebody else meanwhile."))
        self.current = current


@contextmanager
def _begun(content: object = None) -> Iterator[None]:
    """A transaction, before which this text is rendered."""
    with ahead(content), transaction.atomic():
        yield


def ahead(content: object) -> AbstractContextManager[None]:
    """Within, this text is rendered already. So whoever begins a transaction around a verb makes nobody wait for a lock
    (on SQLite all who write, for the only one) as long as that takes: for a long text, seconds.

    What can't be stored is left to be refused by the verb.
    """
    try:
        return markup.ahead(Article._meta.get_field("content").clean(content, None))
    except ValidationError:
        return nullcontext()


def create(*, by: User, model: type[Article] = Article, created_at: datetime | None = None, **fields: Any) -> Article:
    """A new article, or another `model` of its kind, by default of `by` themselves. `created_at` is for importers."""
    _require(by, _permission("add", model))
    with _begun(fields.get("content")):
        began = created_at or timezone.now()
        article = model(author=by, created_at=began, updated_at=began)
        return _write(article, by, fields, Revision.Action.CREATED)


def revise(
    article: Article, *, by: User, expected_version: int | None = None, note: str = "", **changes: Any
) -> Article:
    """Change these fields and no others. Changing nothing writes nothing.

    With `expected_version`, only if the article still has that version. The `note`, of a live article alone, tells
    readers what was corrected; it may come after the change, by itself.
    """
    with _begun(changes["content"] if "content" in changes and changes["content"] != article.content else None):
        article = _locked(article, by, "change", expected_version)
        return _write(article, by, changes, note=" ".join(note.split()))


@transaction.atomic
def publish(article: Article, *, by: User, at: datetime | None = None) -> Article:
    """Make an article live now, or from a later moment on. One that is live already keeps its date."""
    article = _locked(article, by, "publish")
    if at is None and article.is_live:
        return article
    return _write(article, by, {"published_at": at or timezone.now()})


@transaction.atomic
def withdraw(article: Article, *, by: User) -> Article:
    """Make an article a draft again."""
    article = _locked(article, by, "publish")
    return _write(article, by, {"published_at": None})


def restore(article: Article, *, by: User, number: int, expected_version: int | None = None) -> Article:
    """Bring the words of an earlier revision back, as a new one. Who wrote it, where it stands, when it goes live and
    how it is filed stay as they are. With `expected_version`, only if the article still has that version.

    Raises Revision.DoesNotExist where the article has none of this number.
    """
    earlier = article.revisions.filter(number=number).first()
    with _begun(earlier and earlier.state["content"]):
        article = _locked(article, by, "change", expected_version)
        state = (earlier or article.revisions.get(number=number)).state
        words = {name: state[name] for name in ("title", "content", "summary", "canonical_url")}
        cover = Image.objects.filter(pk=state["cover"]).first()
        return _write(article, by, {**words, "cover": cover}, Revision.Action.RESTORED)


@transaction.atomic
def remove(article: Article, *, by: User, expected_version: int | None = None) -> None:
    """Delete an article, its revisions and its addresses with it. Webhooks hear of it from the model, as of those that
    go with their author's account.
    """
    article = _locked(article, by, "delete", expected_version)
    if article.is_live:
        websub.note(article, article.tags.all())
    article.delete()


def render_again(pk: int) -> None:
    """Make once more what is made of the words of this article or page, where an earlier version of our code made it.

    Nobody has changed it: there is no revision, and it is as old as it was. Raises ValidationError for words that can't
    be rendered any more.
    """
    outdated = ArticleQuerySet(Article).outdated().filter(pk=pk)
    for content in outdated.values_list("content", flat=True):
        with _begun(content):
            for article in outdated.select_for_update():
                article.save(update_fields=["rendered_by"])
                related.note(article)


@transaction.atomic
def merge(tags: Iterable[Tag], *, into: Tag, by: User) -> int:
    """Put what has these tags under another instead, and delete them: their addresses lead there for good.

    Answers how many articles have changed, each with a revision.
    """
    _require(by, "articles.change_article")
    _require(by, "articles.delete_tag")
    merged = [tag for tag in tags if tag != into]
    moved = 0
    for article in _locked_under(merged):
        present = list(article.tags.all())
        kept = [tag.name for tag in present if tag not in merged]
        if len(kept) < len(present):
            revise(article, by=by, tags=[*kept, into.name])
            moved += 1
    for tag in merged:
        ledger.lead(tag, into)
        tag.redirects.update(tag=into)
        tag.delete()
    return moved


def _locked_under(tags: list[Tag]) -> list[Article]:
    """Those that had one of these tags, with what they have now: by their ids, as whoever locks several has to."""
    under = Article.tags.through.objects.filter(tag__in=tags)
    locked = Article.objects.filter(pk__in=under.values("article")).order_by("pk").select_for_update()
    return list(locked.defer("content", "content_html").prefetch_related("tags"))


def _require(by: User, permission: str, article: Article | None = None) -> None:
    if not by.has_perm(permission, article):
        raise PermissionDenied


def _permission(verb: str, model: type[Article]) -> str:
    return f"articles.{verb}_{model._meta.model_name}"


def _locked(article: Article, by: User, verb: str, expected_version: int | None = None) -> Article:
    """The article as it is now, and nobody else's to change until the transaction ends."""
    current = next(iter(_held(type(article))(pk=article.pk)), None)
    if current is None:
        raise type(article).DoesNotExist
    rule = access.RULES[str(type(article)._meta.model_name)][_permission(verb, type(article))]
    if not access.holds(rule(by), current):
        raise PermissionDenied
    _keep_known(article, current)
    if expected_version not in (None, current.version):
        raise Conflict(current)
    return current


@cache
def _held(model: type[Article]) -> Prepared[Article]:
    return Prepared(lambda: model.objects.filter(pk=Slot("pk", model._meta.pk)).select_for_update())


def _keep_known(before: Article, now: Article) -> None:
    """What it refers to need not be read again where it is still the same."""
    for field in ("author", "cover", "series"):
        if field in before._state.fields_cache and getattr(before, f"{field}_id") == getattr(now, f"{field}_id"):
            setattr(now, field, getattr(before, field))


def _write(
    article: Article, by: User, fields: dict[str, Any], action: Revision.Action | None = None, note: str = ""
) -> Article:
    """Set what differs, check it, save it, and keep the revision; its action, if none is given, says what changed."""
    tags = article.tags_known = [] if article._state.adding else _tags_of(article=article.pk)
    changes = _changes(article, tags, fields)
    if not (article._state.adding or changes or note):
        return article
    _require_fields(by, article, changes)
    stood = ledger.places(article, tags) if changes.keys() & PLACING else {}
    state = None if article._state.adding else article.state
    seen = _words(article) if article.is_live else None
    if seen:
        websub.note(article, tags)  # the feeds that it may leave
    _set(article, changes)
    article.revised_at = _revised_at(article, seen, note)
    before = tags
    if "tags" in changes:
        tags = article.tags_known = _tags(by, changes["tags"])
    _save(article, changes)
    if "tags" in changes:
        _file(article, before, tags)
    _keep_revision(article, tags, by, action or _action(article, changes), note)
    _pass_on(article, tags, changes, stood)
    webhooks.note(article, tags, stood=state, changed=[*changes, *(["note"] if note else [])])
    return article


_tags_of = Prepared(lambda: Tag.objects.filter(articles=Slot("article", Article._meta.pk)))


def _changes(article: Article, tags: list[Tag], fields: dict[str, Any]) -> dict[str, Any]:
    """Those of these fields that are to hold something else."""
    if unknown := fields.keys() - FIELDS[type(article)]:
        raise TypeError(f"This has no {', '.join(sorted(unknown))} to set.")
    wanted = {name: value.strip() if name == "title" else value for name, value in fields.items()}
    if "tags" in wanted and _keys(wanted["tags"]) == {tag.key for tag in tags}:
        del wanted["tags"]
    return {name: value for name, value in wanted.items() if name == "tags" or value != getattr(article, name)}


def _set(article: Article, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name != "tags":  # these are set once it is saved
            setattr(article, name, value)
    if changes.keys() & {"language", "translation_of"}:
        translation.settle(article)


def _pass_on(article: Article, tags: list[Tag], changes: dict[str, Any], stood: dict[str, Article | None]) -> None:
    """Let everything know of a change that depends on an article; but for the search, which listens."""
    if stood:
        ledger.leave(stood, ledger.places(article, tags))
    if isinstance(article, Page):
        menu.arrange()
    websub.note(article, tags)
    if changes.keys() & RELATING:
        related.note(article)


def _words(article: Article) -> dict[str, str]:
    return {name: getattr(article, name) for name in WORDS}


def _revised_at(article: Article, seen: dict[str, str] | None, note: str) -> datetime | None:
    """When it last changed in a way that matters to those who have `seen` it. Withdrawn and published, it is new."""
    if not article.is_live:
        if note:
            raise ValidationError({"note": _("A correction note is for readers: only a live article has some.")})
        return None
    matters = note or (seen is not None and diff.matters(seen, _words(article)))
    return timezone.now() if matters else article.revised_at


def _action(article: Article, changes: dict[str, Any]) -> Revision.Action:
    if "published_at" not in changes:
        return Revision.Action.CHANGED
    match article.state:
        case Article.State.DRAFT:
            return Revision.Action.WITHDRAWN
        case Article.State.SCHEDULED:
            return Revision.Action.SCHEDULED
        case Article.State.LIVE:
            return Revision.Action.PUBLISHED


def _require_fields(by: User, article: Article, changes: dict[str, Any]) -> None:
    """Some fields need more than the permission to change the article. Asked before they are set."""
    if "author" in changes:
        _require(by, _permission("change", type(article)))  # everybody's
    if "published_at" in changes and article._state.adding and not access.publishes(by, str(article._meta.model_name)):
        raise PermissionDenied
    if "published_at" in changes and not article._state.adding:
        _require(by, _permission("publish", type(article)), article)
    if original := changes.get("translation_of"):
        _require(by, _permission("change", type(article)), original)  # whose page will lead to this one
    if changes.keys() & {"tags", "series", "series_position"} and not access.classifies(by):
        raise PermissionDenied


def _save(article: Article, changes: dict[str, Any]) -> None:
    # the fields' own checks and clean() say all that the database's constraints and unique indexes would
    article.full_clean(
        exclude={"author", "cover", "series", "translation_of"}, validate_unique=False, validate_constraints=False
    )
    if article._state.adding:
        article.save()
        return
    article.version += 1
    article.updated_at = timezone.now()
    article.save(update_fields={*changes, "version", "updated_at", "revised_at"} - {"tags"})


def _tags(by: User, names: Iterable[str]) -> list[Tag]:
    """The tags of these names; those that don't exist yet are made, where `by` may.

    In one order, or two that make the same tags at once would wait for each other.
    """
    found = Tag.objects.filter(key__in=_keys(names))
    tags = {tag.key: tag for tag in found}
    for name in sorted(names, key=Tag.key_of):
        if (key := Tag.key_of(name)) and key not in tags:
            _require(by, "articles.add_tag")
            tags[key] = Tag.objects.named(name)
    return list(tags.values()) if len(tags) == len(found) else list(found.all())  # in the database's order


def _file(article: Article, before: list[Tag], tags: list[Tag]) -> None:
    """Put it under its tags, which `before` were these."""
    through = Article.tags.through.objects
    if gone := [tag for tag in before if tag not in tags]:
        through.filter(article=article, tag__in=gone).delete()
    through.bulk_create(through.model(article=article, tag=tag) for tag in tags if tag not in before)
    if article.version > 1:  # a new one has just been indexed with them
        index.rename(article, tags)


def _keys(names: Iterable[str]) -> set[str]:
    return {Tag.key_of(name) for name in names} - {""}


def _keep_revision(article: Article, tags: list[Tag], by: User, action: Revision.Action, note: str) -> None:
    revision = revision_of(article, tags, by, action, note)
    revision.clean_fields(exclude={"article", "by"})
    insert(revision)


def revision_of(article: Article, tags: Iterable[Tag], by: User, action: Revision.Action, note: str = "") -> Revision:
    """What keeps an article as it is now, yet to be saved."""
    state = {name: article.serializable_value(name) for name in COLUMNS}
    state["tags"] = sorted(tag.name for tag in tags)
    return Revision(article=article, number=article.version, action=action, by=by, note=note, state=state)
