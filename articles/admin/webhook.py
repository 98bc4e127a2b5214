"""Webhooks at the desk: where they lead, and what became of all that was sent."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from articles.admin.desk import DeskAdmin, DeskForm, who
from articles.models import Attempt, Delivery, Webhook
from articles.models.webhook import new_secret
from articles.webhooks import deliver, guard, note

EVENTS = {**dict(Webhook.Event.choices), Delivery.PING: _("test")}


class WebhookForm(DeskForm[Webhook]):
    events = forms.MultipleChoiceField(
        choices=Webhook.Event.choices,
        widget=forms.CheckboxSelectMultiple,
        label=_("Told when an article is"),
        initial=Webhook.Event.values,
    )

    class Meta:
        widgets = {"url": forms.URLInput(attrs={"class": "vURLField", "placeholder": "https://"})}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        guard.addresses(guard.place(url))
        return url

    def clean(self) -> dict[str, Any] | None:
        if not settings.SITE_URL:
            raise ValidationError(
                _("Set SITE_URL to this site's own address first: what is sent names addresses of articles.")
            )
        return super().clean()


@admin.register(Webhook)
class WebhookAdmin(DeskAdmin[Webhook]):
    form = WebhookForm
    change_form_template = "admin/articles/webhook/change_form.html"
    list_display = ["url", "told", "is_active", "waiting"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        waiting = Delivery.objects.formed().filter(webhook=OuterRef("pk"), due_at__isnull=False)
        counted = waiting.order_by().values("webhook").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(waiting=Coalesce(Subquery(counted), 0))

    @admin.display(description=_("events"))
    def told(self, webhook: Webhook) -> str:
        comma = pgettext("between the names of a list", ", ")
        return comma.join(str(EVENTS[event]) for event in webhook.events)

    @admin.display(description=_("waiting"))
    def waiting(self, webhook: Any) -> int:
        return int(webhook.waiting)

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        return ["url", "events", "is_active", *(["secret"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> list[str]:
        return ["secret"] if obj else []

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """What was typed and no more: it may have been switched off, or its secret changed, since the form was read."""
        if not change:
            obj.by = who(request)
        elif "_secret" in request.POST:
            obj.secret = new_secret()
            form.changed_data.append("secret")
        obj.save(update_fields=form.changed_data if change else None)

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:
        self.message_user(request, _("It is set up. Its receiver needs the secret below."), messages.SUCCESS)
        return redirect("admin:articles_webhook_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        if "_secret" in request.POST:
            said = _("It has a new secret, which its receiver needs. The former one is not used any more.")
            self.message_user(request, said, messages.SUCCESS)
        elif "_test" in request.POST and obj.is_active:
            note.ping(obj)
            said = _("A test is on its way. What became of it is here in a few seconds: load the page again.")
            self.message_user(request, said, messages.SUCCESS)
            return redirect(log_of(obj))
        elif "_test" in request.POST:
            self.message_user(request, _("It is switched off: nothing is sent."), messages.ERROR)
        else:
            return super().response_change(request, obj)
        return redirect("admin:articles_webhook_change", obj.pk)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Webhook | None = None,
    ) -> HttpResponse:
        context["log"] = log_of(obj) if obj else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What was sent goes with it, counted and not named one by one."""
        sent = Delivery.objects.formed().filter(webhook__in=[each.pk for each in objs])
        counts = {self.opts.verbose_name_plural: len(objs), Delivery._meta.verbose_name_plural: sent.count()}
        refused = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return [str(each) for each in objs], counts, refused, []


def log_of(webhook: Webhook) -> str:
    return f"{reverse('admin:articles_delivery_changelist')}?webhook__id__exact={webhook.pk}"


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Delivery.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        match self.value():
            case Delivery.State.WAITING:
                return queryset.filter(due_at__isnull=False)
            case Delivery.State.DELIVERED:
                return queryset.filter(delivered_at__isnull=False)
            case Delivery.State.GIVEN_UP:
                return queryset.filter(due_at=None, delivered_at=None)
        return queryset


def in_english(words: str) -> SafeString:
    """What the system said."""
    return format_html('<span lang="en" dir="ltr">{}</span>', words)


@admin.register(Delivery)
class DeliveryAdmin(DeskAdmin[Delivery]):
    """Only shows: nobody adds, changes or deletes one by hand."""

    list_display = ["created_at", "told", "article", "shown_state", "tried", "answer", "due_at", "webhook"]
    list_filter = [StateFilter, "webhook"]
    list_select_related = ["webhook"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["send_again"]
    fields = ["told", "article", "webhook", "created_at", "shown_state", "due_at", "delivered_at", "attempts", "sent"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        attempts = Attempt.objects.filter(delivery=OuterRef("pk")).order_by()
        last = attempts.order_by("-at", "-pk")
        return Delivery.objects.formed().annotate(
            tried=Coalesce(Subquery(attempts.values("delivery").annotate(count=Count("pk")).values("count")), 0),
            last_status=Subquery(last.values("status")[:1]),
            last_error=Subquery(last.values("error")[:1]),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("articles.change_webhook")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Delivery | None = None,
    ) -> HttpResponse:
        context["may_send_again"] = obj and not obj.due_at and self.has_send_permission(request)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("event"), ordering="event")
    def told(self, delivery: Delivery) -> str:
        return str(EVENTS.get(delivery.event, delivery.event))

    @admin.display(description=_("article"), ordering="article_id")
    def article(self, delivery: Delivery) -> str:
        """By what was told of it: it may be gone."""
        if delivery.article_id is None:
            return ""
        told = (delivery.payload or {}).get("article", {})
        if delivery.event == Webhook.Event.DELETED:
            return format_html('<span dir="auto">{}</span>', told.get("slug"))
        page = reverse("admin:articles_article_change", args=[delivery.article_id])
        return format_html('<a href="{}" dir="auto">{}</a>', page, told.get("title") or told.get("slug"))

    @admin.display(description=_("state"))
    def shown_state(self, delivery: Delivery) -> str:
        return str(delivery.state.label)

    @admin.display(description=_("attempts"))
    def tried(self, delivery: Any) -> int:
        return int(delivery.tried)

    @admin.display(description=_("answer"))
    def answer(self, delivery: Any) -> str:
        return str(delivery.last_status) if delivery.last_status else in_english(delivery.last_error or "")

    @admin.display(description=_("attempts"))
    def attempts(self, delivery: Delivery) -> SafeString:
        lines = []
        for each in delivery.attempts.all():
            at = date_format(localtime(each.at), "DATETIME_FORMAT")
            lines.append((at, each.status or in_english(each.error), each.milliseconds))
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}: {} ({} ms)</li>", lines))

    @admin.display(description=_("what is sent"))
    def sent(self, delivery: Delivery) -> SafeString:
        return format_html('<pre dir="ltr">{}</pre>', json.dumps(delivery.payload, indent=2, ensure_ascii=False))

    @admin.action(permissions=["send"], description=_("Send again what was delivered or given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        done = sum(deliver.send_again(delivery) for delivery in queryset)
        said = ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", done)
        self.message_user(request, said % {"count": done}, messages.SUCCESS if done else messages.WARNING)
