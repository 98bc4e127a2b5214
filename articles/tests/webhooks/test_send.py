"""One request, to receivers of every kind."""

import socket
import ssl
import subprocess
from ipaddress import ip_network
from threading import Event, Thread

import pytest

from articles.models.webhook import new_secret
from articles.webhooks import send as sending
from articles.webhooks.send import send

HEAD = b"HTTP/1.1 204 No Content\r\n\r\n"


def to(address):
    return send(address, new_secret(), "1", b"{}")


@pytest.fixture
def raw(receiver):
    """The address of a server that answers with these bytes, in parts."""
    servers, closed = [], Event()

    def raw(*parts, pause=0, wrap=lambda connection: connection):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve():
            try:
                connection, _ = server.accept()
                with wrap(connection) as wrapped:
                    wrapped.recv(65536)
                    for part in parts:
                        wrapped.sendall(part)
                        closed.wait(pause)
                    while wrapped.recv(65536):
                        pass
            except OSError:
                pass

        Thread(target=serve, daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield raw
    closed.set()
    for server in servers:
        server.close()


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_it_is_accepted_with_any_2xx(receiver, status):
    receiver.status = status
    assert to(receiver.address).is_accepted


@pytest.mark.parametrize("status", [199, 300, 301, 302, 307, 308, 400, 404, 429, 500, 503])
def test_it_is_accepted_with_nothing_else_and_nobody_is_led_elsewhere(receiver, status):
    receiver.status, receiver.headers = status, {"Location": receiver.address}
    answer = to(receiver.address)
    assert (answer.status, answer.is_accepted) == (status, False)
    assert len(receiver.heard) == 1


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert to(receiver.address).is_accepted


@pytest.mark.parametrize("asked", ["120", "Mon, 23 Nov 2099 00:00:00 GMT"])
def test_what_the_receiver_asks_to_wait_is_heard(receiver, asked):
    receiver.status, receiver.headers = 503, {"Retry-After": asked}
    assert to(receiver.address).retry_after.total_seconds() >= 120


@pytest.mark.parametrize("asked", ["-1", "soon", "", "9" * 400, "Mon, 23 Nov 2099", "٣"])
def test_what_cannot_be_understood_of_it_is_not(receiver, asked):
    receiver.status, receiver.headers = 503, {"Retry-After": asked.encode().decode("latin-1")}
    assert to(receiver.address).retry_after.total_seconds() == 0


def test_of_what_is_answered_nothing_but_the_status_is_kept(raw):
    banner = raw(b"SSH-2.0-OpenSSH_9.2p1 secret\r\n")
    assert to(f"http://{banner}/")[:2] == (None, "What was answered is not HTTP.")
    answer = to(f"http://{raw(HEAD.replace(b'204 No Content', b'500 secret'), b'secret')}/")
    assert answer[:2] == (500, "")


def test_who_goes_without_an_answer_is_not_said_to_have_given_one(receiver):
    receiver.status = None
    assert to(receiver.address)[:2] == (None, "Remote end closed connection without response")


@pytest.mark.parametrize("parts", [[], [b"HTTP/1.1 "], [b"HTTP/1.1 204 No Content\r\nA: "]])
def test_who_stays_silent_is_not_waited_for(raw, monkeypatch, parts):
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    assert to(f"http://{raw(*parts)}/")[:2] == (None, "No answer within 0.2 seconds.")


def test_who_answers_drop_by_drop_is_not_waited_for_either(raw, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    drops = [HEAD[:-2], *[b"A: b\r\n"] * 99]
    assert to(f"http://{raw(*drops, pause=0.05)}/")[:2] == (None, "No answer within 0.2 seconds.")


def test_a_certificate_has_to_be_the_names(raw, resolving, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    named = ["-subj", "/CN=ours.example", "-addext", "subjectAltName=DNS:ours.example"]
    subprocess.run([*command, *named, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    resolving("127.0.0.1")

    def ask(name):
        address = raw(HEAD, wrap=lambda connection: server.wrap_socket(connection, server_side=True))
        return to(f"https://{address.replace('127.0.0.1', name)}/")

    assert "certificate verify failed" in ask("ours.example").error
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert ask("ours.example").is_accepted
    assert "not valid for 'other.example'" in ask("other.example").error


def test_where_one_address_of_a_name_does_not_answer_the_next_is_tried(receiver, resolving, settings):
    settings.WEBHOOKS_ALLOW_NETWORKS = [ip_network("127.0.0.0/8")]
    resolving("127.0.0.2", "127.0.0.1")
    assert to(receiver.address.replace("127.0.0.1", "ours.example")).is_accepted
    assert receiver.heard[0].headers["Host"] == f"ours.example:{receiver.server_port}"


def test_a_receiver_that_is_away_is_one_short_line(receiver, resolving):
    with socket.socket() as silent:  # which nobody answers at
        silent.bind(("127.0.0.1", 0))
        assert to(f"http://127.0.0.1:{silent.getsockname()[1]}/")[:2] == (None, "Connection refused")
    resolving()
    assert to("http://away.example/").error == "The name away.example has no address."
