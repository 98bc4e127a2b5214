"""One request to one receiver, with no more trust in it than the internet deserves: it has ten seconds, it is not
followed elsewhere, and of its answer nothing is read but the head and nothing kept but the status.
"""

import socket
import ssl
import time
from contextlib import closing, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.webhooks import guard, sign

TIMEOUT = 10  # seconds, for all of it


class Answer(NamedTuple):
    """What came of it: a status of HTTP, or the reason why there is none."""

    status: int | None
    error: str
    milliseconds: int
    retry_after: timedelta = timedelta()

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and HTTPStatus(200) <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == HTTPStatus.GONE


def send(url: str, secret: str, id: str, body: bytes) -> Answer:
    """POST this body, signed, and say what was answered. Asks nothing of the database: it may run in any thread."""
    began, status, error, retry_after = time.monotonic(), None, "", timedelta()
    try:
        place = guard.place(url)
        with closing(_Connection(place, guard.addresses(place))) as connection:
            signed = sign.headers(secret, id=id, timestamp=int(time.time()), body=body)
            status, asked = connection.post(body, signed)
            retry_after = _delay(asked)
    except ValidationError as refusal:
        error = " ".join(refusal.messages)
    except OSError as trouble:  # such as the end of the connection, which is an HTTPException too
        error = trouble.strerror or str(trouble) or "The connection was lost."
    except HTTPException:  # whose words would quote what was answered
        error = "What was answered is not HTTP."
    taken = time.monotonic() - began
    if status is None and taken >= TIMEOUT:
        error = f"No answer within {TIMEOUT} seconds."
    return Answer(status, error, int(taken * 1000), retry_after)


def _delay(asked: str | None) -> timedelta:
    """What a Retry-After header asks for, seconds or a date."""
    with suppress(ValueError, OverflowError, TypeError):
        if asked and asked.isascii() and asked.isdigit():
            return timedelta(seconds=int(asked))
        return parsedate_to_datetime(asked or "") - timezone.now()
    return timedelta()


class _Connection(HTTPConnection):
    """To one of the addresses that were checked; the certificate has to be the name's."""

    def __init__(self, place: guard.Place, addresses: list[str]) -> None:
        super().__init__(place.host, place.port, timeout=TIMEOUT)
        self.place, self.addresses, self.is_cut = place, addresses, False

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
        """The status of the answer, and its Retry-After."""
        watch = Timer(TIMEOUT, self._cut)  # a socket's own timeout begins anew with every byte
        watch.daemon = True
        watch.start()
        try:
            ours = {"Host": self.place.netloc, "Content-Type": "application/json", "User-Agent": "blogsite"}
            self.request("POST", self.place.path, body, {**ours, "Connection": "close", **headers})
            answer = self.getresponse()
            if self.is_cut:  # which looks like the end of a head
                raise TimeoutError
            return answer.status, answer.getheader("Retry-After")
        finally:
            watch.cancel()

    def connect(self) -> None:
        self.sock: Any = self._reach()
        self.sock.settimeout(TIMEOUT)
        if self.is_cut:  # before there was a socket to be cut
            raise TimeoutError
        if self.place.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.place.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def _reach(self) -> socket.socket:
        for number, address in enumerate(self.addresses, start=1):
            try:
                return socket.create_connection((address, self.place.port), TIMEOUT / len(self.addresses))
            except OSError:
                if number == len(self.addresses):
                    raise
        raise OSError("There is no address to connect to.")

    def _cut(self) -> None:
        """Whatever waits for the receiver now ends at once."""
        self.is_cut = True
        with suppress(OSError, AttributeError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
