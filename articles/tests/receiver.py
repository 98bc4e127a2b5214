"""A receiver of webhooks on this machine, which really is sent things."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from articles.models import Webhook


class Receiver(ThreadingHTTPServer):
    """`heard` are the requests it was sent; it answers all with `status` and `headers`, once `may_answer` is set."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiving)
        self.heard, self.status, self.headers, self.may_answer = [], 204, {}, Event()
        self.may_answer.set()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/hook?a=b"

    def webhook(self, **fields):
        """One that leads here, and wants every event unless told otherwise."""
        return Webhook.objects.create(**{"url": self.address, "events": Webhook.Event.values} | fields)

    def events(self):
        """What it was told since it was last asked: types, with the title or the slug of the article."""
        heard, self.heard[:] = list(self.heard), []
        articles = [(each.payload["type"], each.payload.get("article", {})) for each in heard]
        return [(kind, article.get("title") or article.get("slug")) for kind, article in articles]


class Receiving(BaseHTTPRequestHandler):
    def do_POST(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.payload = json.loads(self.body)
        self.server.heard.append(self)
        self.server.may_answer.wait(60)
        if self.server.status:
            self.send_response(self.server.status)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.end_headers()

    def do_GET(self):
        raise AssertionError("a receiver is told things, not asked")

    def log_message(self, *args):
        pass


@contextmanager
def running():
    with Receiver() as receiver:
        Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.may_answer.set()
            receiver.shutdown()
