"""What an account has written, and what becomes of it when the account goes."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import AccountAdmin
from accounts.models import User
from articles import publishing
from articles.admin.desk import DeskAdmin, each_left, who
from articles.models import Article, Page
from articles.models.tally import Kind, dated

admin.site.unregister(User)

WRITTEN: list[type[Article]] = [Article, Page]


def written_by(people: QuerySet[User]) -> list[Article]:
    """Articles and pages, in the order in which everybody locks several."""
    return [each for model in WRITTEN for each in model.objects.filter(author__in=people).order_by("pk")]


def count_written() -> Combinable:
    """Articles and pages of each person. Of articles with a date a count is kept; drafts and pages are the few."""
    theirs = Article._base_manager.filter(author=OuterRef("pk"))
    few = (theirs.filter(published_at=None), theirs.filter(kind=Article.Kind.PAGE, published_at__isnull=False))
    counts = (rows.order_by().values("author").annotate(number=Count("*")).values("number") for rows in few)
    return sum((Coalesce(Subquery(count), 0) for count in counts), start=dated(Kind.AUTHOR))


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=_("New author"))

    def __init__(self, *args: Any, leaving: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=leaving)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


@admin.register(User)
class WriterAdmin(AccountAdmin, DeskAdmin[User]):
    list_display = [*AccountAdmin.list_display, "article_count"]
    actions = ["hand_over", "deactivate", "delete_selected"]  # type: ignore[assignment]  # of two bases

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(article_count=count_written())

    @admin.display(description=_("articles"), ordering="article_count")
    def article_count(self, user: Any) -> int:
        return int(user.article_count)

    @admin.action(permissions=["change"], description=_("Hand articles over to somebody else …"))
    def hand_over(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        asked = "to" in request.POST
        leaving = User.objects.filter(pk__in=queryset.values("pk"))
        form = HandOverForm(request.POST if asked else None, leaving=leaving)
        if not (asked and form.is_valid()):
            return self._ask(request, leaving, form)
        with transaction.atomic():
            hand = partial(publishing.revise, by=who(request), author=form.cleaned_data["to"])
            handed = each_left(written_by(leaving), hand)
        said = ngettext("%(count)s article is now by %(author)s.", "%(count)s articles are now by %(author)s.", handed)
        named = {"count": handed, "author": form.cleaned_data["to"]}
        self.message_user(request, said % named, messages.SUCCESS)
        return None

    def _ask(self, request: HttpRequest, leaving: QuerySet[User], form: HandOverForm) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Hand articles over"),
            "action": "hand_over",
            "chosen": leaving,
            "count": len(written_by(leaving)),
            "form": form,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/accounts/user/hand_over.html", context)

    # Deleting an account deletes its articles

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        refused = {self.opts.verbose_name for user in objs if not self.has_delete_permission(request, user)}
        pks = [user.pk for user in objs]
        counts = {model._meta.verbose_name_plural: model.objects.filter(author__in=pks).count() for model in WRITTEN}
        counts = {self.opts.verbose_name_plural: len(objs), **counts}
        return [str(user) for user in objs], counts, refused, []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        each_left(written_by(User.objects.filter(pk=obj.pk)), partial(publishing.remove, by=who(request)))
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)
