"""What docs/webhooks.md and the OpenAPI document say of webhooks, held against what is really sent."""

import json
import re
import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from jsonschema import Draft202012Validator

from articles import publishing
from articles.models import Webhook
from articles.tests.webhooks.test_note import PUBLISHED, TEXT
from articles.webhooks import sign
from articles.webhooks.deliver import deliver
from articles.webhooks.note import ping
from blogsite import env
from blogsite.api import openapi

DOCS = (env.BASE_DIR / "docs" / "webhooks.md").read_text()
EXAMPLE = json.loads(re.findall(r"```http\n.*?\n\n(.*?)```", DOCS, re.DOTALL)[0])
PYTHON, SHELL = (re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)[0] for language in ("python", "sh"))


@pytest.fixture
def request_(receiver, ada):
    """What a receiver is really sent."""
    receiver.webhook()
    publishing.create(by=ada, **TEXT | {"title": "Bücher — 本"}, published_at=timezone.now())
    deliver()
    assert receiver.heard[0].payload["type"] == PUBLISHED
    return receiver.heard[0]


@pytest.fixture
def secret(request_):

    return Webhook.objects.get().secret


def in_python(secret, headers, body, tmp_path):
    names = {}
    exec(PYTHON, names)
    return names["is_genuine"](secret, headers, body)


def in_shell(secret, headers, body, tmp_path):
    file = tmp_path / "body"
    file.write_bytes(body)
    given = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    given |= {"SECRET": secret, "BODY": str(file), "PATH": "/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", SHELL], env=given, check=False).returncode == 0


@pytest.mark.parametrize("is_genuine", [in_python, in_shell])
def test_the_documented_check_tells_what_is_genuine_from_what_is_not(request_, secret, is_genuine, tmp_path):
    headers, body = dict(request_.headers.items()), request_.body
    assert is_genuine(secret, headers, body, tmp_path)
    assert not is_genuine(secret, headers, body + b" ", tmp_path)
    assert not is_genuine("whsec_c29tZXRoaW5nIGVsc2U=", headers, body, tmp_path)
    assert not is_genuine(secret, headers | {"webhook-id": "2"}, body, tmp_path)
    long_ago = str(int(headers["webhook-timestamp"]) - 600)
    assert not is_genuine(secret, headers | {"webhook-timestamp": long_ago}, body, tmp_path)


def test_what_is_old_is_refused_though_it_is_signed(request_, secret, tmp_path):
    headers, body = dict(request_.headers.items()), request_.body
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not in_python(secret, headers, body, tmp_path)


def test_the_signature_is_that_of_the_specifications_own_example():

    signed = sign.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def described(payload):
    """What the OpenAPI document says of a request that sends this, which has to be as it says, and hold no more."""
    operation = openapi()["webhooks"][payload["type"]]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": openapi()["components"]}).validate(payload)
    assert payload.keys() == schema["properties"].keys()
    if "article" in payload:
        name = schema["properties"]["article"]["$ref"].rpartition("/")[2]
        assert payload["article"].keys() == openapi()["components"]["schemas"][name]["properties"].keys()
    return operation


def test_what_is_sent_is_as_the_openapi_document_says(receiver, ada):
    webhook = receiver.webhook()
    article = publishing.create(by=ada, **TEXT, tags=["Bees"], published_at=timezone.now())
    publishing.revise(article, by=ada, summary="Of bees.", note="They are wasps.")
    publishing.withdraw(article, by=ada)
    publishing.publish(article, by=ada)
    publishing.remove(article, by=ada)
    ping(webhook)
    deliver()
    assert {request.payload["type"] for request in receiver.heard} == openapi()["webhooks"].keys()
    for request in receiver.heard:
        parameters = described(request.payload)["parameters"]
        assert {each["name"] for each in parameters} == {
            name for name in request.headers if name.startswith("webhook-")
        }


def test_the_example_is_as_the_openapi_document_says():
    assert described(EXAMPLE)
