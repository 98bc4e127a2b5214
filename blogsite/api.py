"""The API's root: its addresses, and the documents that describe it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from blogsite.pages.public import public
from blogsite.rest import ApiView


@extend_schema(exclude=True)
class Nowhere(ApiView):
    """In place of the site's page: a program reads no HTML."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("Not found")


@cache
def openapi() -> dict[str, Any]:
    """The same for everyone, and half a second's work."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call,no-any-return]


@extend_schema(exclude=True)
class OpenApi(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]
    public = {"get": set[str]()}

    def get(self, request: Request) -> Response:
        return Response(openapi())


def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs.html")


api: list[URLPattern | URLResolver] = [
    path("", include("articles.api.urls")),  # what is asked most, first
    path("", include("accounts.api.urls")),
    re_path("", Nowhere.as_view()),
]
urlpatterns = [
    re_path(r"^docs/?$", public(docs), name="docs"),
    re_path(r"^openapi\.json/?$", OpenApi.as_view(), name="openapi"),
    path("api/v1/", include((api, "api"))),
]
