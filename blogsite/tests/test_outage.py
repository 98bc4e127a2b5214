"""PostgreSQL is stopped and started while people read and write. A server of our own, with a database of our own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from getpass import getuser
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from uuid import uuid4

import pytest

from blogsite import env
from blogsite.tests.test_deployment import gunicorn, running, take_port

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/bin"))
KEPT = ["/", "/articles/slack-water/", "/feeds/rss.xml", "/tags/", "/api/v1/articles/?limit=10"]
PASSWORD = "a pass word"  # noqa: S105
DOWN = 1.5  # seconds: longer than anything that would go unnoticed
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not (BIN / "initdb").exists(), reason="PostgreSQL's server is not installed on this machine"),
]


class Cluster:
    """A PostgreSQL server. It won't run as root, so then the system's own user for it does."""

    def __init__(self, folder, port):
        self.data, self.port = folder / "data", port
        self.user = "postgres" if getuser() == "root" else getuser()
        shutil.chown(folder, self.user)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        (self.data / "postmaster.opts.ours").write_text(options)

    def start(self):
        options = (self.data / "postmaster.opts.ours").read_text()
        self._run("pg_ctl", "-w", "-s", "-l", str(self.data / "log"), "-o", options, "start")

    def stop(self, how):
        self._run("pg_ctl", "-w", "-s", "-m", how, "stop")

    def _run(self, program, *options):
        as_user = ["runuser", "-u", self.user, "--"] if getuser() == "root" else []
        command = [*as_user, str(BIN / program), "-D", str(self.data), *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture(scope="module")
def site():
    """The port of a site with two processes, filled with the demo, and its database."""
    with TemporaryDirectory(prefix="blogsite-outage-") as folder:  # pytest's own are closed to other users
        yield from serve(Path(folder))


def serve(folder):
    folder.chmod(0o755)
    (folder / "database").mkdir()
    free, port = take_port()
    free.close()
    cluster = Cluster(folder / "database", port)
    cluster.start()
    variables = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "site"),
        "DATABASE_URL": f"postgres://postgres@127.0.0.1:{port}/postgres",
        "WRITES_PER_ACCOUNT": "0",
        "WRITES_PER_TOKEN": "0",
        "WRITES_PER_ADDRESS": "0",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    for command in ("migrate", "collectstatic", "load_demo", "createsuperuser"):
        options = ["--username=boss", "--email=boss@example.org"] if command == "createsuperuser" else []
        arguments = [sys.executable, "manage.py", command, "-v0", *options]
        interactive = [] if command == "load_demo" else ["--noinput"]
        subprocess.run([*arguments, *interactive], check=True, cwd=env.BASE_DIR, env=variables)
    door, web = take_port()
    try:
        with running(gunicorn(door), door, cwd=env.BASE_DIR, env=variables):
            yield web, cluster
    finally:
        cluster.stop("immediate")


def ask(port, method, path, body=None, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def token(port):
    form = f"username=boss&password={PASSWORD.replace(' ', '+')}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return json.loads(ask(port, "POST", "/api/v1/auth/login", form, **kind)[1])["access_token"]


def read(port, over):
    """The statuses of what was kept, asked for over and over."""
    seen = Counter()
    while not over.is_set():
        for path in KEPT:
            seen[ask(port, "GET", path)[0].status] += 1
    return seen


def write(port, over, authorization):
    """The ids of what was answered to be written."""
    written = []
    while not over.is_set():
        body = json.dumps({"title": "Written", "content": "A text long enough.", "published": True})
        head = {"Authorization": authorization, "Content-Type": "application/json"}
        answer, content = ask(port, "POST", "/api/v1/articles/", body, **head)
        if answer.status == 201:
            written.append(json.loads(content)["id"])
        time.sleep(0.02)
    return written


def unasked():
    """An address that nobody has asked for before."""
    return f"/search/?q={uuid4().hex}"


def until(port, status, path=""):
    """Ask until it is answered so, for a page that is kept or for others each time. How long that took, in seconds."""
    began = time.monotonic()
    while (answered := ask(port, "GET", path or unasked())[0].status) != status:
        assert time.monotonic() < began + 30, answered
        time.sleep(0.01)
    return time.monotonic() - began


def marked_stale(port):
    """The home page, once it is known here that the database is away."""
    began = time.monotonic()
    while "ttl=-" not in (answer := ask(port, "GET", "/"))[0].headers["Cache-Status"]:
        assert time.monotonic() < began + 30
    return answer[1]


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_readers_notice_nothing_and_no_word_is_lost_while_the_database_is_stopped_and_started(site, how):
    port, cluster = site
    bearer, over = f"Bearer {token(port)}", Event()
    for path in KEPT:
        until(port, 200, path)
    with ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(read, port, over) for _ in range(3)]
        writers = [pool.submit(write, port, over, bearer) for _ in range(2)]
        try:
            time.sleep(DOWN)
            cluster.stop(how)
            until(port, 503)
            page = marked_stale(port)
            refused, told = ask(port, "GET", unasked())
            error = ask(port, "GET", "/api/v1/authors/")
            time.sleep(DOWN)
            cluster.start()
            assert until(port, 200) < 10
            time.sleep(DOWN)
        finally:
            over.set()
    assert b"</html>" in page
    assert refused.headers["Retry-After"]
    assert b"<main" in told
    assert error[0].headers["Retry-After"]
    assert json.loads(error[1])["detail"]
    assert {status for reader in readers for status in reader.result()} == {200}
    written = [pk for writer in writers for pk in writer.result()]
    assert written
    assert [pk for pk in written if ask(port, "GET", f"/api/v1/articles/{pk}")[0].status != 200] == []
    assert "ttl" not in ask(port, "GET", "/")[0].headers["Cache-Status"]


def test_what_was_taken_from_readers_is_not_shown_again_while_the_database_is_away(site):
    port, cluster = site
    head = {"Authorization": f"Bearer {token(port)}", "Content-Type": "application/json"}
    until(port, 200, "/articles/the-proof/")
    answer, _ = ask(port, "PATCH", "/api/v1/articles/the-proof", '{"published": false}', **head)
    assert answer.status == 200
    cluster.stop("fast")
    try:
        until(port, 503)
        assert ask(port, "GET", "/articles/the-proof/")[0].status == 503
        assert ask(port, "GET", "/")[0].status == 503
    finally:
        cluster.start()
        until(port, 200)
