"""What the templates and style sheets promise."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import RequestFactory
from django.views import defaults

CSS = Path(settings.BASE_DIR, "static", "css")
COLOURS = {
    name: pair
    for name, *pair in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", Path(CSS, "tokens.css").read_text(encoding="utf-8")
    )
}
INKS = [name for name in COLOURS if name.startswith(("ink", "soft", "accent", "code-"))]


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "raised"])
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_is_readable_on_every_ground(ink, ground, scheme):
    darker, lighter = sorted(luminance(COLOURS[name][scheme]) for name in (ink, ground))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, AA


def test_every_style_sheet_is_part_of_the_one_that_pages_link_to():
    imported = set(re.findall(r'url\("(.+?\.css)"\)', Path(CSS, "site.css").read_text(encoding="utf-8")))
    assert imported == {str(file.relative_to(CSS)) for file in CSS.rglob("*.css")} - {"site.css"}


def test_html_is_trusted_in_one_place_alone():
    templates = Path(settings.BASE_DIR, "templates")
    trusting = [
        file for file in templates.rglob("*.html") if re.search(r"\|\s*safe\b|autoescape off", file.read_text())
    ]
    assert [file.relative_to(templates).as_posix() for file in trusting] == ["articles/parts/prose.html"]


def test_the_error_page_needs_neither_database_nor_settings():
    """Tests that don't ask for the database can't reach it."""
    answer = defaults.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text


def test_the_error_page_links_to_the_style_sheet_that_is_there(monkeypatch):
    monkeypatch.setattr(staticfiles_storage, "url", lambda name: f"/static/{name}?digest")
    assert "/static/css/site.css?digest" in defaults.server_error(RequestFactory().get("/")).text


def test_the_page_for_bad_requests_needs_no_database():
    answer = defaults.bad_request(RequestFactory().get("/"), ValueError())
    assert answer.status_code == 400
    assert "This request makes no sense" in answer.text
