"""What every page promises to every reader."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.tests.browser.pages import PAGES

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)]


def violations(page, *, rules):
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("only => axe.run({ runOnly: only, resultTypes: ['violations'] })", rules)["violations"]
    return [(rule["id"], node["html"], node["failureSummary"]) for rule in found for node in rule["nodes"]]


def test_it_keeps_to_the_accessibility_guidelines(visit, path):
    page = visit(path, color_scheme="light")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light")
        assert violations(page, rules=WCAG) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, rules=["color-contrast"]) == []


def test_it_never_scrolls_sideways_on_a_phone_or_when_enlarged(visit, path):
    page = visit(path, width=320)
    for width in (320, 360, 640):  # 640 is a screen of 1280 at 200 %
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_browser_has_nothing_to_say_against_it(visit, path):
    page = visit(path)
    page.wait_for_load_state("networkidle")
    gone = {PAGES["not found"]: "status of 404", PAGES["taken down"]: "status of 410"}.get(path)
    assert [line for line in page.complaints if not (gone and gone in line)] == []


def test_headings_start_with_one_title_and_leave_no_level_out(visit, path):
    page = visit(path)
    levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
