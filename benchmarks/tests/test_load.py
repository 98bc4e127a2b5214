"""The load generator, against a small server of its own."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.bench import load
from benchmarks.bench.load import Answer, Broken, Expected

pytestmark = pytest.mark.once
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self):
        Handler.asked += 1
        body = b"x" * (100 + (Handler.asked if self.path == "/growing" else 0))
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/closing":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def drive(path, expected):
    with serving() as port:
        requests = load.repeated([load.request("GET", path)])
        return load.run(port, requests, expected, seconds=0.03, connections=4)


def test_each_answer_is_counted_with_the_time_it_took():
    outcome = drive("/", Expected(least=100))
    assert (outcome.answered >= 4, dict(outcome.errors)) == (True, {})
    assert 0 < min(outcome.latencies) <= max(outcome.latencies) <= outcome.seconds


def test_a_connection_that_the_server_closes_is_opened_again():
    outcome = drive("/closing", Expected(least=100))
    assert (outcome.answered > 4, dict(outcome.errors)) == (True, {})


@pytest.mark.parametrize(
    ("path", "expected", "error"),
    [
        ("/missing", Expected(), "status 404"),
        ("/", Expected(least=101), "fewer than 101 bytes"),
        ("/growing", Expected(), "another number of bytes than before"),
    ],
)
def test_a_wrong_answer_is_an_error_and_no_request_answered(path, expected, error):
    outcome = drive(path, expected)
    assert set(outcome.errors) == {error}
    assert outcome.answered <= 1  # the first, which says how many bytes there are


def test_a_body_that_varies_may_have_any_size():
    assert not drive("/growing", Expected(varies=True)).errors


def test_where_nobody_answers_every_connection_is_an_error():
    with serving() as port:
        pass
    outcome = load.run(port, load.repeated([load.request("GET", "/")]), Expected(), seconds=1, connections=4)
    assert (outcome.answered, outcome.errors.total()) == (0, 4)


@pytest.mark.parametrize(("whole", "body"), [(PLAIN, 5), (CHUNKED, 12)])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_an_answer_is_complete_with_its_last_byte_however_it_arrives(whole, body, size):
    answer = Answer()
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert [answer.take(part) for part in parts] == [*[False] * (len(parts) - 1), True]
    assert (answer.status, answer.body) == (200, body)


def test_an_unchanged_page_has_no_body():
    assert Answer().take(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n")


def test_what_is_no_http_is_refused():
    with pytest.raises(Broken):
        Answer().take(b"SSH-2.0-OpenSSH\r\n\r\n")


def test_no_two_writes_are_the_same():
    requests = load.numbered([b"title 000", b"content 000"], b"000")
    assert [next(requests) for _ in range(3)] == [b"title 000", b"content 001", b"title 002"]
