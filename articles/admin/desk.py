"""What the pages of the desk share."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles.models.article import ArticleQuerySet

M = TypeVar("M", bound=models.Model)
COUNTED_MOST = 2000  # rows of a list


def who(request: HttpRequest) -> User:
    """The person at the desk: nobody gets past its door without signing in."""
    return cast(User, request.user)


def each_left(rows: Iterable[M], verb: Callable[[M], object]) -> int:
    """Do it to each that nobody has deleted since it was looked up, and say to how many."""
    done = 0
    for row in rows:
        with suppress(ObjectDoesNotExist):
            verb(row)
            done += 1
    return done


class DeskForm(forms.ModelForm[M]):
    """Shows what a verb refused, at the fields it was refused for."""

    refusal: ValidationError | None = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            by_field = getattr(self.refusal, "error_dict", {None: self.refusal})
            for name, errors in by_field.items():
                self.add_error(name if name in self.fields else None, errors)
        return cleaned


class ShowsArticles(admin.ModelAdmin[M]):
    """Lists the articles that go with an object in its form: those that the person may see."""

    change_form_template = "admin/articles/with_articles.html"

    @abstractmethod
    def articles_of(self, obj: M) -> ArticleQuerySet:
        """Whoever may see them."""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context["articles"] = self.articles_of(obj).viewable_by(who(request)).for_listing()
        return super().render_change_form(request, context, add, change, form_url, obj)


def quoted(name: object) -> str:
    """In the quotation marks of the language."""
    return gettext("“%(name)s”") % {"name": name}


def an_id(value: str) -> str:
    """What was made up by hand becomes an id that no row has: Django refuses that, and fails on much else."""
    return value if re.fullmatch("[0-9]{0,18}", value) else "0"


class Pick(AutocompleteSelect):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        value = super().value_from_datadict(data, files, name)
        return None if value is None else an_id(value)


class PickMany(AutocompleteSelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [an_id(value) for value in super().value_from_datadict(data, files, name) or []]


class Counted(Paginator[Any]):
    """Counts no further than anybody turns pages: what lies behind is found by searching and filtering."""

    more = False  # than it has counted

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, models.QuerySet):
            return len(rows)
        found = rows.order_by().values("pk")[: COUNTED_MOST + 1].count()
        self.more = found > COUNTED_MOST
        return min(found, COUNTED_MOST)


class Filed(admin.RelatedFieldListFilter):
    """Offers those that rows of the list have. Each is looked for by itself: the rows may be a million."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[Any]:
        rows = model_admin.get_queryset(request).order_by().filter(**{field.name: OuterRef("pk")})
        ordering = self.field_admin_ordering(field, request, model_admin)
        choices: list[Any] = field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=Q(Exists(rows)))
        return choices


class Rows(ChangeList):
    """The rows of a list. An address that asks for what can't be, such as the year 99999, leads to the whole list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except (ArithmeticError, ValueError, DataError) as error:
            raise IncorrectLookupParameters(error) from error


class DeskAdmin(admin.ModelAdmin[M]):
    """Saves and deletes by verbs. A form that a verb refuses comes back with all that was typed."""

    actions = ["delete_selected"]
    paginator = Counted

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = Pick(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = PickMany(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No patterns: the database fails on a malformed one, and a clever one keeps it busy."""
        return "regex" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:  # the transaction is rolled back; now only show it
            return self.show_again(request, object_id, refusal, extra_context)

    def show_again(
        self,
        request: HttpRequest,
        object_id: str | None,
        refusal: ValidationError,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, extra_context=extra_context)

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)  # a class of this request's own
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        return form

    @admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s"))
    def delete_selected(self, request: HttpRequest, queryset: models.QuerySet[M]) -> HttpResponse | None:
        """Goes on with those that the person may delete, and names the others."""
        refused = [each for each in queryset if not self.has_delete_permission(request, each)]
        if refused:
            names = pgettext("between the names of a list", ", ").join(quoted(each) for each in refused)
            self.message_user(request, _("You may not delete %(names)s.") % {"names": names}, messages.ERROR)
            queryset = queryset.exclude(pk__in=[each.pk for each in refused])
        if not queryset.exists():
            return None
        with transaction.atomic():
            return delete_selected(self, request, queryset)
