"""A WebSub hub on this machine, which tests can really be told things by."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class Hub(ThreadingHTTPServer):
    """`heard` are the forms it was sent; `answers` maps paths of feeds to other statuses than 204, 0 to silence."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Publishing)
        self.heard, self.answers = [], {}

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def topics(self):
        """The paths of the feeds that it was told of since it was last asked, sorted."""
        heard, self.heard[:] = list(self.heard), []
        return sorted(urlsplit(form["hub.url"][0]).path for form in heard)

    def pages(self):
        """The pages that it was told of all feeds of."""
        topics = self.topics()
        pages = sorted({topic.partition("feeds/")[0] for topic in topics})
        files = ("feeds/atom.xml", "feeds/feed.json", "feeds/rss.xml")
        assert topics == sorted(f"{page}{file}" for page in pages for file in files)
        return pages


class Publishing(BaseHTTPRequestHandler):
    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status = self.server.answers.get(urlsplit(form["hub.url"][0]).path, 204)
        self.server.heard.append(form)
        if status:
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

    def do_GET(self):
        raise AssertionError("a hub is told things, not asked")

    def log_message(self, *args):
        pass


@contextmanager
def running():
    with Hub() as hub:
        Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield hub
        finally:
            hub.shutdown()
