from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.hashers import kinds
from accounts.models import User
from blogsite.prepared import Prepared, Slot


class NameOrEmailBackend(ModelBackend):
    """Signs in with the user name or the e-mail address, whatever their case.

    A refusal takes the same work whether there is such an account or not, so that time tells nothing.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """As Django's own, but in one query: what they were given themselves, and what their groups were."""
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{name}" for app, name in _permissions(user=user_obj.pk)}
        return cast(set[str], user_obj._perm_cache)

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or password is None or "\0" in username:
            return None
        user = User.objects.by_login(username)
        if user is None or not self.user_can_authenticate(user):
            user = User(password=UNUSABLE_PASSWORD_PREFIX)  # with which Django makes a hash all the same
        if user.check_password(password):
            return user
        _hash_otherwise(password, user.password)
        return None


def _granted() -> QuerySet[Permission, Any]:
    """To a user, and to the groups that the user is in."""
    user = Slot("user", User._meta.pk)
    own, of_groups = (
        Permission.objects.order_by().filter(**{whose: user}).values_list("content_type__app_label", "codename")
        for whose in ("user", "group__user")
    )
    return own.union(of_groups)


_permissions = Prepared(_granted)


def _hash_otherwise(password: str, stored: str) -> None:
    """By each kind of hash that is in use, but that by which it was compared with the stored one.

    A kind of former times is in use until the last of its owners has signed in: until then all pay for it.
    """
    (preferred, hasher), *former = kinds()
    compared = next((kind for kind, _ in former if stored.startswith(kind)), preferred)
    if compared != preferred:
        hasher.encode(password, hasher.salt())
    for kind, hasher in former:
        if kind != compared and User.objects.filter(password__startswith=kind).exists():
            hasher.encode(password, hasher.salt())
