"""A POST that may be sent twice, as when the connection broke before its answer came: the second is answered what the
first was, and does nothing.

The client makes up an Idempotency-Key for what it wants done, and sends it along each time, as the IETF's
draft-ietf-httpapi-idempotency-key-header says. The answer is kept in the transaction that does the work, so that there
is either both or neither: whatever was refused or failed has left no answer, and may be mended and sent with the same
key. Answers are as bounded as what they show: an article's content has a maximum length.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from psycopg.errors import LockNotAvailable
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Answer, User

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = ("Content-Type", "ETag", "Location")  # of the headers; the others are made for each request
WAIT = 10_000  # milliseconds for the first to be answered
QUOTED = r'"((?:[ !#-\[\]-~]|\\["\\])+)"'  # a string of RFC 9651, as the draft has it
BARE = r"[!#-+\--\[\]-~]+"  # as most clients send it; a comma stands between two headers
MAX_LENGTH = Answer._meta.get_field("key").max_length or 0

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^({QUOTED}|{BARE})$", "maxLength": MAX_LENGTH},
    location="header",
    description="Made up by you for this one request, such as a UUID; bare or in quotes, printable ASCII, at most 255 "
    "characters. Sent again within 24 hours with the same key, the request does nothing and is answered what it was "
    f"answered the first time, with `{REPLAYED}: true`: as long as you may still see what the answer shows (otherwise "
    "404 or 403). Another request with the same key of your account is refused (422); one that comes while the first "
    "is being answered waits for it (409 if that takes long). A request that was refused is not kept: send it again, "
    "mended, with the same key.",
    examples=[OpenApiExample("A key", "8e03978e-40d5-43e8-bc93-6894a57f9324")],
)

Handler = Callable[..., Response]


class KeyReused(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "You have sent another request with this Idempotency-Key. Make up a new one for each."


class StillAnswering(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "The first request with this Idempotency-Key is still being answered. Send it again soon."
    wait = 1


def idempotent(handler: Handler) -> Callable[..., HttpResponse]:
    """Around a method of a view that answers one thing: what its Location leads to, or else what get_object() finds.

    A view may have a method `ahead`, a context manager for what is better done before the transaction begins.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = key_of(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        asked = fingerprint(request)
        with getattr(view, "ahead", nullcontext)(), transaction.atomic():
            answer = claim(cast(User, request.user), key, asked)
            if answer.status:
                return replay(view, answer)
            response = handler(view, request, *args, **kwargs)
            rendered = view.finalize_response(request, response, *args, **kwargs).render()
            answer.status, answer.body = rendered.status_code, rendered.content.decode()
            answer.headers = {name: rendered[name] for name in KEPT if name in rendered}
            answer.save()
        return response

    return once


def key_of(request: Request) -> str | None:
    given = request.headers.get(HEADER)
    if given is None:
        return None
    quoted = re.fullmatch(QUOTED, given)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else given
    if len(key) > MAX_LENGTH or not (quoted or re.fullmatch(BARE, given)):
        raise exceptions.ParseError(f"{HEADER}: give 1 to {MAX_LENGTH} printable ASCII characters, in quotes or bare.")
    return key


def fingerprint(request: Request) -> str:
    """Of what is asked, however it is written: the order of JSON's names and the boundary of a form don't count."""
    path = request.path.rstrip("/")
    asked = [request.method, path, sorted(request.query_params.lists()), _plain(request.data)]
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _plain(data: Any) -> Any:
    match data:
        case MultiValueDict():
            return {name: [_plain(value) for value in values] for name, values in data.lists()}
        case UploadedFile():
            digest = sha256()
            for chunk in data.chunks():
                digest.update(chunk)
            data.seek(0)
            return [data.name, digest.hexdigest()]
    return data


def claim(user: User, key: str, asked: str) -> Answer:
    """What was answered to this key, or a row for it, status 0; nobody else's until the transaction ends.

    Raises StillAnswering, and KeyReused where something else was asked.
    """
    try:
        with _waiting_at_most(WAIT):
            answer, _ = Answer.objects.select_for_update(no_key=True).get_or_create(
                user=user, key=key, defaults={"fingerprint": asked}
            )
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillAnswering from error
        raise
    if answer.has_expired:
        answer.fingerprint, answer.status, answer.created_at = asked, 0, timezone.now()
    if answer.fingerprint != asked:
        raise KeyReused
    return answer


@contextmanager
def _waiting_at_most(milliseconds: int) -> Iterator[None]:
    """For others' locks. SQLite, where one transaction writes at a time, waits as long as it always does."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])
        yield
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def replay(view: Any, answer: Answer) -> HttpResponse:
    """What was answered, for who may still see what it shows: whatever keeps them from a GET of it is raised."""
    if location := answer.headers.get("Location"):
        view.kwargs = resolve(urlsplit(location).path).kwargs
    view.get_object()
    return HttpResponse(answer.body, status=answer.status, headers={**answer.headers, REPLAYED: "true"})
