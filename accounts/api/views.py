"""Tokens, and the account of whoever holds one."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema_view
from rest_framework import generics, parsers, permissions, status
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.tokens import AccessToken

from accounts.api import serializers, tokens
from accounts.api.authentication import SCHEME
from accounts.api.permissions import IsSignedIn
from accounts.attempts import attempt
from accounts.models import PersonalToken, User
from blogsite import etags
from blogsite.rest import ApiView, described

REFUSED = "Incorrect username or password"


class Public(ApiView, generics.GenericAPIView[Any]):
    authentication_classes = []  # a token that came along, perhaps an old one, is not looked at
    permission_classes = [permissions.AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        return SCHEME

    def given(self) -> dict[str, Any]:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def sign_in(self) -> tokens.RefreshToken:
        """One refusal, after the same work, for a wrong name, a wrong password and an inactive account."""
        given = self.given()
        with attempt(self.request._request, given["username"]):
            user = authenticate(self.request._request, username=given["username"], password=given["password"])
            if user is None:
                raise AuthenticationFailed(REFUSED)
        return tokens.sign_in(user)


def secret(data: dict[str, Any], status: int = 200) -> Response:
    return Response(data, status, headers={"Cache-Control": "no-store"})


class Login(Public):
    parser_classes = [parsers.FormParser, parsers.MultiPartParser]
    serializer_class = serializers.LoginForm

    @described(
        "Sign in (OAuth2 password grant)",
        serializers.LoginAnswer,
        401,
        request={"application/x-www-form-urlencoded": serializers.LoginForm},
        operation_id="login",
        no_store=True,
    )
    def post(self, request: Request) -> Response:
        refresh = self.sign_in()
        return secret(
            {
                "access_token": str(refresh.access_token),
                "token_type": "bearer",
                "refresh_token": str(refresh),
                "expires_in": int(AccessToken.lifetime.total_seconds()),
            }
        )


class Token(Public):
    serializer_class = serializers.Credentials

    @described("Sign in (JSON)", serializers.TokenPair, 401, operation_id="obtain_tokens", no_store=True)
    def post(self, request: Request) -> Response:
        return secret(pair(self.sign_in()))


class Refresh(Public):
    serializer_class = serializers.RefreshGiven

    @described(
        "Exchange a refresh token for new tokens",
        serializers.TokenPair,
        401,
        operation_id="refresh_tokens",
        no_store=True,
    )
    def post(self, request: Request) -> Response:
        """The refresh token is used up by it. One that comes a second time is refused, and ends the session: it may be
        in the wrong hands, and which of the two are those nobody can tell.
        """
        return secret(pair(tokens.exchange(self.given()["refresh"])))


class Verify(Public):
    serializer_class = serializers.TokenGiven

    @described(
        "Ask whether a token is good",
        OpenApiResponse({"type": "object", "maxProperties": 0, "examples": [{}]}, "It is."),
        401,
        operation_id="verify_token",
        no_store=True,
    )
    def post(self, request: Request) -> Response:
        token = self.given()["token"]
        try:
            tokens.trusted(token, AccessToken)
        except tokens.Untrusted:
            tokens.trusted(token, tokens.RefreshToken)
        return secret({})


class Logout(Public):
    serializer_class = serializers.RefreshGiven

    @described(
        "Sign out",
        OpenApiResponse(description="The session has ended: its refresh and access tokens are refused from now on."),
        401,
        status=204,
        operation_id="logout",
    )
    def post(self, request: Request) -> Response:
        tokens.sign_out(self.given()["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


def pair(refresh: tokens.RefreshToken) -> dict[str, str]:
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


@extend_schema_view(get=described("Read your account", serializers.AccountSerializer, operation_id="get_account"))
class Me(ApiView, generics.RetrieveAPIView[User]):
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = serializers.AccountSerializer

    def get_object(self) -> User:
        return cast(User, self.request.user)

    @described(
        "Change your account",
        serializers.AccountSerializer,
        403,
        parameters=[etags.IF_MATCH],
        operation_id="update_account",
    )
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """Only the fields sent are changed."""
        account = locked(self.get_object())
        etags.require(request, self.get_serializer(account).data, "account")
        serializer = self.get_serializer(account, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if "email" in serializer.validated_data and isinstance(request.auth, PersonalToken):
            raise PermissionDenied  # whoever has the mailbox can have the account
        serializer.save()
        return Response(serializer.data)


def locked(known: User) -> User:
    """The account as it is by now: nobody else's change is written over with what the token was looked up with."""
    account = User.objects.select_for_update(no_key=True).filter(pk=known.pk, stamp=known.stamp).first()
    if account is None:
        raise tokens.Untrusted
    return account


class PasswordView(ApiView, generics.GenericAPIView[User]):
    permission_classes = [IsSignedIn]
    serializer_class = serializers.PasswordChange

    @described(
        "Change your password",
        OpenApiResponse(description="Every token issued before is refused now, personal ones too."),
        403,
        status=204,
        operation_id="change_password",
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = cast(User, request.user)
        with attempt(request._request, user.username):
            if not user.check_password(serializer.validated_data["current_password"]):
                raise ValidationError({"current_password": ["This is not your password."]})
        user.set_password(serializer.validated_data["new_password"])
        with transaction.atomic():
            locked(user)  # of several who change it at once, the first has ended the tokens of the others
            user.save(update_fields=["password"])
        return Response(status=status.HTTP_204_NO_CONTENT)
