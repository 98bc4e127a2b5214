"""Personal access tokens, over the account of whoever signed in."""

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema_view
from rest_framework import generics, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import serializers
from accounts.api.permissions import IsSignedIn
from accounts.api.views import secret
from accounts.models import PersonalToken, User
from blogsite import etags
from blogsite.rest import ApiView, described, place

TOKEN = place("id", "The token's id.", 7, int)


class TokenView(ApiView, generics.GenericAPIView[PersonalToken]):
    permission_classes = [IsSignedIn]
    serializer_class = serializers.PersonalTokenSerializer
    queryset = PersonalToken.objects.none()
    pagination_class = None  # an account has so many at most
    filter_backends = []

    def get_queryset(self) -> QuerySet[PersonalToken]:
        return PersonalToken.objects.kept().filter(user=cast(User, self.request.user))


@extend_schema_view(
    get=described(
        "List your personal access tokens",
        serializers.PersonalTokenSerializer(many=True),
        403,
        operation_id="list_tokens",
    )
)
class PersonalTokens(TokenView, generics.ListAPIView[PersonalToken]):
    @described(
        "Make a personal access token",
        serializers.MadeToken,
        403,
        status=201,
        request=serializers.TokenInput,
        operation_id="create_token",
        no_store=True,
    )
    def post(self, request: Request) -> Response:
        """For a script, which sends it as it would an access token: `Authorization: Bearer blogsite_…`. This answer is
        the only one that shows it. With the scope `read` it reads what the account may see and is refused all else
        (403); with `write` it may do what the account may. Neither can make, see or revoke tokens, or change the e-mail
        address or the password.
        """
        given = serializers.TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        token, text = PersonalToken.objects.make(cast(User, request.user), **given.validated_data)
        location = request.build_absolute_uri(reverse("api:me-token", args=[token.pk]))
        answer = secret({**self.get_serializer(token).data, "token": text}, status.HTTP_201_CREATED)
        answer["Location"] = location
        return answer


@extend_schema_view(
    get=described(
        "Read about a personal access token",
        serializers.PersonalTokenSerializer,
        403,
        parameters=[TOKEN],
        operation_id="get_token",
    )
)
class PersonalTokenDetail(TokenView, generics.RetrieveAPIView[PersonalToken]):
    def get_object(self) -> PersonalToken:
        return self.found(self.get_queryset())

    @described(
        "Revoke a personal access token",
        OpenApiResponse(description="It is refused from now on."),
        403,
        status=204,
        parameters=[TOKEN, etags.IF_MATCH],
        operation_id="delete_token",
    )
    @transaction.atomic
    def delete(self, request: Request, **kwargs: Any) -> Response:
        token = self.found(self.get_queryset().select_for_update(of=("self",)))
        etags.require(request, self.get_serializer(token).data, "token")
        token.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def found(self, tokens: QuerySet[PersonalToken]) -> PersonalToken:
        token = tokens.filter(pk=self.kwargs["id"]).first()
        if token is None:
            raise NotFound("Token not found")
        return token
