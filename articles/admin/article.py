"""Articles on the desk: the list, and the form in which they are written."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial, partialmethod
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles import access, publishing
from articles.admin.calendar import DatedRows
from articles.admin.conflict import merge
from articles.admin.desk import DeskForm, Filed, an_id, each_left, who
from articles.admin.revision import HistoryPages, label
from articles.models import Article, Revision, Tag
from articles.models.article import ArticleQuerySet
from articles.search.query import matching

Verb = Callable[..., Article]
Under = Article.tags.through
LOOKED_THROUGH = 1000  # articles, for the tags that they are under
ABOUT_THE_CHANGE = ("expected_version", "note")  # what a form asks for besides an article's fields


class Prose(forms.CharField):
    """Text of several lines. Browsers send CRLF where we keep LF, and that alone is no change."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class ArticleForm(DeskForm[Article]):
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = Revision._meta.get_field("note").formfield(
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 2})
    )

    class Meta:
        field_classes = {"content": Prose, "summary": Prose, "published_at": forms.DateTimeField}
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField", "dir": "auto"}),
            "content": forms.Textarea(attrs={"class": "desk-content", "rows": 28, "spellcheck": "true", "dir": "auto"}),
            "summary": forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3, "dir": "auto"}),
            # the browser's own picker: right on every device, and with no script
            "published_at": forms.DateTimeInput(
                attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected_version"].required = self.instance.pk is not None
        self.initial["expected_version"] = self.instance.version
        if "content" in self.fields:
            self.fields["content"].strip = False  # type: ignore[attr-defined]  # four blanks begin a code block
        if "author" in self.fields:
            writers = User.objects.filter(Q(is_staff=True) | Q(pk=self.instance.author_id))
            self.fields["author"].queryset = writers  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        """An empty slug breaks a constraint, but it is filled as the article is saved."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs lack it
        return excluded if self.cleaned_data.get("slug") else excluded | {"slug"}

    def fields_of_the_verbs(self, names: list[str]) -> dict[str, Any]:
        """What was typed, as the verbs take it."""
        fields = {name: self.cleaned_data[name] for name in names if name not in ABOUT_THE_CHANGE}
        if "tags" in fields:
            fields["tags"] = [tag.name for tag in fields["tags"]]
        return fields


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Article.State.choices)

    def queryset(self, request: HttpRequest, queryset: ArticleQuerySet) -> ArticleQuerySet:  # type: ignore[override]
        state = self.value()
        return queryset.in_state(state) if state in Article.State.values else queryset


class TagFilter(admin.SimpleListFilter):
    """Offers those of the newest articles. Rows of the list may be a million, and it must not join them."""

    title = Tag._meta.verbose_name
    parameter_name = "tags__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        newest = model_admin.get_queryset(request).order_by("-pk").values("pk")[:LOOKED_THROUGH]
        used = Under.objects.filter(article__in=newest).order_by().values_list("tag", flat=True).distinct()
        return list(Tag.objects.filter(pk__in=list(used)).order_by("name").values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: ArticleQuerySet) -> ArticleQuerySet:  # type: ignore[override]
        chosen = self.value()
        return (
            queryset
            if chosen is None
            else queryset.among(Under.objects.filter(tag=int(an_id(chosen) or 0)).values("article"))
        )


@admin.register(Article)
class ArticleAdmin(HistoryPages):
    form = ArticleForm
    change_form_template = "admin/articles/article/change_form.html"
    change_list_template = "admin/articles/article/change_list.html"
    list_display = ["title", "state", "author", "published_at", "updated_at"]
    list_filter = [
        StateFilter,
        ("author", Filed),
        TagFilter,
        ("series", Filed),
    ]
    list_select_related = ["author"]
    list_per_page = 50
    show_full_result_count = False  # counting a large table twice is slow, and tells little
    date_hierarchy = "published_at"
    search_fields = ["title", "summary", "content", "author__username", "author__name"]
    actions = ["publish", "withdraw", "delete_selected"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    autocomplete_fields = ["tags", "series", "cover", "translation_of"]

    # Who may what: asked from access.py, through has_perm

    def may(self, verb: str, request: HttpRequest, obj: Article | None = None) -> bool:
        if obj is None:  # is there any that they may?
            among = access.publishes if verb == "publish" else access.writes
            return among(who(request), self.noun)
        return who(request).has_perm(f"articles.{verb}_{self.noun}", obj)

    has_view_permission = partialmethod(may, "view")
    has_change_permission = partialmethod(may, "change")
    has_delete_permission = partialmethod(may, "delete")
    has_publish_permission = partialmethod(may, "publish")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and access.writes(who(request), self.noun)

    # The list

    def get_queryset(self, request: HttpRequest) -> ArticleQuerySet:
        """A writer's desk holds what they wrote, an editor's everything. Live ones of others are read on the site."""
        everything: ArticleQuerySet = self.model._default_manager.all()
        return everything.with_history_for(who(request)).defer("content", "content_html")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DatedRows]:
        return DatedRows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the index of the site's own search, which has drafts too. The search fields only show where to type."""
        asked = search_term.strip()
        return queryset.among(matching(asked).values("article")) if asked else queryset, False

    @admin.display(description=_("state"), ordering="published_at")
    def state(self, article: Article) -> SafeString:
        return format_html('<span class="desk-state desk-state-{}">{}</span>', article.state.value, article.state.label)

    @admin.action(permissions=["publish"], description=_("Publish now"))
    def publish(self, request: HttpRequest, queryset: ArticleQuerySet) -> None:
        done = self._each(request, queryset, publishing.publish)
        said = ngettext("%(count)s article is live.", "%(count)s articles are live.", done)
        self.message_user(request, said % {"count": done}, messages.SUCCESS if done else messages.WARNING)

    @admin.action(permissions=["publish"], description=_("Withdraw (make a draft again)"))
    def withdraw(self, request: HttpRequest, queryset: ArticleQuerySet) -> None:
        done = self._each(request, queryset, publishing.withdraw)
        said = ngettext("%(count)s article is a draft.", "%(count)s articles are drafts.", done)
        self.message_user(request, said % {"count": done}, messages.SUCCESS if done else messages.WARNING)

    def _each(self, request: HttpRequest, queryset: ArticleQuerySet, verb: Verb) -> int:
        """Do it to each that the person may do it to, and name the others."""
        done = 0
        for article in queryset:
            try:
                verb(article, by=who(request))
                done += 1
            except Article.DoesNotExist:
                continue  # somebody else has deleted it meanwhile
            except PermissionDenied:
                said = _("“%(article)s” is not yours to publish or withdraw.") % {"article": article}
                self.message_user(request, said, messages.ERROR)
            except ValidationError as refusal:
                refused = " ".join(refusal.messages)
                said = gettext("“%(article)s”: %(refusal)s") % {"article": article, "refusal": refused}
                self.message_user(request, said, messages.ERROR)
        return done

    # The form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Article | None:
        """A live article of somebody else opens too, to be read; access decides which."""
        try:
            return self.model.objects.viewable_by(request.user).select_related("author").get(pk=object_id)
        except (Article.DoesNotExist, ValueError):
            return None

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """Who may not set a field sees what it says, once there is something to see."""
        unseen = set() if obj else set(self.get_readonly_fields(request, obj))
        filed = [name for name in ("cover", "tags", "series", "series_position") if name not in unseen]
        dated = [name for name in ("published_at", "slug", "author", "canonical_url") if name not in unseen]
        dated += ["language", "translation_of"] if self._shows_original(request, obj) else ["language"]
        noted = ["note"] if obj and obj.is_live and self.has_change_permission(request, obj) else []
        return [
            (None, {"fields": ["title", "content", "summary", *noted]}),
            (_("Where it belongs"), {"fields": filed}),
            (_("When and where it appears"), {"fields": dated}),
        ]

    def _shows_original(self, request: HttpRequest, obj: Article | None) -> bool:
        """Not where it is a draft of somebody else, whose title would be told."""
        if obj is None or obj.translation_of_id is None:
            return True
        return self.model.objects.viewable_by(request.user).filter(pk=obj.translation_of_id).exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "translation_of":
            kwargs["queryset"] = self.model.objects.viewable_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        user = who(request)
        fields = [] if self.has_publish_permission(request, obj) else ["published_at"]
        if not access.classifies(user):
            fields += ["tags", "series", "series_position"]
        if not user.has_perm("articles.change_article"):  # everybody's
            fields.append("author")
        return fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": who(request).pk, **super().get_changeform_initial_data(request)}

    def view_on_site(self, obj: Article) -> str:
        """Its address as it is stored: `obj` may hold one that was typed and refused."""
        return self.model.objects.only("slug").get(pk=obj.pk).get_absolute_url()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Article | None = None,
    ) -> HttpResponse:
        context["may_publish"] = self.has_publish_permission(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving: by the verbs alone

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            with self._ahead(request, object_id or ""):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except publishing.Conflict as conflict:
            return self._show_conflict(request, conflict.current)
        except (PermissionDenied, Article.DoesNotExist):
            if request.method != "POST":
                raise
            return self._give_back(request)

    def _ahead(self, request: HttpRequest, object_id: str) -> AbstractContextManager[None]:
        """Django begins a transaction before it reads what was typed: a text that is new is rendered before that."""
        if "content" not in request.POST or not access.writes(who(request), self.noun):
            return nullcontext()
        text = Prose(strip=False).to_python(request.POST["content"])
        same = object_id.isdecimal() and self.get_queryset(request).filter(pk=object_id, content=text).exists()
        return nullcontext() if same else publishing.ahead(text)

    def _show_conflict(self, request: HttpRequest, current: Article) -> HttpResponse:
        fields = flatten_fieldsets(self.get_fieldsets(request, current))
        merged = merge(current, request.POST, self.get_form(request, current, change=True, fields=fields))
        request.POST = merged.typed  # type: ignore[assignment]
        if merged.agrees:
            return super().changeform_view(request, str(current.pk))
        refusal = ValidationError(_("Not saved yet: somebody else has saved meanwhile."))
        return self.show_again(request, str(current.pk), refusal, {"conflict": merged})

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        if "content" in request.POST:
            return self._give_back(request)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc, no-any-return]  # not in the stubs

    def _give_back(self, request: HttpRequest) -> HttpResponse:
        """What was typed into an article that was published, handed over or deleted meanwhile, to be copied."""
        typed = [(label(name), request.POST[name]) for name in ("title", "content", "summary") if name in request.POST]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Not saved"), "typed": typed}
        return TemplateResponse(request, "admin/articles/article/given_back.html", context, status=403)

    def save_form(self, request: HttpRequest, form: ArticleForm, change: bool) -> Article:
        by, typed = who(request), form.cleaned_data
        if change:
            about = {name: typed[name] for name in ABOUT_THE_CHANGE}
            article = publishing.revise(form.instance, by=by, **about, **form.fields_of_the_verbs(form.changed_data))
        else:
            article = publishing.create(by=by, model=self.model, **form.fields_of_the_verbs(list(typed)))
        if "_publish" in request.POST:
            return publishing.publish(article, by=by)
        if "_withdraw" in request.POST:
            return publishing.withdraw(article, by=by)
        return article

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """The verbs have saved it already, in save_form."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its tags too."""

    def log_change(self, request: HttpRequest, obj: Article, message: Any) -> Any:
        return super().log_change(request, obj, message) if message else None

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._stay(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        unchanged = request.POST["expected_version"] == str(obj.version)
        return self._stay(request, obj, unchanged=unchanged) or super().response_change(request, obj)

    def _stay(self, request: HttpRequest, article: Article, *, unchanged: bool = False) -> HttpResponse | None:
        """Back to the form, where there is something else to say than that it is saved."""
        if "_publish" in request.POST:
            self.message_user(request, _("“%(article)s” is live.") % {"article": article}, messages.SUCCESS)
        elif "_withdraw" in request.POST:
            self.message_user(request, _("“%(article)s” is a draft again.") % {"article": article}, messages.SUCCESS)
        elif unchanged:
            self.message_user(request, _("Nothing changed, so nothing was saved."), messages.INFO)
        else:
            return None
        return redirect(f"admin:articles_{self.noun}_change", article.pk)

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its revisions and addresses are its own, and go with it: only the article asks for permission."""
        refused = {self.opts.verbose_name for each in objs if not self.has_delete_permission(request, each)}
        revisions = Revision.objects.filter(article__in=[each.pk for each in objs])
        counts = {self.opts.verbose_name_plural: len(objs), Revision._meta.verbose_name_plural: revisions.count()}
        return [str(each) for each in objs], counts, refused, []

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        each_left([obj], partial(publishing.remove, by=who(request)))

    def delete_queryset(self, request: HttpRequest, queryset: ArticleQuerySet) -> None:  # type: ignore[override]
        with transaction.atomic():
            # in the order in which everybody locks several
            each_left(queryset.order_by("pk"), partial(publishing.remove, by=who(request)))
