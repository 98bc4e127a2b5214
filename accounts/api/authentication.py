"""Whom a token speaks for. Whatever is wrong with one, the answer is the same."""

from typing import TypeVar, cast

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, Token

from accounts.models import User

UNTRUSTED = "Could not validate credentials"
SCHEME = "Bearer"

T = TypeVar("T", bound=Token)


class BearerAuthentication(JWTAuthentication):
    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:  # type: ignore[override]
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return trusted(token.strip(), AccessToken) if scheme.lower() == SCHEME.lower() else None

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def trusted(encoded: str, kind: type[T]) -> tuple[User, T]:
    """The active account that a token of this kind speaks for, and the token."""
    try:
        token = kind(encoded)  # type: ignore[arg-type]  # an encoded one is what it takes
        return cast(User, JWTAuthentication().get_user(token)), token
    except (TokenError, AuthenticationFailed, KeyError, TypeError, ValueError, OverflowError):
        raise AuthenticationFailed(UNTRUSTED) from None
