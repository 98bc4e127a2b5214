"""The tokens that a program gets for a password. All that come of one sign-in are a family: they end together.

SimpleJWT signs them, reads them and knows which refresh tokens were used. Two things are done otherwise. After a change
of password it would compare the hash, which an upgrade of an old one changes too: our tokens carry the account's stamp
instead. And it would keep the text of each refresh token, for whoever reads the database.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts.models import Session, User
from blogsite.prepared import Prepared, Slot

SESSION_CLAIM = "sid"

T = TypeVar("T", bound=Token)


class Untrusted(AuthenticationFailed):
    """A token is no good. Why is nobody's business."""

    default_detail = "Could not validate credentials"


class RefreshToken(simplejwt.RefreshToken):
    @classmethod
    def of(cls, session: Session) -> "RefreshToken":
        """A new one, noted so that it can be used once."""
        token = cls()
        token[api_settings.USER_ID_CLAIM] = str(session.user_id)
        token[api_settings.REVOKE_TOKEN_CLAIM] = str(session.user.stamp)
        token[SESSION_CLAIM] = str(session.pk)
        expires_at = datetime_from_epoch(token["exp"])
        OutstandingToken.objects.create(
            user=session.user, jti=token["jti"], created_at=token.current_time, expires_at=expires_at
        )
        return token


class PresentedToken(RefreshToken):
    """One that somebody wants to use: that it was used before is not just a reason to refuse it."""

    def check_blacklist(self) -> None:
        pass  # use_up() looks


def sign_in(user: User) -> RefreshToken:
    """Begin a session; its access token comes with the refresh token."""
    with transaction.atomic():
        return RefreshToken.of(Session.objects.create(user=user, expires_at=_expiry()))


def trusted(encoded: str, kind: type[T]) -> tuple[Session, T]:
    """The open session of a token of this kind, with its account, in one query. Raises Untrusted."""
    try:
        token = kind(encoded)  # type: ignore[arg-type]  # an encoded one is what it takes
        [session] = _open(pk=token[SESSION_CLAIM])
    except (TokenError, ValidationError, KeyError, TypeError, ValueError, OverflowError):
        raise Untrusted from None
    said = token.get(api_settings.USER_ID_CLAIM), token.get(api_settings.REVOKE_TOKEN_CLAIM)
    if said != (str(session.user_id), str(session.user.stamp)):
        raise Untrusted
    return session, token


_open = Prepared(
    lambda: Session.objects.open().filter(pk=Slot("pk", Session._meta.pk)).select_related("user").order_by()
)


def exchange(encoded: str) -> RefreshToken:
    """Use a refresh token up for a new one. Raises Untrusted; ends the session where it was used before."""
    session, token = trusted(encoded, PresentedToken)
    with transaction.atomic():
        if _use_up(token):
            Session.objects.filter(pk=session.pk).update(expires_at=_expiry())
            return RefreshToken.of(session)
    session.end()  # outside the transaction: it is to last though the answer is a refusal
    raise Untrusted


def sign_out(encoded: str) -> None:
    """End the session of a refresh token. Raises Untrusted where that was used before, and ends it all the same."""
    session, token = trusted(encoded, PresentedToken)
    session.end()
    if not _use_up(token):
        raise Untrusted


def _use_up(token: RefreshToken) -> bool:
    """Whether it is the first time. Of two who come at the same moment, the database tells one that it is."""
    _, first = cast(tuple[Any, bool], token.blacklist())  # typed otherwise, but it is what get_or_create answers
    return first


def _expiry() -> datetime:
    """When the last of the tokens that are issued now expires."""
    lifetime: timedelta = max(RefreshToken.lifetime, AccessToken.lifetime)
    return timezone.now() + lifetime
