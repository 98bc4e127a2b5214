"""How often something happened within a fixed window of time, counted by all processes together.

In Redis where there is one. Otherwise in a file that the processes of this machine share: whatever becomes of it, and
of whoever was about to write in it, it is read as numbers, and with the end of the window all is forgotten.
"""

import fcntl
import logging
import os
import struct
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from time import monotonic

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as HungUp
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

SLOT = struct.Struct("<8sII")  # the digest of a key, when its window ends, how often it was counted
SLOTS = 8  # that a key may lie in, so that it seldom has to drive another out
BUCKET = SLOTS * SLOT.size
BUCKETS = 8192  # 1 MiB in all
A_YEAR = 31_622_400  # seconds: no window is longer, and what says so is damaged
PAUSE = 5  # seconds in which nobody waits for what has just failed
PATIENCE = 2  # seconds that Redis may take


class Away(Exception):
    """There is no counting at the moment."""


class _Pause:
    until = 0.0


def count(keys: Sequence[str], seconds: int, at: int, by: int = 1) -> list[int]:
    """Count each key `by` more in the window of so many seconds that the moment `at` lies in.

    Gives what each is at then. Raises Away where that can't be told.
    """
    number = at // seconds
    digests = [blake2b(f"{key}:{number}".encode(errors="backslashreplace"), digest_size=8).digest() for key in keys]
    if monotonic() < _Pause.until:
        raise Away
    try:
        return (_in_redis if settings.REDIS_URL else _in_file)(digests, at, left(seconds, at), by)
    except (RedisError, OSError) as error:
        _Pause.until = monotonic() + PAUSE
        logger.error("Nothing can be counted, so no limit holds for the next seconds: %s", error)
        raise Away from error


def left(seconds: int, at: int) -> int:
    """How many seconds are left of the window that the moment `at` lies in: at least one."""
    return seconds - at % seconds


def _in_redis(digests: list[bytes], at: int, left: int, by: int) -> list[int]:
    pipeline = _redis(settings.REDIS_URL).pipeline(transaction=False)
    for digest in digests:
        key = f"counters:{digest.hex()}"
        pipeline.incrby(key, by)
        pipeline.expire(key, left)
    return [int(answer) for answer in pipeline.execute()[::2]]


@cache
def _redis(url: str) -> Redis:
    # On a new connection, for Redis may have been restarted. One that does not answer is not waited for twice.
    once_more = Retry(NoBackoff(), 1, supported_errors=(HungUp,))
    return Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=once_more)


def _in_file(digests: list[bytes], at: int, left: int, by: int) -> list[int]:
    file = os.open(settings.COUNTERS_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # keeps out other threads too; the system lifts it from whoever dies
        return [_in_bucket(file, digest, at, at + left, by) for digest in digests]
    finally:
        os.close(file)


def _in_bucket(file: int, digest: bytes, at: int, end: int, by: int) -> int:
    """Into the slot of the key; else into one whose window is over, or that of the key which was counted least."""
    place = int.from_bytes(digest, "little") % BUCKETS * BUCKET
    slots = list(SLOT.iter_unpack(os.pread(file, BUCKET, place).ljust(BUCKET, b"\0")))

    def worth(slot: tuple[bytes, int, int]) -> int:
        key, until, number = slot
        return -1 if key == digest else number if at < until <= at + A_YEAR else 0

    slot = min(slots, key=worth)
    number = max(0, slot[2] + by) if slot[0] == digest else max(0, by)
    os.pwrite(file, SLOT.pack(digest, end, min(number, 2**32 - 1)), place + slots.index(slot) * SLOT.size)
    return number
