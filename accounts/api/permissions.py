from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import PersonalToken


class IsSignedIn(IsAuthenticated):
    """Whoever signed in with the password: a script's token opens no further doors to the account."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and not isinstance(request.auth, PersonalToken)
