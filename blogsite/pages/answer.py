"""An answer that is kept: for one encoding, under an ETag of its own."""

import gzip
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import brotli
from django.utils.http import parse_etags, parse_http_date_safe

from articles.caching.version import Known

IDENTITY = "identity"
ENCODINGS = ("br", "gzip")  # the best first
SMALLEST = 300  # bytes that are worth compressing
GZIP_LEVEL, BROTLI_LEVEL = 6, 5  # of 9 and of 11: beyond these it takes many times as long to save little
TEXTS = ("text/", "application/json", "application/xml", "application/manifest+json")
Headers = list[tuple[str, str]]
# What says how to take a page, and has been taken so: a 304 leaves it standing (RFC 9110, 15.4.5)
NOT_IN_304 = {
    *("content-length", "content-encoding", "content-type", "content-security-policy", "cross-origin-opener-policy"),
    *("referrer-policy", "x-content-type-options", "x-frame-options"),
}
ABOUT_THE_CLIENT = {"ratelimit", "ratelimit-policy"}  # and so not kept
VARIES = {"accept-encoding", "authorization", "cookie", "origin", "prefer"}  # all looked at by the short way


class Answer(NamedTuple):
    known: Known  # what was known when it was made
    made: float  # in seconds of the epoch
    until: float  # likewise; the clock alone ends it then
    status: str
    headers: Headers
    headers_if_held: Headers
    etag: str
    modified: int  # in seconds of the epoch, as Last-Modified says; 0 where it does not
    body: bytes

    def packed(self) -> tuple[Any, ...]:
        """As plain values."""
        return (tuple(self.known), *self[1:])

    @classmethod
    def unpacked(cls, values: tuple[Any, ...]) -> "Answer":
        return cls(Known(*values[0]), *values[1:])

    def is_held(self, environ: dict[str, Any]) -> bool:
        """Whether the client has it already, by what it says. If-None-Match goes first: it knows the whole answer."""
        if asked := environ.get("HTTP_IF_NONE_MATCH"):
            return asked == self.etag or matches(asked, self.etag)
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return bool(since and self.modified and self.modified <= (parse_http_date_safe(since) or 0))

    def encoded(self, encoding: str) -> "Answer":
        """The same for another encoding; itself where that makes it no smaller."""
        body = compress(self.body, encoding) if encoding != IDENTITY and self._is_text() else self.body
        if len(body) >= len(self.body):
            return self
        etag = f'{self.etag[:-1]}-{encoding}"'
        headers = [each for each in self.headers if each[0].lower() not in {"content-length", "etag"}]
        headers += [("Content-Encoding", encoding), ("Content-Length", str(len(body))), ("ETag", etag)]
        return self._replace(headers=headers, headers_if_held=if_held(headers), etag=etag, body=body)

    def _is_text(self) -> bool:
        kind = header(self.headers, "content-type").partition(";")[0]
        return len(self.body) >= SMALLEST and (kind.startswith(TEXTS) or kind.endswith(("+xml", "+json")))


def header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def of(status: str, headers: Headers, body: bytes, *, known: Known, made: float, until: float) -> Answer | None:
    """What may be kept of an answer, or None: nothing that failed, that is somebody's own or sets a cookie, and
    nothing that depends on what the key does not hold."""
    control = header(headers, "cache-control").lower()
    varies = {name.strip().lower() for name in header(headers, "vary").split(",") if name.strip()}
    names = {name.lower() for name, _ in headers}
    private = "private" in control or "no-store" in control or "set-cookie" in names or "content-encoding" in names
    if not status.startswith("200 ") or private or varies - VARIES:
        return None
    etag = header(headers, "etag")
    if not etag or etag.startswith("W/"):
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    replaced = {"etag", "content-length", "vary", "date", *ABOUT_THE_CLIENT}
    kept = [each for each in headers if each[0].lower() not in replaced]
    kept += [
        ("ETag", etag),
        ("Content-Length", str(len(body))),
        ("Vary", ", ".join(sorted(varies | {"accept-encoding"}))),
    ]
    modified = parse_http_date_safe(header(headers, "last-modified")) or 0
    return Answer(known, made, until, status, kept, if_held(kept), etag, modified, body)


def if_held(headers: Headers) -> Headers:
    """What of these goes with a 304."""
    return [each for each in headers if each[0].lower() not in NOT_IN_304]


def compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_LEVEL))
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def matches(asked: str, etag: str) -> bool:
    """By the weak comparison of RFC 9110, which If-None-Match asks for."""
    held = parse_etags(asked)
    return "*" in held or any(each.removeprefix("W/") == etag for each in held)


@lru_cache(maxsize=256)
def preferred(accepted: str) -> str:
    """Which of our encodings a client takes, by its Accept-Encoding."""
    weights = dict(_weighed(accepted.lower().split(",")))
    others = weights.get("*", 0.0)
    return next((name for name in ENCODINGS if weights.get(name, others) > 0), IDENTITY)


def _weighed(items: Iterable[str]) -> Iterable[tuple[str, float]]:
    for item in items:
        name, _, rest = item.partition(";")
        weight = rest.strip().removeprefix("q=") if rest else "1"
        try:
            yield name.strip(), float(weight)
        except ValueError:
            yield name.strip(), 0.0
