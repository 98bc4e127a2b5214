"""Errors of the API, each in the form that its client prefers: `{"detail": …}`, or the problem details of RFC 9457.

Done last, to whatever answered: a view, or Django before or after one (a host that isn't ours, a condition that does
not hold, a mistake of ours), which would answer a program with a page.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

JSON, PROBLEM = "application/json", "application/problem+json"
ADDRESSES = "/api/"
SAID = {
    HTTPStatus.BAD_REQUEST: "The request can't be used. Is its host one of this site's?",
    HTTPStatus.PRECONDITION_FAILED: "What the request depends on does not hold.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "This site has made a mistake. Its log says more.",
    HTTPStatus.SERVICE_UNAVAILABLE: "This can't be answered at the moment. Try again soon.",
}


class ProblemMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(ADDRESSES) or _is_for_developers(response):
            return response
        error = told(response)
        kind = PROBLEM if prefers_problem(request) else JSON
        response.content = json.dumps(problem(response.status_code, error) if kind == PROBLEM else error)
        response["Content-Type"], response["Content-Length"] = kind, str(len(response.content))
        patch_vary_headers(response, ["Accept"])
        return response


def _is_for_developers(response: HttpResponse) -> bool:
    """Django's own account of a mistake, while somebody looks for it."""
    return settings.DEBUG and response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR


def told(response: HttpResponse) -> dict[str, Any]:
    """What a view of ours has said, or what we say where Django has answered."""
    if response.get("Content-Type") == JSON:
        said: dict[str, Any] = json.loads(response.content)
        return said
    status = HTTPStatus(response.status_code)
    return {"detail": SAID.get(status, status.phrase)}


def prefers_problem(request: HttpRequest) -> bool:
    """Who names it wants it, unless they would rather have JSON: both at the same weight is what clients send that take
    JSON for the answers and problem details for the errors."""
    named = _weight(request, PROBLEM)
    return bool(named and named >= _weight(request, JSON, "application/*", "*/*"))


def _weight(request: HttpRequest, *kinds: str) -> float:
    """Of the first of these that the client names, whatever else it says of it, such as a charset."""
    named = {f"{accepted.main_type}/{accepted.sub_type}": accepted.quality for accepted in request.accepted_types}
    return next((named[kind] for kind in kinds if kind in named), 0)


def problem(status: int, error: dict[str, Any]) -> dict[str, Any]:
    """`errors` are those of fields, as the other form has them."""
    about = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(error.get("detail"), str):
        return {**about, "detail": error["detail"]}
    return {**about, "detail": f"Not valid: {', '.join(error)}.", "errors": error}
