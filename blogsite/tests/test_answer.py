"""What is kept of an answer, in which encoding it goes out, and when the client has it already."""

import gzip

import brotli
import pytest

from articles.caching.version import Known
from blogsite.pages import answer

pytestmark = pytest.mark.once
BODY = "Größere Städte, lange Wege. ".encode() * 40
HTML = ("Content-Type", "text/html; charset=utf-8")
DATED = ("Last-Modified", "Fri, 01 May 2026 12:00:00 GMT")


def made(*headers, status="200 OK", body=BODY):
    return answer.of(status, [*headers] or [HTML], body, known=Known(0, 1, 0), made=0.0, until=1.0)


@pytest.mark.parametrize(
    "header",
    [
        ("Set-Cookie", "a=b"),
        ("Cache-Control", "private"),
        ("Cache-Control", "max-age=0, No-Store"),
        ("Vary", "Accept-Language"),
        ("Vary", "Accept"),
        ("Vary", "*"),
        ("Content-Encoding", "gzip"),
    ],
)
def test_what_is_somebodys_own_is_not_kept(header):
    assert made(HTML) is not None
    assert made(HTML, header) is None


@pytest.mark.parametrize("status", ["206 Partial Content", "301 Moved Permanently", "404 Not Found", "500 Oh"])
def test_what_is_no_whole_answer_is_not_kept(status):
    assert made(HTML, status=status) is None


def test_what_was_counted_of_one_client_is_told_to_no_other():
    kept = made(HTML, ("RateLimit", '"a";r=1'), ("RateLimit-Policy", '"a";q=2'), ("Date", "now"))
    assert {name.lower() for name, _ in kept.headers} == {"content-type", "content-length", "etag", "vary"}


@pytest.mark.parametrize(("encoding", "decode"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_each_encoding_has_the_same_text_under_an_etag_of_its_own(encoding, decode):
    plain = made(HTML, ("ETag", '"7-abc"'))
    packed = plain.encoded(encoding)
    headers = dict(packed.headers)
    assert decode(packed.body) == BODY
    assert (headers["Content-Encoding"], headers["ETag"]) == (encoding, f'"7-abc-{encoding}"')
    assert int(headers["Content-Length"]) == len(packed.body)
    assert "accept-encoding" in headers["Vary"]
    assert [name for name, _ in packed.headers].count("ETag") == 1


@pytest.mark.parametrize("kept", [made(("Content-Type", "image/png")), made(HTML, body=b"short")])
def test_what_gets_no_smaller_stays_as_it_is(kept):
    assert kept.encoded("br") is kept


def test_one_without_a_strong_etag_gets_one():
    assert made(HTML).etag == made(HTML, ("ETag", 'W/"x"')).etag == made(HTML).encoded("gzip").etag.replace("-gzip", "")
    assert made(HTML).etag != made(HTML, body=b"another").etag


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0, gzip;q=0", "identity"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", "identity"),
        ("identity", "identity"),
        ("identity;q=0, gzip", "gzip"),
        ("br;q=much, gzip;q=", "identity"),
        ("brr, xgzip", "identity"),
        (",;,q=1;;", "identity"),
        ("gzip; q=0.8 , br ;q=1.000", "br"),
    ],
)
def test_an_encoding_is_chosen_that_the_client_takes(accepted, encoding):
    assert answer.preferred(accepted) == encoding


ETAG = made(HTML, ("ETag", '"7-abc"')).etag


@pytest.mark.parametrize(
    ("asked", "is_held"),
    [
        ('"7-abc"', True),
        ('W/"7-abc"', True),
        ('"x", "7-abc"', True),
        ('"x",W/"7-abc"', True),
        ("*", True),
        ('"7-abc-gzip"', False),
        ('"7-ab"', False),
        ("7-abc", False),
        ('"x"', False),
    ],
)
def test_if_none_match_names_what_the_client_has(asked, is_held):
    assert made(HTML, ("ETag", '"7-abc"')).is_held({"HTTP_IF_NONE_MATCH": asked}) is is_held


@pytest.mark.parametrize(
    ("since", "is_held"),
    [
        ("Fri, 01 May 2026 12:00:00 GMT", True),
        ("Sat, 02 May 2026 12:00:00 GMT", True),
        ("Fri, 01 May 2026 11:59:59 GMT", False),
        ("yesterday", False),
    ],
)
def test_if_modified_since_is_looked_at_where_there_is_a_date_and_no_etag_is_asked_for(since, is_held):
    asks = {"HTTP_IF_MODIFIED_SINCE": since}
    assert made(HTML, DATED).is_held(asks) is is_held
    assert not made(HTML).is_held(asks)
    assert not made(HTML, DATED).is_held({**asks, "HTTP_IF_NONE_MATCH": '"another"'})
