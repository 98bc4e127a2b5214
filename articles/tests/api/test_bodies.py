"""What the API reads of a body. What it doesn't read is refused with what was wrong and with the limit."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest

from accounts.tests.api.clients import API, PASSWORD, account, as_json, signed_in, stranger
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db
ARTICLES, IMAGES, LOGIN, TOKEN = f"{API}/articles/", f"{API}/images/", f"{API}/auth/login", f"{API}/auth/token"
GIVEN = {"title": "A title", "content": "Some words that are the content."}
FORM = "application/x-www-form-urlencoded"
BODIES = [("token", "application/json"), ("login", FORM), ("login", "multipart/form-data; boundary=x")]


def post(user, body, content_type="application/json", **extra):
    return signed_in(user).generic("POST", ARTICLES, body, content_type=content_type, **extra)


def refused(answer, status, words):
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert words in answer.json()["detail"]
    return True


def nested(levels):
    return json.dumps(GIVEN)[:-1] + ', "more": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


def test_a_body_may_be_nested_so_deep_and_no_deeper(author):
    assert post(author, nested(32)).status_code == 201
    for levels in (33, 900, 100_000):
        assert refused(post(author, nested(levels)), 400, "nested more than 32 levels deep")
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("NaN", "NaN is no number of JSON"),
        ("-Infinity", "-Infinity is no number"),
        ("1e999", "the number 1e999 is out of range"),
        ("-1e999", "out of range"),
        ("1" * 101, "more than 100 digits"),
        ("1" * 5000, "more than 100 digits"),
        ('{"a": 1, "b": 2, "a": 1}', 'has the name "a" more than once'),
        (r'{"\ud800": 1, "\ud800": 2}', r'has the name "\ud800" more than once'),
        ("'x'", "Expecting value: line 1"),
    ],
)
def test_what_python_would_read_and_json_does_not_say_is_refused(author, value, words):
    assert refused(post(author, json.dumps(GIVEN)[:-1] + f', "cover": {value}}}'), 400, words)
    assert not Article.objects.exists()


def test_a_field_that_is_there_twice_is_refused(author):
    assert refused(post(author, '{"title": "One", "title": "Two", "content": "0123456789"}'), 400, '"title"')


def test_half_a_character_in_a_name_harms_nobody(author):
    assert post(author, json.dumps({**GIVEN, "\ud800": "\ud800"})).status_code == 201


@pytest.mark.parametrize("number", [2**63, 2**64, 10**99])
def test_an_integer_beyond_64_bits_is_refused_by_its_field(author, number):
    answer = post(author, json.dumps({**GIVEN, "cover": number}))
    assert (answer.status_code, list(answer.json())) == (400, ["cover"])


@pytest.fixture
def small(settings, monkeypatch):
    """A site that reads little; and nothing at all of a body that is larger."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.UPLOAD_MAX_BYTES = 1000, 3000
    read = WSGIRequest.read

    def bounded(request, *args):
        assert int(request.META["CONTENT_LENGTH"]) <= 4000
        return read(request, *args)

    monkeypatch.setattr(WSGIRequest, "read", bounded)


@pytest.mark.parametrize(("path", "content_type"), BODIES)
@pytest.mark.usefixtures("small")
def test_a_body_past_the_limit_is_refused_before_it_is_read(path, content_type):
    for size in (1001, 5000):
        answer = stranger().generic("POST", f"{API}/auth/{path}", b"x" * size, content_type)
        assert refused(answer, 413, "The request is larger than 1000 bytes, the most that this site reads.")


@pytest.mark.usefixtures("small")
def test_an_article_past_the_limit_is_refused(author):
    answer = signed_in(author).post(ARTICLES, **as_json({**GIVEN, "content": "x" * 1000}))
    assert refused(answer, 413, "larger than 1000 bytes")
    assert not Article.objects.exists()


@pytest.mark.usefixtures("small")
def test_an_upload_may_be_larger_than_other_bodies_but_not_larger_than_its_own_limit(author):
    for size, words in ((3001, "The file is larger than 3000 bytes"), (4000, "The request is larger than 4000 bytes")):
        file = SimpleUploadedFile("a.png", b"x" * size)
        assert refused(signed_in(author).post(IMAGES, {"file": file}), 413, words)
    assert list(signed_in(author).post(IMAGES, {"file": SimpleUploadedFile("a.png", b"x" * 2500)}).json()) == ["file"]
    assert not Image.objects.exists()


