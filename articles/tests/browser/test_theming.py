"""A theme of the operator's own, as docs/theming.md tells of it: the one in docs/examples, really applied."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from articles.tests.browser.conftest import serving

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DOCS = Path(settings.BASE_DIR, "docs")
THEME = DOCS / "examples" / "lamplight"


@pytest.fixture
def themed(content, tmp_path):
    (engine,) = settings.TEMPLATES
    templates = [{**engine, "DIRS": [THEME / "templates", *engine["DIRS"]]}]
    folders = [THEME / "static", *settings.STATICFILES_DIRS]
    with serving(tmp_path, TEMPLATES=templates, STATICFILES_DIRS=folders) as address:
        yield address


def test_it_colours_pages_and_fills_blocks_and_the_rest_stays(visit, themed):
    page = visit(f"{themed}/articles/slack-water/", color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(ground) == "rgb(253, 246, 233)"
    page.get_by_text("Dark", exact=True).click()
    assert page.evaluate(ground) == "rgb(29, 23, 18)"
    assert page.get_by_text("Set by lamplight.").is_visible()
    assert page.get_by_role("heading", level=1).inner_text() == "The hour between tides"
    assert page.complaints == []


def test_what_the_page_in_the_docs_names_is_there():
    text = (DOCS / "theming.md").read_text(encoding="utf-8")
    tokens = Path(settings.BASE_DIR, "static", "css", "tokens.css").read_text(encoding="utf-8")
    named = set(re.findall(r"`(--[a-z-]+)`", text))
    named |= {f"--code{end}" for end in re.findall(r"`(-[a-z]+)`", text)}
    assert named == set(re.findall(r"^  (--[a-z-]+):", tokens, re.MULTILINE))
    for template, cell in re.findall(r"^\| `([\w/]+\.html)`.* \| (.+) \|$", text, re.MULTILINE):
        page = Path(settings.BASE_DIR, "templates", template).read_text(encoding="utf-8")
        assert set(re.findall(r"`(\w+)`", cell)) <= set(re.findall(r"{% block (\w+)", page))
