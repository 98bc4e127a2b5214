import socket
from ipaddress import ip_network

import pytest

from accounts.roles import Role
from articles.tests import receiver as receivers
from articles.tests.factories import UserFactory


@pytest.fixture
def receiver(settings):
    settings.SITE_URL = "https://blog.example.org"
    settings.WEBHOOKS_ALLOW_NETWORKS = [ip_network("127.0.0.1/32")]
    with receivers.running() as receiver:
        yield receiver


@pytest.fixture
def ada(db):
    return UserFactory(username="ada", role=Role.EDITOR)


@pytest.fixture
def resolving(monkeypatch):
    """A name server that knows one name, with these addresses."""

    def resolving(*numbers):
        def look_up(host, port, *args, **kwargs):
            if not numbers:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return resolving
