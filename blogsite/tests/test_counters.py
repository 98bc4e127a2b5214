"""What is counted by all processes together, in the file and in Redis alike."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from blogsite import counters
from blogsite.tests.test_settings import REDIS_URL, redis_answers

on_redis = pytest.mark.skipif(not redis_answers(), reason="no Redis answers on this machine")
NOW = 1_800_000_030  # amid a minute


@pytest.fixture(params=["file", pytest.param("redis", marks=on_redis)])
def keys(request, settings, tmp_path):
    """Two that nobody else counts."""
    settings.COUNTERS_FILE = tmp_path / "counters"
    settings.REDIS_URL = REDIS_URL if request.param == "redis" else ""
    return [f"{uuid4()}", f"{uuid4()}"]


@pytest.fixture
def file(settings, tmp_path):
    settings.COUNTERS_FILE = tmp_path / "counters"
    settings.REDIS_URL = ""
    return settings.COUNTERS_FILE


@pytest.fixture(autouse=True)
def _reachable(monkeypatch):
    monkeypatch.setattr(counters._Pause, "until", 0)


def test_each_key_is_counted_for_itself(keys):
    assert counters.count(keys, 60, NOW) == [1, 1]
    assert counters.count(keys[:1], 60, NOW) == [2]
    assert counters.count(keys, 60, NOW) == [3, 2]


def test_with_its_window_a_count_ends(keys):
    counters.count(keys, 60, NOW)
    assert counters.count(keys, 60, NOW + counters.left(60, NOW) - 1) == [2, 2]
    assert counters.count(keys, 60, NOW + counters.left(60, NOW)) == [1, 1]


def test_what_was_counted_can_be_taken_back(keys):
    counters.count(keys, 900, NOW)
    counters.count(keys, 900, NOW)
    assert counters.count(keys, 900, NOW, by=-1) == [1, 1]


def test_of_many_at_once_none_is_lost(keys):
    with ThreadPoolExecutor(8) as pool:
        seen = pool.map(lambda _: counters.count(keys[:1], 60, NOW)[0], range(200))
        assert sorted(seen) == list(range(1, 201))


COUNT = """
import os, sys
from django.conf import settings
settings.configure(COUNTERS_FILE=sys.argv[1], REDIS_URL="")
from blogsite import counters
print(*(counters.count(["key"], 60, 1_800_000_030)[0] for _ in range(300)))
"""


def test_processes_count_together(file):
    command = [sys.executable, "-c", COUNT, str(file)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    seen = [int(number) for process in processes for number in process.communicate(timeout=60)[0].split()]
    assert sorted(seen) == list(range(1, 601))


DAMAGES = {"empty": b"", "short": b"x", "ones": b"\xff" * 2**20, "random": os.urandom(2**20)}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_counted_in_all_the_same(file, damage):
    file.write_bytes(damage)
    for number in range(1, 4):
        assert counters.count(["a", "b"], 60, NOW) == [number, number]


def test_a_file_that_is_removed_is_begun_anew(file):
    counters.count(["a"], 60, NOW)
    file.unlink()
    assert counters.count(["a"], 60, NOW) == [1]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_flood_of_keys_does_not_drive_out_one_that_is_counted_often(file, monkeypatch):
    monkeypatch.setattr(counters, "BUCKETS", 4)
    for _ in range(9):
        counters.count(["often"], 60, NOW)
    for number in range(200):
        counters.count([f"{number}"], 60, NOW)
    assert counters.count(["often"], 60, NOW) == [10]
    assert file.stat().st_size <= 4 * counters.BUCKET


def test_what_can_not_be_counted_is_logged_once_and_nobody_waits_for_it_again(file, settings, caplog):
    settings.COUNTERS_FILE = Path(file, "of no folder")
    for _ in range(3):
        with pytest.raises(counters.Away):
            counters.count(["a"], 60, NOW)
    assert len(caplog.records) == 1


def test_a_redis_that_takes_what_it_is_sent_and_never_answers_is_waited_for_once(settings, monkeypatch):
    monkeypatch.setattr(counters, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        with pytest.raises(counters.Away):
            counters.count(["key"], 60, NOW)
        deaf.setblocking(False)
        deaf.accept()
        with pytest.raises(BlockingIOError):
            deaf.accept()
