"""Whom a token speaks for. Whatever is wrong with one, the answer is the same."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import AccessToken

from accounts.api.tokens import Untrusted, trusted
from accounts.models import PersonalToken, User
from accounts.models.token import PREFIX

SCHEME = "Bearer"


class BearerAuthentication(BaseAuthentication):
    """As request.auth, a view finds the access token or the personal token that came."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken | PersonalToken] | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        text = text.strip()
        if text.startswith(PREFIX):
            personal = self.personal(text)
            if personal.scope == PersonalToken.Scope.READ and request.method not in SAFE_METHODS:
                raise PermissionDenied
            return personal.user, personal
        session, access = trusted(text, AccessToken)
        return session.user, access

    def personal(self, text: str) -> PersonalToken:
        try:
            token = PersonalToken.objects.presented(text)
        except PersonalToken.DoesNotExist:
            raise Untrusted from None
        token.note_use()
        return token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME
