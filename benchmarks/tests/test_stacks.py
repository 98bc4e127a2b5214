"""What is started stays what it is said to be."""

import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from benchmarks.bench import kinds, runs, servers, stacks
from benchmarks.bench.databases import Databases
from benchmarks.bench.figures import BOUNDS
from deploy import nginx

pytestmark = pytest.mark.once
LOCK = Path(servers.ROOT, "benchmarks/peer_fastapi/requirements.txt").read_text()


def test_every_kind_and_every_bound_is_of_something_that_is_measured():
    measured = {(stack.name, kind) for stack in stacks.ALL for kind in stack.kinds}
    assert {kind for _, kind in measured} == set(kinds.KINDS)
    named = {bound.of for bound in BOUNDS} | {bound.against for bound in BOUNDS if bound.against}
    assert named - measured == set()


def test_the_quick_way_names_what_there_is():
    assert set(kinds.KINDS) >= stacks.QUICK_KINDS
    assert {stack.name for stack in stacks.ALL} >= stacks.QUICK_STACKS


def test_bare_gunicorn_runs_as_the_site_does(monkeypatch):
    ours = runpy.run_path(str(servers.ROOT / "gunicorn.conf.py"))
    told = dict(option.removeprefix("--").split("=") for option in servers.BARE)
    assert (told["worker-class"], told["keep-alive"]) == (ours["worker_class"], str(ours["keepalive"]))
    assert (told["workers"], told["threads"]) == (str(settings.WEB_WORKERS), str(settings.WEB_THREADS))


def test_nginx_is_the_one_that_is_deployed_with_every_name_filled_in(tmp_path):
    filled = nginx.site(tmp_path, port=8001, web=8002, static=tmp_path / "static")
    assert re.findall(r"\$\{[A-Z_]+\}|/srv/|web:8000|/var/cache", filled) == []


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        (b"blogsite; hit", True),
        (b"nginx; hit", True),
        (b"nginx; fwd=stale; fwd-status=304", True),
        (b"blogsite; hit, nginx; fwd=miss", True),
        (b"blogsite; fwd=miss; stored, nginx; fwd=miss", False),
    ],
)
def test_what_came_out_of_a_cache_is_known_by_its_header(status, kept):
    assert runs.was_kept(b"HTTP/1.1 200 OK\r\nCache-Status: " + status + b"\r\nAge: 1") is kept


def test_an_answer_that_says_nothing_of_a_cache_came_out_of_none():
    assert not runs.was_kept(b"HTTP/1.1 200 OK")


def test_the_deepest_page_is_read_from_the_pager_of_the_first():
    pager = {"paginator": {"num_pages": 1234}, "number": 1, "has_next": True, "next_page_number": 2}
    html = render_to_string("articles/parts/pager.html", {"page": pager, "path": "/"})
    assert (kinds.pages(html), kinds.pages("<p>All on one page</p>")) == (1234, 1)


def test_only_databases_that_were_made_here_are_dropped():
    databases = Databases.__new__(Databases)
    databases._made = []
    with pytest.raises(ValueError, match="was not made here"):
        databases.drop("shop")


def test_the_peer_is_locked_with_hashes_and_names_no_index():
    packages = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in LOCK
