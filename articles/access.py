"""Who may do what: the product's table, said once and asked by every door.

A rule is a Q, so that one sentence answers "which articles?" (a queryset filters by it) and "this one?"
(`user.has_perm("articles.change_article", article)`, through articles.backends). What a role may do to everything is a
permission of its group (articles.roles); what it may do to its own work is said here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Model, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

Person = AbstractUser | AnonymousUser
Rule = Callable[[Person], Q]

NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING  # an empty Q() would vanish when or-ed with another


def live(path: str = "", at: datetime | Combinable | None = None) -> Q:
    """What everyone may see; with a path such as "articles__", asked from another model."""
    return Q(**{f"{path}published_at__lte": at or timezone.now()})


def draft() -> Q:
    return Q(published_at=None)


def holds(rule: Q, row: Model) -> bool:
    """Whether an article's rule holds of one that has just been read, and not been changed since: no query."""
    children: list[Any] = rule.children
    answers = (holds(each, row) if isinstance(each, Q) else _holds(row, *each) for each in children)
    return (any(answers) if rule.connector == Q.OR else all(answers)) != rule.negated


def _holds(row: Any, asked: str, value: Any) -> bool:
    match asked:
        case "author":
            return bool(row.author_id == value)
        case "pk__in":
            return row.pk in value
        case "published_at":
            return bool(row.published_at == value)
        case "published_at__lte":
            return row.published_at is not None and row.published_at <= value
    raise NotImplementedError(f"It takes the database to tell {asked}.")


def writes(user: Person, noun: str = "article") -> bool:
    """Has any of the roles that write. A reader, or one who became a reader again, has none."""
    return user.has_perm(f"articles.add_{noun}")


def publishes(user: Person, noun: str = "article") -> bool:
    """May at least publish their own articles; a contributor may not."""
    return user.has_perm(f"articles.publish_own_{noun}") or user.has_perm(f"articles.publish_{noun}")


def classifies(user: Person) -> bool:
    """May put articles under tags and into series."""
    return user.has_perm("articles.view_tag")


def own(user: Person) -> Q:
    return Q(author=user.pk) if writes(user) else NOTHING


def viewable(user: Person, at: datetime | Combinable | None = None) -> Q:
    return live(at=at) | history(user)


def history(user: Person) -> Q:
    """Whose drafts, scheduled ones and revisions the person sees."""
    return EVERYTHING if user.has_perm("articles.view_article") else own(user)


def changeable(user: Person) -> Q:
    if user.has_perm("articles.change_article"):
        return EVERYTHING
    return own(user) if publishes(user) else own(user) & draft()


def deletable(user: Person) -> Q:
    return EVERYTHING if user.has_perm("articles.delete_article") else changeable(user)


def publishable(user: Person) -> Q:
    if user.has_perm("articles.publish_article"):
        return EVERYTHING
    return own(user) if publishes(user) else NOTHING


def of_all(permission: str) -> Rule:
    """For what is nobody's own, whoever wrote it: it takes the permission for all."""
    return lambda user: EVERYTHING if user.has_perm(permission) else NOTHING


def page_viewable(user: Person) -> Q:
    return live() | of_all("articles.view_page")(user)


def image_deletable(user: Person) -> Q:
    """Own pictures that no article shows, as its cover or in its text; for editors, any."""
    if user.has_perm("articles.delete_image"):
        return EVERYTHING
    return Q(uploaded_by=user.pk, covered=None, shown_in=None) if writes(user) else NOTHING


# Django's permission names for one object, and the rule that answers each
ARTICLE_RULES: dict[str, Rule] = {
    "articles.view_article": viewable,
    "articles.change_article": changeable,
    "articles.delete_article": deletable,
    "articles.publish_article": publishable,
    "articles.view_revision": history,
}
PAGE_RULES: dict[str, Rule] = {
    "articles.view_page": page_viewable,
    "articles.view_revision": of_all("articles.view_page"),
    **{name: of_all(name) for name in ("articles.change_page", "articles.delete_page", "articles.publish_page")},
}
IMAGE_RULES: dict[str, Rule] = {"articles.delete_image": image_deletable}
RULES = {"article": ARTICLE_RULES, "page": PAGE_RULES, "image": IMAGE_RULES}  # by the name of the model
