"""Where finished answers are kept, in memory that processes share."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blogsite.pages import store
from blogsite.pages.store import AROUND, LARGEST, PAGE, Recent, Store

pytestmark = pytest.mark.once
LIMIT = 400_000  # bytes


@pytest.fixture(autouse=True)
def memory(tmp_path_factory, monkeypatch):
    """On the disk of the tests."""
    monkeypatch.setattr(store, "IN_MEMORY", tmp_path_factory.mktemp("memory"))
    return store.IN_MEMORY


@pytest.fixture
def kept():
    return Store(LIMIT)


def test_what_was_put_is_what_is_got(kept):
    value = (1, "é\ud800", b"\0\xff", [("a", "b")], float("inf"), None)
    assert kept.put("key", value)
    assert kept.get("key") == value


def test_what_was_never_put_is_not_there(kept):
    assert kept.get("key") is None


def test_a_key_is_compared_and_not_its_digest_alone(kept, monkeypatch):
    monkeypatch.setattr(kept, "_path", lambda key: f"{kept._folder}/same")
    kept.put("one", 1)
    assert kept.get("two") is None


def test_half_a_value_is_none(kept):
    kept.put("key", "x" * 1000)
    os.truncate(kept._path("key"), 500)
    assert kept.get("key") is None


def test_a_value_that_would_push_out_most_others_is_not_kept(kept):
    assert not kept.put("key", b"x" * (LIMIT // LARGEST))


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, LIMIT // LARGEST - 100)), min_size=40, max_size=80))
def test_no_more_room_is_taken_than_there_may_be(puts):
    kept = Store(LIMIT)
    for key, size in puts:
        kept.put(str(key), b"x" * size)
        assert kept.size <= LIMIT * 1.05
    kept._clear(os.getpid())


def test_what_was_used_last_stays(kept):
    for number in range(8):
        kept.put(str(number), b"x" * 40_000)
        os.utime(kept._path(str(number)), (1000 + number, 1000 + number))
    assert kept.get("0")
    kept._sweep(8 * 40_000)
    assert kept.get("0")
    assert not kept.get("1")


def test_small_answers_are_counted_as_the_room_that_they_take(kept):
    kept.put("key", "small")
    assert kept.size == PAGE


def test_where_the_device_is_full_what_was_used_least_makes_way(kept, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for number in range(5):
        kept.put(str(number), b"x" * 40_000)
    with monkeypatch.context() as patched:
        patched.setattr(store.os, "replace", full)
        assert not kept.put("more", b"x" * 40_000)
    assert sum(kept.get(str(number)) is not None for number in range(5)) == 4
    assert len(os.listdir(kept._folder)) == 5  # with the lock: nothing half made is left


def test_a_folder_that_is_gone_is_no_error(kept):
    kept._clear(os.getpid())
    assert kept.get("key") is None
    assert not kept.put("key", 1)


def test_nobody_reads_half_of_what_another_writes(kept):
    values = [bytes([number]) * 30_000 for number in range(4)]
    done = Event()

    def write(number):
        while not done.is_set():
            kept.put("key", values[number])

    writers = [Thread(target=write, args=[number]) for number in range(2)]
    for each in writers:
        each.start()
    read = [kept.get("key") for _ in range(300)]
    done.set()
    for each in writers:
        each.join()
    assert {each for each in read if each} <= set(values)


SERVER = """
import sys
from pathlib import Path
from blogsite.pages import store
store.IN_MEMORY = Path(sys.argv[1])
kept = store.Store(100_000)
print(kept._folder, flush=True)
sys.stdin.read()
"""


def server(memory):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(memory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


def test_a_folder_goes_with_its_server(memory):
    process, folder = server(memory)
    assert folder.stat().st_mode & 0o777 == 0o700
    process.communicate()
    assert not folder.exists()


def test_what_a_killed_server_left_behind_goes_at_the_next_start_and_what_another_uses_stays(memory):
    (killed, left), (running, used) = server(memory), server(memory)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    for folder in (left, used):
        os.utime(folder / store.LOCK, (1, 1))
    assert left.exists()
    Store(LIMIT)
    assert (left.exists(), used.exists()) == (False, True)
    running.communicate()


def test_one_at_a_time_and_who_waits_knows_it(kept):
    entered, leave, told = Event(), Event(), []

    def first():
        with kept.alone("key", 10) as waited:
            told.append(waited)
            entered.set()
            leave.wait(10)

    def second():
        with kept.alone("key", 10) as waited:
            told.append(waited)

    threads = [Thread(target=first), Thread(target=second)]
    threads[0].start()
    entered.wait(10)
    threads[1].start()
    assert told == [False]
    leave.set()
    for each in threads:
        each.join(10)
    assert told == [False, True]


def test_who_has_waited_long_enough_goes_on(kept):
    with kept.alone("key", 1):
        began = time.monotonic()
        thread = Thread(target=lambda: kept.alone("key", 0.01).__enter__())
        thread.start()
        thread.join(10)
        assert time.monotonic() - began < 5


def test_whoever_waits_for_a_process_that_is_killed_goes_on(kept):
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        with kept.alone("key", 1):
            os.write(theirs, b"!")
            signal.pause()
    os.read(ours, 1)
    os.kill(child, signal.SIGKILL)
    with kept.alone("key", 10):
        pass
    os.waitpid(child, 0)


def test_of_what_is_at_hand_the_headers_count_too_and_what_was_used_last_stays():
    recent = Recent(10 * AROUND)
    for number in range(100):
        recent.put(str(number), number + 1, 1)
        assert recent.get("0") == 1
    assert len(recent._kept) < 10
