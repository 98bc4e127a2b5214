"""Finished answers, kept in memory that all workers of this machine share, in so many bytes and no more.

Each is a file of its own in a folder that this run of the server has made for itself, in memory where the system has
such a folder. Whoever reads one finds a whole one or none; what was used least recently makes way for what is new.
"""

import atexit
import fcntl
import marshal
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from time import sleep, time
from typing import Any

IN_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
PREFIX = "blogsite-"
LOCK = "lock"
JUST_MADE = 60  # seconds: a server that starts may not hold its lock yet
USED = 10  # seconds: how exactly it is known when one was used last
LARGEST = 8  # at most this part of all the room is one answer's
AROUND = 4096  # bytes that an answer takes at hand beside its body: headers, key
LANES = 1024  # of the lock: two keys may share one, and then wait for each other
TURN = 0.002  # seconds between two looks at whether another process is done
PAGE = 4096  # bytes, in which memory is given to files
ROOM = 0.9  # of the limit is left filled when it was reached


class Store:
    """Values that `marshal` writes, by their keys."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes. Made before the workers are forked, and gone with the last of them."""
        self._limit = limit
        self._folder = _folder()
        self._file = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_SH)  # for as long as one of our processes lives
        self._lanes = [Lock() for _ in range(LANES)]
        self._written = 0
        atexit.register(self._clear, os.getpid())

    def _clear(self, maker: int) -> None:
        if os.getpid() == maker:
            shutil.rmtree(self._folder, ignore_errors=True)

    def get(self, key: str) -> Any:
        """What is kept under a key, or None."""
        try:
            file = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            about = os.fstat(file)
            content = os.read(file, about.st_size)
            if about.st_mtime < (now := time()) - USED:
                os.utime(file, (now, now))
        except OSError:
            return None
        finally:
            os.close(file)
        try:
            kept, value = marshal.loads(content)  # noqa: S302  nobody else can write in our folder
        except (EOFError, ValueError, TypeError):
            return None
        return value if kept == key else None

    def put(self, key: str, value: Any) -> bool:
        """Keep a value. Answers False where there is no room for it."""
        content = marshal.dumps((key, value))
        if len(content) > self._limit // LARGEST:
            return False
        path = self._path(key)
        made = f"{path}.{os.getpid()}.{id(content)}"
        try:
            with open(made, "xb") as file:
                file.write(content)
            os.replace(made, path)
        except OSError:  # no room after all, in a container's small /dev/shm for one
            with suppress(OSError):
                os.unlink(made)
            with suppress(OSError):
                self._sweep(self.size)
            return False
        self._make_room(len(content))
        return True

    def remove(self, key: str) -> None:
        with suppress(OSError):
            os.unlink(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._folder}/{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"

    def _make_room(self, written: int) -> None:
        """Looked at whenever this process has written a thirty-second of all the room: with a worker or two for each
        processor, the limit is kept to within a few percent."""
        self._written += written + PAGE // 2
        if self._written < self._limit * (1 - ROOM) / 4:
            return
        self._written = 0
        with suppress(OSError):
            self._sweep(self._limit)

    def _sweep(self, limit: int) -> None:
        found = [(about.st_mtime, taken(about), entry.path) for entry, about in self._entries()]
        total = sum(size for _, size, _ in found)
        if total <= limit * ROOM:
            return
        for _, size, path in sorted(found):
            with suppress(FileNotFoundError):
                os.unlink(path)
            total -= size
            if total <= limit * ROOM * ROOM:
                break

    def _entries(self) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name != LOCK:
                    with suppress(FileNotFoundError):
                        yield entry, entry.stat()

    @property
    def size(self) -> int:
        """How many bytes it takes to keep what is kept."""
        return sum(taken(about) for _, about in self._entries())

    @contextmanager
    def alone(self, key: str, patience: float) -> Iterator[bool]:
        """One at a time, of all threads of all processes; but nobody waits longer than `patience` seconds.

        Tells whether it had to wait. The system lifts the lock from a process that dies.
        """
        lane = hash_of(key) % LANES
        with _thread(self._lanes[lane], patience) as (waited, mine):
            if not mine:
                yield True
                return
            with self._process(lane, patience) as waited_too:
                yield waited or waited_too

    @contextmanager
    def _process(self, lane: int, patience: float) -> Iterator[bool]:
        turns = 0
        while not (mine := self._take(lane)) and turns * TURN < patience:
            turns += 1
            sleep(TURN)
        try:
            yield turns > 0
        finally:
            if mine:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, lane)

    def _take(self, lane: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, lane)
        except OSError:
            return False
        return True


class Recent:
    """What this process has sent lately, ready to be sent again: at most `limit` bytes, the least recently used go."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size, self._lock = limit, 0, Lock()
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, key: str) -> Any:
        with self._lock:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found[0]
        return None

    def put(self, key: str, value: Any, size: int) -> None:
        size += AROUND
        if size > self._limit // 2:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = value, size
            self._size += size - before
            while self._size > self._limit:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone


@contextmanager
def _thread(lock: Lock, patience: float) -> Iterator[tuple[bool, bool]]:
    """Whether it had to wait, and whether it has the lock."""
    waited = not lock.acquire(blocking=False)
    mine = not waited or lock.acquire(timeout=patience)
    try:
        yield waited, mine
    finally:
        if mine:
            lock.release()


def taken(about: os.stat_result) -> int:
    """By a file: whole pages of memory, of which a small answer takes one for itself."""
    return about.st_blocks * 512


def hash_of(key: str) -> int:
    """The same in every process, as Python's own is not."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _folder() -> Path:
    """A new one. Those that a server left behind that was killed are removed."""
    parent = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):
            _remove_if_left(left)
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))


def _remove_if_left(lock: Path) -> None:
    if lock.stat().st_mtime > time() - JUST_MADE:
        return
    file = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent)
    finally:
        os.close(file)
