"""What the OpenAPI document shows is what may be sent, and what is answered."""

import json
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from accounts.api.tokens import sign_in
from accounts.models import PersonalToken
from accounts.roles import Role
from accounts.tests.api.clients import bearing, stranger
from articles import publishing
from articles.media import uploads
from articles.tests.factories import UserFactory, picture
from blogsite.api import openapi
from blogsite.examples import JWT
from blogsite.problems import JSON
from blogsite.rest import NDJSON

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OPERATIONS = [(method, path, said) for path, item in openapi()["paths"].items() for method, said in item.items()]


def each(of=lambda operation: True):
    several = [case for case in OPERATIONS if of(case[2])]
    names = [operation["operationId"] for _, _, operation in several]
    return pytest.mark.parametrize(("method", "path", "operation"), several, ids=names)


class Site:
    """One of each, and whoever made them."""

    def __init__(self):
        self.ada = UserFactory(username="ada", role=Role.EDITOR, password=PASSWORD)
        self.refresh = sign_in(self.ada)
        image = uploads.store(picture(), by=self.ada, alt="A harbour", name="harbour.png")
        token, _ = PersonalToken.objects.make(self.ada, name="Import", scope="read", days=1)
        article = publishing.create(
            by=self.ada, title="Low tide", content="The harbour at low tide.", tags=["Cities"], cover=image
        )
        publishing.publish(article, by=self.ada)
        self.places = {
            "articles": {"id": article.pk, "number": 1},
            "images": {"id": image.pk},
            "users": {"id": token.pk},
            "tags": {"slug": "cities"},
            "authors": {"username": "ada"},
            "search": {"q": "harbour"},
        }

    def ask(self, method, path, operation, body=None, **headers):
        of = self.places.get(operation["tags"][0], {})
        query = f"?q={of['q']}" if "q" in of else ""
        client = bearing(self.refresh.access_token) if operation["security"] else stranger()
        sent = {} if body is None else self.encoded(operation, body)
        return client.generic(method.upper(), path.format(**of) + query, **sent, headers=headers)

    def encoded(self, operation, body):
        (kind,) = operation["requestBody"]["content"]
        body = {name: str(self.refresh) if value == JWT else value for name, value in body.items()}
        return {"data": json.dumps(body) if kind == JSON else urlencode(body), "content_type": kind}

    def upload(self, path, **fields):
        return bearing(self.refresh.access_token).post(path, {"file": picture(60, 40), **fields})


@pytest.fixture
def site():
    return Site()


def shown(operation):
    """The body that a request shows, if it takes one."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        (example,) = content["examples"].values()
        return example["value"]
    return None


def names(kind, text):
    """Of what is answered; in a list, of the first."""
    one = json.loads(text.splitlines()[0] if kind == NDJSON else text)
    return set(one[0] if isinstance(one, list) else one)


@each()
def test_what_is_shown_may_be_sent_and_what_is_shown_is_answered(site, method, path, operation):
    if operation["operationId"] == "upload_image":  # bytes can't be shown
        answer = site.upload(path, alt="A harbour at low tide")
    else:
        answer = site.ask(method, path, operation, shown(operation))
    status = min(operation["responses"])
    assert str(answer.status_code) == status < "300", answer.content
    text = answer.getvalue().decode()
    described = operation["responses"][status].get("content", {})
    assert list(described) == ([answer["Content-Type"]] if text else [])
    for kind, content in described.items():
        validator = Draft202012Validator({**content["schema"], "components": openapi()["components"]})
        validator.validate(text if kind == NDJSON else json.loads(text))
        example = content.get("example", {})
        assert names(kind, text) == names(kind, example if kind == NDJSON else json.dumps(example))


@each(lambda operation: "304" in operation["responses"])
def test_what_one_has_is_not_sent_again(site, method, path, operation):
    etag = site.ask(method, path, operation)["ETag"]
    again = site.ask(method, path, operation, **{"If-None-Match": etag})
    assert (again.status_code, again["ETag"], again.content) == (HTTPStatus.NOT_MODIFIED, etag, b"")


@each(lambda operation: "requestBody" in operation)
def test_no_text_may_have_a_nul(site, method, path, operation):
    if operation["operationId"] == "upload_image":
        assert site.upload(path, alt="nul \0").status_code == HTTPStatus.BAD_REQUEST
        return
    example = shown(operation)
    for name, value in example.items():
        if isinstance(value, str):
            answer = site.ask(method, path, operation, {**example, name: f"{value}\0"})
            assert answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED), (name, answer.content)
