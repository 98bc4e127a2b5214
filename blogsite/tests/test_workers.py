"""What holds for all processes of gunicorn together, and for what no client library would send it."""

import json
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from secrets import randbits

import pytest

from blogsite import env
from blogsite.tests.test_deployment import gunicorn, running, take_port
from blogsite.tests.test_settings import REDIS_URL, redis_answers

on_redis = pytest.mark.skipif(not redis_answers(), reason="no Redis answers on this machine")
VERIFY = "/api/v1/auth/token/verify"  # asks no database about a token that is none


@pytest.fixture(scope="module", params=["", pytest.param(REDIS_URL, marks=on_redis)], ids=["file", "redis"])
def port(request, tmp_path_factory):
    """Of a site with two processes that takes eight writes a minute from one address."""
    door, port = take_port()
    variables = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path_factory.mktemp("workers")),
        "REDIS_URL": request.param,
        "WRITES_PER_ADDRESS": "8",
        "PROXIES": "1",
    }
    with running(gunicorn(door), door, cwd=env.BASE_DIR, env=variables):
        yield port


def verify(port, sender):
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    head = {"Content-Type": "application/json", "X-Forwarded-For": sender}
    connection.request("POST", VERIFY, json.dumps({"token": "x"}), head)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def at_once(port, number):
    """The statuses of so many requests of one new address, within one minute."""
    sender, minute = f"2001:db8:{randbits(16):x}:{randbits(16):x}::1", time.time() // 60
    with ThreadPoolExecutor(number) as pool:
        statuses = sorted(pool.map(lambda _: verify(port, sender), range(number)))
    return statuses if time.time() // 60 == minute else at_once(port, number)


def test_processes_keep_one_limit_together(port):
    assert at_once(port, 20) == [401] * 8 + [429] * 12


POST = f"POST {VERIFY} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"{POST}Content-Length: 10000000000\r\n", 413),
        (f"{POST}Transfer-Encoding: chunked\r\n", 411),
        (f"{POST}Content-Length: -1\r\n", 400),
        (f"{POST}Content-Length: 2\r\nContent-Length: 3\r\n", 400),
        (f"{POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
        ("POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n", 413),
        (f"GET /{'x' * 8190} HTTP/1.1\r\nHost: localhost\r\n", 414),
        (f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {'x' * 8190}\r\n", 431),
    ],
    ids=["endless", "chunked", "less than nothing", "two lengths", "both", "desk", "line", "header"],
)
def test_what_announces_too_much_is_refused_before_it_comes(port, head, status):
    sender = f"X-Forwarded-For: {randbits(16):x}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"{head}{sender}\r\n".encode())
        assert connection.recv(4096).startswith(f"HTTP/1.1 {status} ".encode())
