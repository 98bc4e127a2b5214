"""Accounts on the desk, each with its role. What people wrote is added by articles.admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts import roles
from accounts.models import PersonalToken, User
from accounts.models.token import PersonalTokenQuerySet
from accounts.roles import Role

NO_ROLE = ("", _("Reader (no role)"))
LAST = _("Nobody else who can sign in is an administrator. Make somebody one first.")

for hidden in (Group, BlacklistedToken, OutstandingToken):  # groups are the roles, and tokens look after themselves
    admin.site.unregister(hidden)


class RoleField(forms.ChoiceField):
    """What the person may do. It is their group."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Role"), choices=[NO_ROLE, *Role.choices], required=False, **kwargs)


class NewAccountForm(AdminUserCreationForm[User]):
    role = RoleField()

    class Meta:
        model = User
        fields = ["username", "email", "name"]


class AccountForm(UserChangeForm[User]):
    role = RoleField()

    class Meta:
        model = User
        fields = ["username", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = roles.role_of(self.instance) or ""
        if self.instance.is_superuser:
            self.fields["role"].disabled = True
            self.fields["role"].help_text = _("A superuser may do everything, whatever their role.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        leads = cleaned.get("role") == Role.ADMINISTRATOR or cleaned.get("is_superuser", self.instance.is_superuser)
        if roles.is_last_administrator(self.instance) and not (leads and cleaned.get("is_active", True)):
            raise ValidationError(LAST)
        return cleaned


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not generic when it runs
    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.cleaned_data["set_usable_password"] and roles.is_last_administrator(self.user):
            raise ValidationError(LAST)
        return cleaned


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Role.choices, ("none", NO_ROLE[1])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case None:
                return queryset
            case Role.ADMINISTRATOR:
                return queryset.filter(roles.leads())
            case "none":
                return queryset.exclude(roles.leads()).exclude(groups__name__in=Role.values)
        return queryset.exclude(roles.leads()).filter(groups__name=self.value())


@admin.register(User)
class AccountAdmin(DjangoUserAdmin[User]):
    form = AccountForm
    add_form = NewAccountForm
    change_password_form = PasswordForm
    list_display = ["username", "name", "email", "role", "is_active"]
    list_filter = [RoleFilter, "is_active"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["username", "name", "email"]
    filter_horizontal = ()
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ["last_login", "date_joined", "tokens"]
    actions = ["deactivate"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email"]}),
        (_("What they may do"), {"fields": ["role", "is_active", "is_superuser"]}),
        (_("As readers see them"), {"fields": ["name", "bio", "website"]}),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
        (None, {"fields": ["tokens"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "email", "name", "role"]}),
        (None, {"classes": ["wide"], "fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        role = roles.role_of(user)
        return str(_("Superuser") if user.is_superuser else role.label if role else "")

    @admin.display(description=_("personal access tokens"))
    def tokens(self, user: User) -> str:
        listed = reverse("admin:accounts_personaltoken_changelist", query={"user__id__exact": user.pk})
        return format_html('<a href="{}">{}</a>', listed, PersonalToken.objects.kept().filter(user=user).count())

    # Only superusers make superusers, or touch them

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Not one's own account: whoever deletes stays, so that an administrator is always left."""
        return super().has_delete_permission(request, obj) and _within_reach(request, obj) and obj != request.user

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        if roles.is_last_administrator(obj):  # whoever deletes has been deleted or demoted at the same moment
            raise PermissionDenied
        super().delete_model(request, obj)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*self.readonly_fields, *([] if request.user.is_superuser else ["is_superuser"])]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The role is a field of the form, not of the model."""
        fields = [name for name in kwargs.pop("fields", None) or [] if name != "role"]
        return super().get_form(request, obj, change=change, fields=fields or None, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change or {"role", "is_superuser"} & set(form.changed_data):
            roles.assign(form.instance, Role(form.cleaned_data["role"]) if form.cleaned_data["role"] else None)

    @admin.action(permissions=["change"], description=_("Deactivate: they can't sign in, what they wrote stays"))
    @transaction.atomic
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = 0
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, _("You may not change %(user)s.") % {"user": user}, messages.ERROR)
            elif user == request.user:
                self.message_user(request, _("Your own account stays active."), messages.ERROR)
            elif roles.is_last_administrator(user):  # who asks has been deactivated by them at the same moment
                self.message_user(request, LAST, messages.ERROR)
            else:
                user.is_active = False
                user.save(update_fields=["is_active"])
                done += 1
        if done:
            said = ngettext(
                "%(count)s account can't sign in any more.", "%(count)s accounts can't sign in any more.", done
            )
            self.message_user(request, said % {"count": done}, messages.SUCCESS)


@admin.register(PersonalToken)
class PersonalTokenAdmin(admin.ModelAdmin[PersonalToken]):
    """To see and revoke: whose it is makes it, and nobody can see its text again."""

    fields = ["name", "user", "scope", "created_at", "expires_at", "last_used_at"]
    list_display = ["name", "user", "scope", "created_at", "expires_at", "last_used_at"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["name", "user__username", "user__name", "user__email"]

    def get_queryset(self, request: HttpRequest) -> PersonalTokenQuerySet:
        return PersonalToken.objects.kept()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PersonalToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PersonalToken | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _within_reach(request, obj.user if obj else None)


def _within_reach(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or request.user.is_superuser
