"""The requests that are measured, by kind: what is sent, what has to come back."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.bench.load import Expected, numbered, repeated, request

MARK = b"0000000"  # where each write has another number
PLAIN = {"Accept-Encoding": "identity"}
JSON = {"Content-Type": "application/json"}
CACHED_ARTICLES = 20
LIMIT = 100


@dataclass
class Target:
    """What requests are made for: a server that runs, and what lies in its database."""

    port: int
    facts: dict[str, Any]
    api: str = ""  # where the API's paths begin
    cursors: bool = False  # whether lists can be followed to their end
    constants: bool = False  # whether it knows nothing but the bytes of each kind, under its name
    password: str = ""
    _token: dict[str, str] = field(default_factory=dict)

    def fetch(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {**PLAIN, "Host": "127.0.0.1", **(headers or {})})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    @property
    def credentials(self) -> str:
        return urlencode({"username": self.facts["username"], "password": self.password})

    @property
    def token(self) -> dict[str, str]:
        if not self._token:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            status, _, body = self.fetch(f"{self.api}/auth/login", form, "POST", self.credentials)
            if status != 200:
                raise RuntimeError(f"could not sign in: {status} {body[:200]!r}")
            self._token["Authorization"] = f"Bearer {json.loads(body)['access_token']}"
        return self._token

    @property
    def deepest(self) -> str:
        """The last whole page of the API's list, as one comes to it who follows the links; else by counting."""
        if not self.cursors:
            return f"{self.api}/articles/?skip={max(0, self.facts['articles'] - LIMIT)}&limit={LIMIT}"
        path = f"{self.api}/articles/?limit={LIMIT}"
        return self.linked(self.linked(self.linked(self.linked(path, "last"), "prev"), "prev"), "next")

    def linked(self, path: str, relation: str) -> str:
        links = self.fetch(path)[1]["link"]
        found = {name: url for url, name in re.findall(r'<https?://[^/]+([^>]+)>; rel="(\w+)"', links)}
        return str(found[relation])


Requests = Iterator[bytes]


@dataclass(frozen=True)
class Kind:
    name: str
    title: str
    make: Callable[[Target], Requests]
    expected: Expected = Expected(least=300)
    warmed_up: bool = True


def requests(kind: Kind, target: Target) -> Requests:
    if target.constants:
        return constant(kind.name)
    return kind.make(target)


def constant(name: str) -> Requests:
    return get("/home", headers={"Accept-Encoding": "gzip"}) if name == "gzip" else get(f"/{name}")


def get(*paths: str, headers: dict[str, str] = PLAIN) -> Requests:
    return repeated([request("GET", path, headers) for path in paths])


def articles(target: Target, number: int) -> list[str]:
    return [f"/articles/{quote(slug)}/" for slug in target.facts["slugs"][:number]]


def unchanged(target: Target) -> Requests:
    return get("/", headers={**PLAIN, "If-None-Match": target.fetch("/")[1]["etag"]})


def api_articles(target: Target, number: int) -> Requests:
    return get(*(f"{target.api}/articles/{pk}" for pk in target.facts["ids"][:number]))


def posts(target: Target) -> Requests:
    title = f"A new article, number {MARK.decode()}"
    body = json.dumps({"title": title, "content": target.facts["text"], "published": True}).encode()
    return numbered([request("POST", f"{target.api}/articles/", {**PLAIN, **JSON, **target.token}, body)], MARK)


def patches(target: Target) -> Requests:
    body = json.dumps({"content": f"{target.facts['text']}\n\nNumber {MARK.decode()}."}).encode()
    headers = {**PLAIN, **JSON, **target.token}
    return numbered(
        [request("PATCH", f"{target.api}/articles/{pk}", headers, body) for pk in target.facts["own"]], MARK
    )


def logins(target: Target) -> Requests:
    form = {**PLAIN, "Content-Type": "application/x-www-form-urlencoded"}
    return repeated([request("POST", f"{target.api}/auth/login", form, target.credentials.encode())])


def searches(target: Target) -> Requests:
    return get(*(f"/search/?q={quote(question)}" for question in target.facts["questions"]))


def deep_page(target: Target) -> Requests:
    """The end of the site's list of the newest, as its first page counts: Page 1 of 1,234."""
    return get(f"/?page={pages(target.fetch('/')[2].decode())}")


def pages(html: str) -> int:
    where = re.search(r'class="pager__where">([^<]*)<', html)
    return int(re.sub(r"\D", "", re.findall(r"\d[\d.,\s]*", where[1])[-1])) if where else 1


PACKED = Expected(least=300, varies=True)  # padded at random, where it is packed for each reader anew
WRITTEN = Expected(least=3000, varies=True)
ALL = [
    Kind("home", "home page", lambda target: get("/")),
    Kind("article", "article page", lambda target: get(*articles(target, CACHED_ARTICLES))),
    Kind("gzip", "home page, gzip", lambda target: get("/", headers={"Accept-Encoding": "gzip"}), PACKED),
    Kind("brotli", "home page, brotli", lambda target: get("/", headers={"Accept-Encoding": "br"}), PACKED),
    Kind("304", "home page, unchanged (304)", unchanged, Expected(304)),
    Kind("articles", "article page, one of 1,000", lambda target: get(*articles(target, 1000))),
    Kind("tag", "tag page", lambda target: get(f"/tags/{target.facts['tag']}/")),
    Kind("rss", "RSS of 20 whole articles", lambda target: get("/feeds/rss.xml")),
    Kind("search", "search of two common words", searches),
    Kind("deep page", "home page's last page", deep_page),
    Kind("list", "API: list of 100", lambda target: get(f"{target.api}/articles/?limit={LIMIT}")),
    Kind("list 20", "API: list of 20", lambda target: get(f"{target.api}/articles/?limit=20")),
    Kind("deep list", "API: list's last 100", lambda target: get(target.deepest)),
    Kind("one", "API: article", lambda target: api_articles(target, CACHED_ARTICLES)),
    Kind("ones", "API: article, one of 1,000", lambda target: api_articles(target, 1000)),
    Kind("health", "health", lambda target: get("/healthz"), Expected()),
    Kind("login", "API: login", logins, Expected(least=100, varies=True), warmed_up=False),
    Kind("patch", "API: PATCH of 4 kB", patches, WRITTEN),
    Kind("post", "API: POST of 4 kB", posts, Expected(201, least=3000, varies=True)),
]
KINDS = {kind.name: kind for kind in ALL}
