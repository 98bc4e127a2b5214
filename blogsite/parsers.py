"""What the API reads of a body: how much of it, in which encoding, how deep. It says what was wrong, and the limit."""

import json
from collections import Counter
from itertools import chain
from math import isinf
from typing import IO, Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from rest_framework import exceptions, parsers, status
from rest_framework.request import Request

NESTING_MAX = 32  # levels of objects and arrays; an article takes two
DIGITS_MAX = 100  # of a whole number, which Python takes ever longer to read
QUOTED_MAX = 50  # characters
PARENTS = (dict, list)


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def __init__(self, limit: int, what: str = "request") -> None:
        super().__init__(f"The {what} is larger than {limit} bytes, the most that this site reads.")


class Unreadable(exceptions.APIException):
    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE


class LengthRequired(exceptions.APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send the body with a Content-Length."


class JSONParser(parsers.JSONParser):
    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            data = json.loads(
                stream.read().decode(),
                object_pairs_hook=_unique,
                parse_constant=_no_constant,
                parse_float=_finite,
                parse_int=_whole,
            )
            _refuse_deep(data)
        except RecursionError:
            raise exceptions.ParseError(_wrong(TOO_DEEP)) from None
        except ValueError as error:
            raise exceptions.ParseError(_wrong(str(error))) from None
        return data


class UploadParser(parsers.MultiPartParser):
    """A form with files, and so the only body that may be larger than the others."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        parsed = super().parse(stream, media_type, parser_context)
        for _, files in parsed.files.lists():
            if any(file.size > settings.UPLOAD_MAX_BYTES for file in files):
                raise TooLarge(settings.UPLOAD_MAX_BYTES, "file")
        return parsed


def refuse_unreadable(request: Request, parser: parsers.BaseParser) -> None:
    """By what the head of a request says, before anything of its body is read.

    Raises TooLarge, and Unreadable for what is packed or in another encoding than UTF-8.
    """
    limit = upload_max() if isinstance(parser, UploadParser) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length(request._request) > limit:
        raise TooLarge(limit)
    if (packed := request.headers.get("Content-Encoding", "identity")).strip().lower() != "identity":
        raise Unreadable(f"Send the body as it is: {_quoted(packed)} is no Content-Encoding that this site reads.")
    charset = (request._request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Unreadable(f"Send the body in UTF-8, not in {_quoted(charset)}.")


def length(request: HttpRequest) -> int:
    """What the head says of the body, as Django reads it: what is no number is none."""
    digits = request.META.get("CONTENT_LENGTH") or ""
    return int(digits) if digits.isdecimal() else 0


def upload_max() -> int:
    """Of a whole request: one file, and what else is in its form."""
    return int(settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


TOO_DEEP = f"nested more than {NESTING_MAX} levels deep"


def _wrong(why: str) -> str:
    return f"JSON parse error - {why}"


def _quoted(text: str) -> str:
    """So that half a character in it, which can't be sent, is seen as what it is."""
    return json.dumps(text[:QUOTED_MAX])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"an object has the name {_quoted(name)} more than once")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    if isinf(number := float(digits)):
        raise ValueError(f"the number {digits[:QUOTED_MAX]} is out of range")
    return number


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise ValueError(f"a number has more than {DIGITS_MAX} digits")
    return int(digits)


def _refuse_deep(data: Any) -> None:
    parents = [data] if type(data) in PARENTS else []
    for _ in range(NESTING_MAX):
        children = chain.from_iterable(parent.values() if type(parent) is dict else parent for parent in parents)
        parents = [child for child in children if type(child) in PARENTS]
    if parents:
        raise ValueError(TOO_DEEP)
