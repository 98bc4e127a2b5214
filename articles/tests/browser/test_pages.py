"""What every page promises to every reader. Each is opened once, and looked at again and again."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.tests.browser.conftest import opened
from articles.tests.browser.pages import PAGES

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module", params=list(PAGES.values()), ids=list(PAGES))
def page(request, site, chromium):
    """With what the browser said while it came in."""
    with opened(site, chromium, color_scheme="light") as open_page:
        page = open_page(request.param)
        page.wait_for_load_state("networkidle")
        page.said = list(page.complaints)
        yield page


def violations(page, *, rules):
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("only => axe.run({ runOnly: only, resultTypes: ['violations'] })", rules)["violations"]
    return [(rule["id"], node["html"], node["failureSummary"]) for rule in found for node in rule["nodes"]]


def test_it_keeps_to_the_accessibility_guidelines(page):
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light")
        assert violations(page, rules=WCAG) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, rules=["color-contrast"]) == []


def test_it_never_scrolls_sideways_on_a_phone_or_when_enlarged(page):
    for width in (320, 360, 640):  # 640 is a screen of 1280 at 200 %
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_browser_has_nothing_to_say_against_it(page, site):
    gone = {PAGES["not found"]: "status of 404", PAGES["taken down"]: "status of 410"}.get(page.url.removeprefix(site))
    assert [line for line in page.said if not (gone and gone in line)] == []


def test_headings_start_with_one_title_and_leave_no_level_out(page):
    levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
