"""An article's ETag is its version and a digest of the answer: "7-1f2e…". A list's begins with what its headers say.

If-None-Match compares the whole, because the answer also shows what the version does not count: the author's name, a
renamed tag, which fields were asked for. If-Match asks whether the article itself was changed: the version alone.
"""

from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.utils.http import parse_etags
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from articles.models import Article

NONE = 0  # versions begin with 1


class PreconditionFailed(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The article has been changed since."


def tag(response: Response, beginning: object) -> Response:
    """Once it is rendered, that is."""

    def add(rendered: HttpResponse) -> Any:
        rendered["ETag"] = f'"{beginning}-{sha256(rendered.content).hexdigest()[:16]}"'

    response.add_post_render_callback(add)
    return response


def expected_version(request: Request, article: Article) -> int | None:
    """The version that If-Match insists on, for the verbs to compare. None where any will do, NONE where none will."""
    given = parse_etags(request.headers.get("If-Match", "*"))
    if "*" in given:
        return None
    # a proxy that compresses makes our ETags weak; the version in them is as strong as before
    versions = {etag.removeprefix("W/").strip('"').partition("-")[0] for etag in given}
    return article.version if str(article.version) in versions else NONE