@pytest.mark.usefixtures("small")
def test_the_desk_reads_no_form_that_is_larger_than_an_upload_either(client):
    answer = client.post("/admin/login/", {"file": SimpleUploadedFile("a", b"x" * 4001)})
    assert (answer.status_code, "larger than 4000 bytes" in answer.text) == (413, True)


def test_a_form_has_so_many_fields_and_files_and_no_more(author):
    fields = {f"f{number}": "x" for number in range(1001)}
    assert refused(stranger().post(LOGIN, fields), 400, "more than 1000 fields")
    pairs = "&".join(fields)
    assert refused(stranger().generic("POST", LOGIN, pairs, FORM), 400, "more than 1000 fields")
    files = {f"f{number}": SimpleUploadedFile("a", b"x") for number in range(101)}
    assert refused(signed_in(author).post(IMAGES, files), 400, "more than 100 files")


def test_a_part_with_a_head_that_never_ends_is_refused(author):
    body = b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 5000 + b'"\r\n\r\nx\r\n--x--\r\n'
    answer = signed_in(author).generic("POST", IMAGES, body, "multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_a_form_whose_parts_are_not_told_apart_is_refused():
    assert refused(stranger().generic("POST", LOGIN, b"--x\r\n", "multipart/form-data"), 400, "boundary")


def test_more_parameters_than_a_request_has_are_refused():
    assert refused(stranger().get(f"{ARTICLES}?{'a&' * 1001}"), 400, "more than 1000 fields")


@pytest.mark.parametrize(("path", "content_type"), BODIES)
def test_a_body_that_is_packed_is_refused(path, content_type):
    packed = gzip.compress(b"{}")
    for name in ("gzip", "br", "x" * 5000):
        answer = stranger().generic(
            "POST", f"{API}/auth/{path}", packed, content_type, headers={"Content-Encoding": name}
        )
        assert refused(answer, 415, "no Content-Encoding that this site reads")
        assert len(answer.json()["detail"]) < 200


def test_a_body_that_says_it_is_not_packed_is_read():
    account()
    given = as_json({"username": "ada", "password": PASSWORD})
    assert stranger().post(TOKEN, **given, headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize(("path", "content_type"), BODIES)
@pytest.mark.parametrize("charset", ["x", "base64", "latin-1", "utf-16", "utf-7"])
def test_a_body_in_another_encoding_is_refused(path, content_type, charset):
    answer = stranger().generic("POST", f"{API}/auth/{path}", b"{}", f"{content_type}; charset={charset}")
    assert refused(answer, 415, f'Send the body in UTF-8, not in "{charset}".')


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii"])
def test_an_encoding_that_is_utf_8_may_be_named(author, charset):
    assert post(author, json.dumps(GIVEN), f"application/json; charset={charset}").status_code == 201


def test_a_body_that_is_not_utf_8_is_refused(author):
    assert refused(post(author, b'{"title": "\xe9"}'), 400, "can't decode byte 0xe9")


def test_a_body_of_unknown_length_is_not_taken_for_an_empty_one(author):
    article = ArticleFactory(author=author)
    answer = signed_in(author).patch(f"{ARTICLES}{article.pk}", headers={"Transfer-Encoding": "chunked"})
    assert refused(answer, 411, "Content-Length")


def test_no_operation_at_all_reads_a_body_that_is_packed_or_too_large_or_of_unknown_length(author):
    article = ArticleFactory(author=author)
    client, tried = signed_in(author), 0
    for path, operations in stranger().get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            for content_type in operation.get("requestBody", {"content": []})["content"]:
                for status, head in (
                    (413, {"CONTENT_LENGTH": "10000000000"}),
                    (415, {"HTTP_CONTENT_ENCODING": "gzip"}),
                    (411, {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}),
                ):
                    where, tried = path.replace("{id}", str(article.pk)), tried + 1
                    answer = client.generic(method.upper(), where, b"{}", content_type, **head)
                    assert (answer.status_code, list(answer.json())) == (status, ["detail"]), (method, path, head)
    assert tried >= 36
