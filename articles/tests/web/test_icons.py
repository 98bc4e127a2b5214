"""How the site looks in a tab, among bookmarks and on a phone."""

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import PIL.Image
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from articles.models import SiteSettings
from articles.tests.web.reading import Read

pytestmark = pytest.mark.django_db


def opened(address):
    return PIL.Image.open(finders.find(address.removeprefix("/static/")))


def body(answer):
    return b"".join(answer.streaming_content)


def test_browsers_that_ask_unbidden_are_given_an_icon(client):
    answer = client.get("/favicon.ico")
    assert answer["Content-Type"] in {"image/x-icon", "image/vnd.microsoft.icon"}
    assert PIL.Image.open(BytesIO(body(answer))).info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    assert PIL.Image.open(BytesIO(body(client.get("/apple-touch-icon.png")))).size == (180, 180)


def test_pages_name_the_icons(client):
    head = Read(client.get("/").text)
    assert unquote(head.address("icon")).startswith("data:image/svg+xml,<svg xmlns=")  # one request less
    assert opened(head.address("apple-touch-icon")).size == (180, 180)


def test_the_manifest_says_what_the_site_is(client):
    SiteSettings(title="Bees & honey of the hill", description="On bees.", language="ar").save()
    answer = client.get(Read(client.get("/").text).address("manifest"))
    assert answer["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["name"], said["short_name"], said["description"]) == ("Bees & honey of the hill", "Bees", "On bees.")
    assert (said["lang"], said["dir"], said["start_url"], said["display"]) == ("ar", "rtl", "/", "minimal-ui")


def test_the_manifest_s_icons_are_as_large_as_it_says(client):
    icons = client.get("/site.webmanifest").json()["icons"]
    assert {f"{width}x{height}" for icon in icons for width, height in [opened(icon["src"]).size]} == {
        "192x192",
        "512x512",
    }
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    assert all("{}x{}".format(*opened(icon["src"]).size) == icon["sizes"] for icon in icons)


def test_what_browsers_draw_around_a_page_has_the_colour_of_its_paper(client):
    tokens = Path(settings.BASE_DIR, "static", "css", "tokens.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--paper: light-dark\((#\w{6}), (#\w{6})\)", tokens)[0]
    assert Read(client.get("/").text).meta["theme-color"] == [light, dark]
    said = client.get("/site.webmanifest").json()
    assert said["theme_color"] == said["background_color"] == light
