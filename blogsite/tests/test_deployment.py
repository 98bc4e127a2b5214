"""nginx, with the file that its container gets, really running in front of gunicorn."""

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from getpass import getuser
from http.client import HTTPConnection
from pathlib import Path

import pytest

from blogsite import env
from blogsite.tests.test_env import PRODUCTION, start

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
FRAME = """
daemon off; user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types; access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {server}
}}
"""
pytestmark = [pytest.mark.once, pytest.mark.skipif(NGINX is None, reason="nginx is not installed on this machine")]


def take_port():
    """A socket that waits there already, to be handed to a server: nobody else can come to have its port."""
    door = socket.create_server(("127.0.0.1", 0))
    return door, door.getsockname()[1]


def nginx_file(folder, *, port, web):
    """The template as the nginx image fills it in. Debian's nginx is too old for names that are looked up again."""
    template = (env.BASE_DIR / "deploy" / "nginx.conf.template").read_text()
    ours = {
        "${NGINX_BODY_MAX}": "1m",
        "resolver 127.0.0.11 valid=10s;": "",
        "server web:8000 resolve;": f"server 127.0.0.1:{web};",
        "listen 80 ": f"listen 127.0.0.1:{port} ",
        "/srv/": f"{folder}/",
    }
    for theirs, replacement in ours.items():
        assert theirs in template
        template = template.replace(theirs, replacement)
    file = Path(folder, "nginx.conf")
    file.write_text(FRAME.format(folder=folder, user=getuser(), server=template))
    return file


def gunicorn(door):
    return [sys.executable, "-m", "gunicorn", "--config=gunicorn.conf.py", f"--bind=fd://{door.fileno()}"]


@contextmanager
def running(command, door, **options):
    """Who comes before the server is ready waits at its door; once it has stopped, they are turned away."""
    process = subprocess.Popen(command, pass_fds=[door.fileno()], **options)
    door.close()
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """The port of an nginx in front of gunicorn, in production with TLS ended before nginx."""
    folder = tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    files = {
        "static/a.css": "plain",
        "static/a.css.gz": "packed",
        "static/staticfiles.json": json.dumps(
            {"version": "1.1", "paths": {name: name for name in ("css/site.css", "js/scheme.js")}}
        ),
        "media/a.svg": "<svg/>",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    given = {**PRODUCTION, "PROXIES": "1", "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    migrated = start(folder, "manage.py", "migrate", "--verbosity=0", **given)
    assert (migrated.returncode, migrated.stderr) == (0, "")
    (door, port), (back_door, web) = take_port(), take_port()
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder), **given}
    nginx = [NGINX, "-c", str(nginx_file(folder, port=port, web=web)), "-e", f"{folder}/error.log"]
    assert subprocess.run([*nginx, "-t"], capture_output=True, check=False).returncode == 0
    behind = running(gunicorn(back_door), back_door, cwd=env.BASE_DIR, env=variables)
    with behind, running(nginx, door, env={"NGINX": f"{door.fileno()};"}):  # where it looks for sockets to take over
        yield port


def ask(port, path, *, method="GET", body=None, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {"Host": "blog.example.org", **names})
    response = connection.getresponse()
    response.text = response.read().decode()
    connection.close()
    return response


def test_nginx_passes_requests_to_gunicorn(front):
    ready = ask(front, "/readyz")
    assert (ready.status, ready.text) == (200, '{"database": "ok", "migrations": "ok", "cache": "ok"}')


def test_the_site_learns_from_nginx_whether_the_visitor_came_by_https(front):
    plain, secure = ask(front, "/robots.txt"), ask(front, "/robots.txt", X_Forwarded_Proto="https")
    assert (plain.status, plain.headers["Location"]) == (301, "https://blog.example.org/robots.txt")
    assert secure.status == 200


def test_the_site_answers_to_its_own_host_alone(front):
    assert ask(front, "/x", Host="elsewhere.example", X_Forwarded_Proto="https").status == 400


def test_nginx_serves_static_files_itself_packed_and_for_good(front):
    packed = ask(front, "/static/a.css", Accept_Encoding="gzip")
    assert (packed.text, packed.headers["Content-Encoding"]) == ("packed", "gzip")
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ask(front, "/static/a.css").text == "plain"
    assert ask(front, "/static/nothing.css").headers["Cache-Control"] is None


def test_nginx_serves_media_that_never_act(front):
    picture = ask(front, "/media/a.svg")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert picture.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_nginx_turns_a_request_away_that_is_too_large(front):
    assert ask(front, "/x", method="POST", body=b"x" * 1_100_000).status == 413


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The port of a gunicorn that is told of no proxy, whose clients come from its own machine as a proxy would."""
    folder, (door, port) = tmp_path_factory.mktemp("bare"), take_port()
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder), **PRODUCTION}
    with running(gunicorn(door), door, cwd=env.BASE_DIR, env=variables):
        yield port


def test_where_no_proxy_is_trusted_nobody_says_that_they_came_by_https(bare):
    assert ask(bare, "/robots.txt", X_Forwarded_Proto="https").status == 301


def test_where_no_proxy_is_trusted_nobody_moves_the_site(bare):
    connection = HTTPConnection("127.0.0.1", bare, timeout=60)
    connection.request("GET", "/healthz", headers={"SCRIPT_NAME": "/healthz"})
    assert connection.getresponse().read() == b"ok"
    connection.close()
