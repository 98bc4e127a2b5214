import os
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.tests import hub as hubs
from articles.tests.factories import UserFactory
from blogsite import env
from blogsite.tests.test_env import start


def test_without_a_hub_it_says_so():
    with pytest.raises(CommandError, match="WEBSUB_HUB is not set"):
        call_command("announce_due")


@pytest.mark.parametrize("every", [0, -1])
def test_it_does_not_go_round_without_rest(settings, every):
    settings.WEBSUB_HUB = "http://127.0.0.1:9/"
    with pytest.raises(CommandError, match="from 1 on"):
        call_command("announce_due", every=every)


@pytest.mark.django_db
def test_it_tells_the_hub(settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with hubs.running() as hub:
        settings.WEBSUB_HUB, settings.SITE_URL = hub.address, "https://blog.example.org"
        author = UserFactory(username="ada", role=Role.AUTHOR)
        publishing.create(by=author, title="Bees", content="A text long enough.", published_at=timezone.now())
        call_command("announce_due")
        assert hub.pages() == ["/", "/authors/ada/"]
        call_command("announce_due", every=1, beside=1)  # which is not its parent: gone already
        assert hub.pages() == []


BESIDE = """
from django.utils import timezone
from accounts.models import User
from articles import publishing
from articles.management.commands import serve
ada = User.objects.create_superuser("ada", "ada@example.org", "words")
publishing.create(by=ada, title="Bees", content="A text long enough.", published_at=timezone.now())
serve.start_announcing()
input()
"""


def test_beside_a_server_it_tells_the_hub_and_ends_with_the_server_however_that_ends(tmp_path):
    with hubs.running() as hub:
        told = {"WEBSUB_HUB": hub.address, "SITE_URL": "https://blog.example.org", "no_proxy": "127.0.0.1"}
        assert start(tmp_path, "manage.py", "migrate", "--verbosity=0").stderr == ""
        given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), **told}
        command = [sys.executable, "manage.py", "shell", "--command", BESIDE]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=env.BASE_DIR, env=given, **pipes) as server:
            try:
                assert await_(lambda: len(hub.heard) == 6)
            finally:
                server.kill()
            rest, _ = server.communicate(timeout=60)  # returns when the last one that holds the pipe has ended
    assert hub.pages() == ["/", "/authors/ada/"]
    assert rest.count(b"was told of the feeds of 2 pages") == 1


def await_(happens):
    for _ in range(1200):
        if happens():
            return True
        time.sleep(0.1)
    return False
