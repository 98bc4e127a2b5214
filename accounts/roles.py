"""A person's role is the group they are in. What each group may do is said by the apps: see articles.roles."""

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Role(models.TextChoices):
    """The value is the group's name. An account with none of them is a reader."""

    CONTRIBUTOR = "Contributor", _("Contributor")
    AUTHOR = "Author", _("Author")
    EDITOR = "Editor", _("Editor")
    ADMINISTRATOR = "Administrator", _("Administrator")


def role_of(user: User) -> Role | None:
    """The mightiest role that the account has; a superuser is an administrator."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    held = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role in held), None)


@transaction.atomic
def assign(user: User, role: Role | None) -> None:
    """Give a saved account this role and no other. Whoever has a role may sign in to the admin."""
    user.groups.remove(*Group.objects.filter(name__in=Role.values))
    if role:
        user.groups.add(Group.objects.get(name=role))
    user.is_staff = role is not None or user.is_superuser
    user.save(update_fields=["is_staff"])


def leads() -> Q:
    """The accounts that may do everything."""
    return Q(is_superuser=True) | Q(pk__in=User.objects.filter(groups__name=Role.ADMINISTRATOR).values("pk"))


def is_last_administrator(user: User) -> bool:
    """Whether nobody could put the site right again without this account.

    Asked in a transaction: whoever asks meanwhile waits for its end, or two could each take the other for the one left.
    """
    leading = User.objects.filter(leads(), is_active=True).order_by("pk").values_list("pk", flat=True)
    list(leading.select_for_update(of=("self",), no_key=True))
    administrators = list(leading[:2])  # asked again: while we waited, one may have ceased to be
    return administrators == [user.pk]
