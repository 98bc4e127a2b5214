import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from accounts.api.tokens import sign_in, sign_out
from accounts.models import Session
from accounts.roles import Role
from articles import publishing
from articles.management.commands import announce_due
from articles.models import Delivery, Webhook
from articles.tests import hub as hubs
from articles.tests import receiver as receivers
from articles.tests.factories import UserFactory
from blogsite import env
from blogsite.tests.test_env import start


@pytest.mark.parametrize("every", [0, -1])
def test_it_does_not_go_round_without_rest(every):
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


@pytest.mark.django_db
def test_it_clears_away_what_is_of_no_use_any_more():
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        sign_out(str(sign_in(UserFactory())))
        webhook = Webhook.objects.create(url="https://example.org/", events=[])
        Delivery.objects.create(webhook=webhook, event="ping", payload={})
    call_command("announce_due")
    assert (Session.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [DatabaseError("The database is\naway"), RuntimeError("too bad")])
def test_no_trouble_ends_it_and_the_next_turn_tries_again(caplog, trouble):
    turns = iter([trouble, None])

    def job():
        if error := next(turns):
            raise error

    assert not announce_due.take_turn(job)
    assert caplog.messages[0].startswith("job failed, which is tried again")
    assert announce_due.take_turn(job)


BESIDE = """
from django.utils import timezone
from accounts.models import User
from articles import publishing
from articles.models import Webhook
from articles.management.commands import serve
Webhook.objects.create(url="{address}", events=Webhook.Event.values)
ada = User.objects.create_superuser("ada", "ada@example.org", "words")
publishing.create(by=ada, title="Bees", content="A text long enough.", published_at=timezone.now())
serve.start_announcing()
input()
"""


def test_beside_a_server_it_tells_webhooks_and_the_hub_and_ends_with_the_server_however_that_ends(tmp_path):
    with hubs.running() as hub, receivers.running() as receiver:
        told = {"WEBSUB_HUB": hub.address, "SITE_URL": "https://blog.example.org", "no_proxy": "127.0.0.1"}
        told["WEBHOOKS_ALLOW_NETWORKS"] = "127.0.0.1/32"
        assert start(tmp_path, "manage.py", "migrate", "--verbosity=0").stderr == ""
        given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), **told}
        command = [sys.executable, "manage.py", "shell", "--command", BESIDE.format(address=receiver.address)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=env.BASE_DIR, env=given, **pipes) as server:
            try:
                assert await_(lambda: len(hub.heard) == 6 and receiver.heard)
            finally:
                server.kill()
            rest, _ = server.communicate(timeout=60)  # returns when the last one that holds the pipe has ended
    assert hub.pages() == ["/", "/authors/ada/"]
    assert receiver.events() == [("article.published", "Bees")]
    assert rest.count(b"was told of the feeds of 2 pages") == 1


def await_(happens):
    for _ in range(1200):
        if happens():
            return True
        time.sleep(0.1)
    return False
