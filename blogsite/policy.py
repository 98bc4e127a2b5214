"""What browsers may load and do on our pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"
EXPLAINED = {404, 500}  # by pages of Django's own while it is developed, which have their style within


class PolicyMiddleware:
    """The same with every answer, so that it is written once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        policy = settings.CONTENT_SECURITY_POLICY
        self.policy = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in EXPLAINED):
            response.headers.setdefault(HEADER, self.policy)
        return response
