"""The door of the desk: whoever has guessed too many passwords waits before the next, as at the API."""

from math import ceil
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import ngettext
from rest_framework import status
from rest_framework.exceptions import Throttled

from accounts.attempts import attempt, remember


class SignInForm(AdminAuthenticationForm):
    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        try:
            with attempt(self.request, self.cleaned_data.get("username", "")):
                return super().clean()
        except Throttled as refusal:
            raise _refused(self.request, refusal) from None

    def get_user(self) -> Any:
        """Whom Django signs in now."""
        self.request.signed_in_as = self.cleaned_data["username"]  # type: ignore[attr-defined]  # for Desk.login
        return super().get_user()


class OwnPasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        try:
            with attempt(self.request, self.user.get_username()):
                return super().clean_old_password()
        except Throttled as refusal:
            raise _refused(self.request, refusal) from None


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


class Desk(AdminSite):
    login_form = SignInForm

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = cast(HttpResponse, _with_wait(request, super().login(request, extra_context)))
        if login := getattr(request, "signed_in_as", None):
            remember(response, login)
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Django's, which takes no other form."""
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        request.current_app = self.name  # as Django does, for its own template tags
        return cast(TemplateResponse, _with_wait(request, view(request)))


def _refused(request: HttpRequest, refusal: Throttled) -> ValidationError:
    wait: int = refusal.wait  # type: ignore[attr-defined]  # the stubs have forgotten it
    request.wait = wait  # type: ignore[attr-defined]  # for _with_wait
    minutes = ceil(wait / 60)
    said = ngettext(
        "Too many failed sign-ins. Try again in %(minutes)s minute.",
        "Too many failed sign-ins. Try again in %(minutes)s minutes.",
        minutes,
    )
    return ValidationError(said % {"minutes": minutes})


def _with_wait(request: HttpRequest, response: Any) -> Any:
    """The form is validated by now. A form with an error is answered 200, which tells programs nothing."""
    if wait := getattr(request, "wait", None):
        response.status_code = status.HTTP_429_TOO_MANY_REQUESTS
        response["Retry-After"] = str(wait)
    return response
