"""What people see and do about their own account."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, View

from accounts.models import PersonalToken, User
from accounts.roles import role_of
from accounts.web.forms import TokenForm


@method_decorator(never_cache, name="dispatch")
class OwnPage(LoginRequiredMixin, View):
    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def handle_no_permission(self) -> Any:
        """Whatever was asked for: after signing in, a browser can do no more than look."""
        return redirect_to_login(reverse("accounts:profile"))


class Profile(OwnPage, FormView[TokenForm]):
    template_name = "accounts/profile.html"
    form_class = TokenForm
    http_method_names = ["get", "head", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tokens = PersonalToken.objects.kept().filter(user=self.person)
        return super().get_context_data(person=self.person, role=role_of(self.person), tokens=tokens, **kwargs)

    def form_valid(self, form: TokenForm) -> HttpResponse:
        """The token is in this answer and nowhere else: no address, cookie or session has it, and a redirect would."""
        try:
            made, text = PersonalToken.objects.make(self.person, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        empty = TokenForm()
        return self.render_to_response(self.get_context_data(form=empty, made=made, text=text))


class Revoke(OwnPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        token = get_object_or_404(PersonalToken, user=self.person, pk=pk)
        token.delete()
        messages.success(request, _("“%(name)s” is revoked: it is refused from now on.") % {"name": token.name})
        return redirect("accounts:profile")
