from typing import Any

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

SIGN_IN = "Your user name or e-mail address, and your password. `client_id` and `client_secret` stay empty."
WORDS = "The access token of a sign-in (a JWT), or a personal access token (`blogsite_…`), which needs none."


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers it
    """Two ways to come by a token: sign in here, or paste one."""

    target_class = "accounts.api.authentication.BearerAuthentication"
    name = ["Password", "Token"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        return [
            {
                "type": "oauth2",
                "description": SIGN_IN,
                "flows": {"password": {"tokenUrl": reverse("api:login"), "scopes": {}}},
            },
            {"type": "http", "scheme": "bearer", "description": WORDS},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]
