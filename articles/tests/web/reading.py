"""Reads the head of a page as a program does."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Read(HTMLParser):
    """`meta` and `links` hold, under each name or relation, what was said of it, in the order of the page."""

    page: str
    title: str = ""
    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    data: list[Any] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._inside = ""
        self.feed(self.page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self._inside = "ld" if said.get("type") == "application/ld+json" else tag
        if tag == "meta" and (name := said.get("name") or said.get("property")):
            self.meta.setdefault(name, []).append(said["content"])
        if tag == "link":
            self.links.setdefault(said["rel"], []).append(said)

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data
        if self._inside == "ld":
            self.data.append(json.loads(data))

    def said(self, name: str) -> str:
        [content] = self.meta[name]
        return content

    def address(self, rel: str) -> str | None:
        return next((link["href"] for link in self.links.get(rel, [])), None)
