"""What visitors see when the site can't answer."""

import pytest
from django.test import Client

from blogsite import errors
from blogsite.tests.test_env import start

UNREACHABLE = {"DJANGO_SETTINGS_MODULE": "blogsite.tests.settings", "DATABASE_URL": "postgres://ada@127.0.0.1:1/blog"}
ASK = """
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["pool"] |= {"timeout": 1}  # the tests' own is for a busy machine
import django; django.setup()
from django.test import Client
browser = Client(raise_request_exception=False, headers={"host": "localhost"})
for method, path in (("get", "/none"), ("head", "/articles/none/")):
    answer = getattr(browser, method)(path)
    print(answer.status_code, answer["Retry-After"], "away for a moment" in answer.text, len(answer.content))
"""


def test_without_its_database_the_site_asks_to_come_again(tmp_path):
    got, headed = start(tmp_path, "-c", ASK, **UNREACHABLE).stdout.splitlines()
    assert got.startswith("503 5 True")
    assert headed == "503 5 False 0"


def test_a_mistake_of_ours_says_no_more_than_that(rf):
    try:
        raise ZeroDivisionError("secret")
    except ZeroDivisionError:
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert "secret" not in answer.text


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_the_theme():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ada"})
    assert answer.status_code == 403
    assert "site.css" in answer.text


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused_in_the_theme(client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "site.css" in answer.text
