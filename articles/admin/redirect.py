"""The ledger of addresses at the desk: where old ones lead, and which are gone."""

import re
from copy import copy
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.encoding import repercent_broken_unicode
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import DeskAdmin, DeskForm
from articles.models import Redirect, authors
from articles.models.redirect import MAX_LENGTH, NOWHERE, is_kept, normalize
from articles.models.taxonomy import validate_text


class RedirectForm(DeskForm[Redirect]):
    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].queryset = authors()  # type: ignore[attr-defined]

    def clean_path(self) -> str:
        """As it will be stored, so that the same address in another spelling is noticed as taken."""
        path = normalize(_path_of(self.cleaned_data["path"]))
        validate_text(path)
        if len(path) > MAX_LENGTH:
            raise ValidationError(_("It is too long."))
        if is_kept(path) or is_kept(f"{path}/"):
            message = _("This site keeps %(path)s for itself. Have the web server in front of it lead on from there.")
            raise ValidationError(message, params={"path": path})
        if _is_served(self.request, path):
            raise ValidationError(_("A page of this site stands there: nobody would ever be led on."))
        return path

    def clean_target(self) -> str:
        target: str = self.cleaned_data["target"].strip()
        if target.startswith("/"):
            if not (target.isprintable() and url_has_allowed_host_and_scheme(target, allowed_hosts=None)):
                raise ValidationError(_("This is no path of this site."))
        elif target:
            URLValidator(["http", "https"], message=_("Give a path, such as /archive/, or an http or https URL."))(
                target
            )
        return target

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        given = [name for name in NOWHERE if cleaned.get(name)]
        if len(given) > 1:
            raise ValidationError(_("It can lead to one of these only."))
        if "path" in cleaned and _leads_back(cleaned["path"], cleaned.get("target", ""), self.instance):
            raise ValidationError({"target": _("It would lead in a circle.")})
        return cleaned


def _path_of(address: str) -> str:
    """As it will be asked for, of what was copied from a browser: a whole address, its path in percents, a query."""
    path = re.split("[?#]", re.sub("^https?://[^/]*", "", address.strip()), maxsplit=1)[0]
    return repercent_broken_unicode(unquote_to_bytes(path)).decode()


def _is_served(request: HttpRequest, path: str) -> bool:
    """Whether a stranger finds a page there: asked of the view itself, without writing the page."""
    for address in {path, f"{path.rstrip('/')}/"}:
        asked = copy(request)
        asked.method, asked.user, asked.GET = "GET", AnonymousUser(), QueryDict()
        asked.path = asked.path_info = address
        try:
            asked.resolver_match = match = resolve(address)
            if match.func(asked, *match.args, **match.kwargs).status_code != 404:
                return True
        except (Resolver404, Http404):
            continue
    return False


def _leads_back(path: str, target: str, row: Redirect) -> bool:
    """Whether one who is led from this path comes past it again."""
    passed: set[str] = set()
    while target.startswith("/") and path not in passed:
        step = normalize(unquote(urlsplit(target).path))
        if step in passed:
            return False  # in a circle of others
        passed.add(step)
        following = Redirect.objects.filter(path=step).exclude(pk=row.pk).first()
        target = following.leads_to if following else ""
    return path in passed


class AnswerFilter(admin.SimpleListFilter):
    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("article", _("leads to an article")),
            ("list", _("leads to a tag, a series or an author")),
            ("target", _("leads to an address")),
            ("gone", _("gone (410)")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Redirect]) -> QuerySet[Redirect]:
        match self.value():
            case "article":
                return queryset.exclude(article=None)
            case "list":
                return queryset.exclude(tag=None, series=None, author=None)
            case "target":
                return queryset.exclude(target="")
            case "gone":
                return queryset.filter(Q(**NOWHERE))
        return queryset


@admin.register(Redirect)
class RedirectAdmin(DeskAdmin[Redirect]):
    form = RedirectForm
    list_display = ["path", "leads_to", "answer"]
    list_filter = [AnswerFilter]
    list_select_related = ["article", "tag", "series", "author"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["path", "target", "article__title", "tag__name", "series__title", "author__username"]
    autocomplete_fields = ["article", "tag", "series"]
    fieldsets = [
        (None, {"fields": ["path"]}),
        (
            _("Where it leads"),
            {
                "fields": ["article", "tag", "series", "author", "target"],
                "description": _("To one of these. Leave all empty to say that what was there has been taken down."),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redirect]:
        return super().get_queryset(request).defer("article__content", "article__content_html")

    def get_form(self, request: HttpRequest, obj: Redirect | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request
        return form

    @admin.display(description=_("leads to"))
    def leads_to(self, row: Redirect) -> str:
        return unquote(row.leads_to)

    @admin.display(description=_("answer"))
    def answer(self, row: Redirect) -> str:
        is_gone = not row.article.is_live if row.article else not row.leads_to
        return "410" if is_gone else "301"
