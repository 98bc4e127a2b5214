"""nginx, with the file that its container gets, really running in front of gunicorn."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from getpass import getuser
from http.client import HTTPConnection

import pytest

from blogsite import env
from blogsite.tests.test_env import PRODUCTION, start
from deploy import nginx

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
FRAME = """
daemon off; user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""
pytestmark = [pytest.mark.once, pytest.mark.skipif(NGINX is None, reason="nginx is not installed on this machine")]


def take_port():
    """A socket that waits there already, to be handed to a server: nobody else can come to have its port."""
    door = socket.create_server(("127.0.0.1", 0))
    return door, door.getsockname()[1]


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


@contextmanager
def nginx_in_front(folder, web, **variables):
    """The port of an nginx that has its files in this folder, and the site at another port."""
    door, port = take_port()
    log = f"{folder}/access.log by_client buffer=64k flush=1s"
    variables = {"NGINX_BODY_MAX": "1m", "NGINX_ACCESS_LOG": log, **variables}
    site = nginx.site(folder, port=port, web=web, static=folder / "static", **variables)
    file = folder / "nginx.conf"
    file.write_text(FRAME.format(folder=folder, user=getuser(), site=site))
    command = [NGINX, "-c", str(file), "-e", f"{folder}/error.log"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with running(command, door, env={"NGINX": f"{door.fileno()};"}):  # where it looks for sockets to take over
        yield port


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """The port of an nginx in front of gunicorn, in production with TLS ended before nginx."""
    folder = tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    files = {
        "static/a.css": "plain",
        "static/a.css.gz": "packed",
        "static/b.css": "plain",
        "static/b.css.gz": "packed",
        "static/b.css.br": "tightly packed",
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
    back_door, web = take_port()
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder), **given}
    behind = running(gunicorn(back_door), back_door, cwd=env.BASE_DIR, env=variables)
    with behind, nginx_in_front(folder, web) as port:
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


def test_nginx_keeps_what_is_public_for_the_rest_of_a_second(front):
    answers = [ask(front, "/api/v1/articles/", X_Forwarded_Proto="https") for _ in range(9)]  # in at most two seconds
    assert {answer.text for answer in answers} == {"[]"}
    assert [answer.headers["Cache-Status"] for answer in answers].count("nginx; hit") >= 5


def test_nginx_keeps_nothing_else(front):
    answers = [ask(front, "/readyz", X_Forwarded_Proto="https") for _ in range(3)]
    assert all(answer.headers["Cache-Status"].endswith("nginx; fwd=miss") for answer in answers)


def test_nginx_serves_static_files_itself_packed_and_for_good(front):
    packed = ask(front, "/static/a.css", Accept_Encoding="gzip")
    assert (packed.text, packed.headers["Content-Encoding"]) == ("packed", "gzip")
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ask(front, "/static/a.css").text == "plain"
    assert ask(front, "/static/nothing.css").headers["Cache-Control"] is None


def test_a_static_file_that_has_a_brotli_copy_is_served_by_that(front):
    packed = ask(front, "/static/b.css", Accept_Encoding="gzip, deflate, br")
    assert (packed.text, packed.headers["Content-Encoding"]) == ("tightly packed", "br")
    plain = ask(front, "/static/b.css")
    assert (plain.text, plain.headers["Content-Encoding"]) == ("plain", None)
    for name in ("Content-Type", "Cache-Control", "Vary", "X-Content-Type-Options"):
        assert packed.headers.get_all(name) == plain.headers.get_all(name), name
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_who_takes_brotli_is_served_the_best_that_there_is(front):
    assert ask(front, "/static/a.css", Accept_Encoding="gzip, br").text == "packed"
    assert ask(front, "/static/b.css", Accept_Encoding="gzip, br;q=0").text == "packed"


def test_a_compressed_copy_has_no_address_of_its_own(front):
    assert ask(front, "/static/b.css.br").status == 404


def test_a_browser_that_has_a_static_file_asks_for_what_is_missing_alone(front):
    tag = ask(front, "/static/b.css", Accept_Encoding="br, gzip").headers["ETag"]
    assert ask(front, "/static/b.css", Accept_Encoding="br, gzip", If_None_Match=tag).status == 304
    part = ask(front, "/static/b.css", Accept_Encoding="br, gzip", Range="bytes=0-6", If_Range=tag)
    assert (part.status, part.text) == (206, "tightly")


def test_compose_fills_in_all_that_the_file_of_nginx_names():
    compose, template = (path.read_text() for path in (env.BASE_DIR / "docker-compose.yml", nginx.TEMPLATE))
    assert set(re.findall(r"\$\{([A-Z_]+)\}", template)) <= set(
        re.findall(r"^      ([A-Z_]+): ", compose, re.MULTILINE)
    )


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
