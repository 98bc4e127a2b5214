"""What travels when a page is opened: bytes, not times."""

import gzip
import re
from urllib.request import Request, urlopen

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def travelled(visit):
    """The size in bytes of each answer to a first visit, headers included, by the last part of its address."""

    def measure(path):
        page, sizes = visit("about:blank"), {}
        protocol = page.context.new_cdp_session(page)
        protocol.send("Network.enable")
        names = {}
        protocol.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
        protocol.on("Network.loadingFinished", lambda e: sizes.update({names[e["requestId"]]: e["encodedDataLength"]}))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return sizes

    return measure


def test_an_article_of_a_thousand_words_is_three_small_files(travelled):
    sizes = travelled("/articles/a-thousand-words/")
    kinds = sorted(re.sub(r".*\.", "", address) if "/static/" in address else "page" for address in sizes)
    assert kinds == ["css", "js", "page"]
    assert sum(sizes.values()) <= 20_000


def test_what_surrounds_an_article_is_small(site):
    """What the page weighs beyond its text: here a text that says the same again and again, so next to nothing."""
    asked = Request(f"{site}/articles/a-thousand-words/", headers={"Accept-Encoding": "gzip"})
    packed = urlopen(asked).read()
    assert b"The hour between two tides" in gzip.decompress(packed)
    assert len(packed) <= 12_000
