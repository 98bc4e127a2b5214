"""Sends requests as fast as they are answered, times each, and holds each answer against what it must be."""

import gc
import itertools
import re
import select
import socket
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

CONNECTIONS = 16  # kept alive, one request at a time on each
PATIENCE = 30.0  # seconds without any answer at all
AT_ONCE = 1 << 18  # bytes that are read


@dataclass(frozen=True)
class Expected:
    """A status, and a body of so many bytes at least; unless it varies, the same number each time for one request."""

    status: int = 200
    least: int = 1
    varies: bool = False


@dataclass
class Outcome:
    latencies: "array[float]" = field(default_factory=lambda: array("d"))  # seconds, of what was answered rightly
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    received: int = 0  # bytes, with headers
    head: bytes = b""  # of the last answer

    @property
    def answered(self) -> int:
        return len(self.latencies)


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(
    port: int, requests: Iterator[bytes], expected: Expected, seconds: float, connections: int = CONNECTIONS
) -> Outcome:
    """Sends until the time is up, then waits for what is under way: what was begun is counted."""
    driver = Driver(port, requests, expected)
    gc.disable()  # its pauses would be our server's latencies
    try:
        driver.drive(seconds, connections)
    finally:
        gc.enable()
        driver.close()
    return driver.outcome


class Broken(Exception):
    """An answer that ends before its end, or isn't one."""


class Answer:
    """One answer as it arrives in parts."""

    def __init__(self) -> None:
        self.head = b""
        self.body = 0  # bytes, without what frames them
        self.closing = False
        self._taken = bytearray()  # until the head is whole; then only of a body in chunks
        self._awaited = -1  # bytes of the body; -1: it comes in chunks

    def take(self, part: bytes) -> bool:
        """Whether it is complete now."""
        if not self.head:
            self._taken += part
            end = self._taken.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._read(bytes(self._taken[:end]))
            part = bytes(self._taken[end + 4 :])
            self._taken.clear()
        if self._awaited < 0:
            self._taken += part
            whole = unchunked(self._taken) if self._taken.endswith(b"0\r\n\r\n") else None
            self.body = whole or 0
            return whole is not None
        self.body += len(part)
        return self.body >= self._awaited

    def _read(self, head: bytes) -> None:
        if not re.match(rb"HTTP/1\.[01] \d{3}", head):
            raise Broken("no HTTP")
        self.head, lower = head, head.lower()
        self.closing = b"\r\nconnection: close" in lower
        at = lower.find(b"\r\ncontent-length:")
        if self.status in (204, 304):
            self._awaited = 0
        elif at >= 0:
            self._awaited = int(lower[at + 17 :].split(b"\r\n", 1)[0])
        elif b"\r\ntransfer-encoding: chunked" not in lower:
            raise Broken("neither length nor chunks")

    @property
    def status(self) -> int:
        return int(self.head[9:12])


def unchunked(body: bytearray) -> int | None:
    """How many bytes the chunks hold; None where the last has not arrived."""
    total = at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        size = int(body[at:end].partition(b";")[0], 16)
        if size == 0:
            return total
        total += size
        at = end + 2 + size + 2
    return None


class Driver:
    def __init__(self, port: int, requests: Iterator[bytes], expected: Expected) -> None:
        self.outcome = Outcome()
        self._port, self._requests, self._expected = port, requests, expected
        self._sizes: dict[bytes, int] = {}
        self._poll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._waiting: dict[int, tuple[bytes, float, Answer]] = {}

    def drive(self, seconds: float, connections: int) -> None:
        began = perf_counter()
        until = began + seconds
        for _ in range(connections):
            self._connect()
        while self._waiting:
            ready = self._poll.poll(PATIENCE)
            if not ready:
                self.outcome.errors[f"no answer within {PATIENCE:.0f} s"] += len(self._waiting)
                break
            for number, _ in ready:
                if self._receive(number):
                    self._next(number, until)
        self.outcome.seconds = perf_counter() - began

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._poll.close()

    def _connect(self) -> None:
        try:
            connection = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        except OSError as error:
            self.outcome.errors[str(error)] += 1
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)
        self._send(connection.fileno())

    def _send(self, number: int) -> None:
        request = next(self._requests)
        self._waiting[number] = request, perf_counter(), Answer()
        with suppress(OSError):  # closed meanwhile: reading says so
            self._open[number].sendall(request)

    def _receive(self, number: int) -> bool:
        """Whether what was asked there has come to an end, good or bad."""
        request, sent, answer = self._waiting[number]
        try:
            part = self._open[number].recv(AT_ONCE)
            self.outcome.received += len(part)
            if not part:
                raise Broken("closed without an answer" if not answer.head else "closed within an answer")
            if not answer.take(part):
                return False
            self._judge(request, answer, perf_counter() - sent)
        except (OSError, Broken, ValueError) as error:
            self.outcome.errors[str(error)] += 1
            answer.closing = True
        return True

    def _judge(self, request: bytes, answer: Answer, taken: float) -> None:
        expected, outcome = self._expected, self.outcome
        outcome.head = answer.head
        usual = answer.body if expected.varies else self._sizes.setdefault(request, answer.body)
        if answer.status != expected.status:
            outcome.errors[f"status {answer.status}"] += 1
        elif answer.status not in (204, 304) and answer.body < expected.least:
            outcome.errors[f"fewer than {expected.least} bytes"] += 1
        elif answer.body != usual:
            outcome.errors["another number of bytes than before"] += 1
        else:
            outcome.latencies.append(taken)

    def _next(self, number: int, until: float) -> None:
        _, _, answer = self._waiting.pop(number)
        finished = perf_counter() >= until
        if answer.closing or finished:
            self._poll.unregister(number)
            self._open.pop(number).close()
        if finished:
            return
        if answer.closing:
            self._connect()
        else:
            self._send(number)


def repeated(requests: Sequence[bytes]) -> Iterator[bytes]:
    return itertools.cycle(requests)


def numbered(template: Sequence[bytes], mark: bytes) -> Iterator[bytes]:
    """Each with another number of as many digits where the mark stands, so that nothing is sent twice."""
    for number, each in enumerate(itertools.cycle(template)):
        yield each.replace(mark, str(number).zfill(len(mark)).encode())
