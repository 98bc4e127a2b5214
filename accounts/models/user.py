from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

# filter(username__lower="ada") asks the index that keeps the names unique whatever their case
models.CharField.register_lookup(Lower)

# ASCII alone, so that SQLite and PostgreSQL agree on what the same name in another case is; and no "@", so that
# nobody can take another one's e-mail address for a user name and catch their sign-ins.
validate_username = RegexValidator(
    r"\A[A-Za-z0-9_.+-]+\Z",
    _("A user name is made of unaccented letters, digits and the signs _ . + - alone."),
)


class UserManager(DjangoUserManager["User"]):
    def by_login(self, login: str) -> "User | None":
        """The account with this user name or e-mail address, whatever the case, inactive ones too."""
        field = "email__lower" if "@" in login else "username__lower"
        return self.filter(**{field: login.lower()}).first()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__lower=(username or "").lower())


class User(AbstractUser):
    """A person. What they may do depends on their role, a group: see accounts.roles."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(_("user name"), max_length=50, unique=True, validators=[validate_username])
    email = models.EmailField(_("e-mail address"), max_length=255)
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("As readers see it in the byline."))
    bio = models.TextField(_("about"), max_length=1000, blank=True)
    website = models.URLField(_("website"), blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    stamp = models.UUIDField(default=uuid4, editable=False, help_text="What all its tokens carry: a new one ends them.")

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="username_unique", violation_error_message=_("This user name is taken.")
            ),
            models.UniqueConstraint(
                Lower("email"), name="email_unique", violation_error_message=_("This e-mail address is taken.")
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """A new password, whoever sets it, ends every token issued before; so does being deactivated."""
        if self._loses_its_tokens(update_fields):
            self.stamp = uuid4()
            update_fields = update_fields and [*update_fields, "stamp"]
        super().save(update_fields=update_fields, **kwargs)

    def check_password(self, raw_password: str | None) -> bool:
        """Stores the password under a newer kind of hash too, where there is one: that is no change of it, and undoes
        none that was made meanwhile.
        """
        compared = self.password

        def upgrade(password: str) -> None:
            self.password = make_password(password)
            User.objects.filter(pk=self.pk, password=compared).update(password=self.password)

        return check_password(raw_password, compared, upgrade)

    @property
    def display_name(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def _loses_its_tokens(self, written: Iterable[str] | None) -> bool:
        fields = {"password", "is_active"} & set(written or ["password", "is_active"])
        if self._state.adding or not fields:
            return False
        before = User.objects.filter(pk=self.pk).first()
        if before is None:
            return False
        changed = "password" in fields and self.password != before.password
        return changed or ("is_active" in fields and before.is_active and not self.is_active)
