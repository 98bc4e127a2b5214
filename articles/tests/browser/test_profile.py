"""The page of one's own, which only who is signed in can open."""

import pytest

from accounts.models.token import PREFIX
from articles.tests.browser.conftest import PASSWORD
from articles.tests.browser.test_pages import WCAG, violations

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PROFILE = "/accounts/profile/"


@pytest.fixture
def profile(visit):
    def sign_in(**options):
        page = visit(PROFILE, **options)
        page.get_by_label("User name").fill("harbour")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PROFILE}")
        return page

    return sign_in


def make(page, name):
    page.get_by_label("Name").focus()
    for key in (*name, "Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    return page.locator("code").text_content()


def revoke(page, name):
    page.get_by_role("button", name=f"Revoke {name}").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()


def test_a_token_is_made_and_revoked_by_keyboard_without_scripts(profile):
    page = profile(java_script_enabled=False)
    assert make(page, "backup").startswith(PREFIX)
    page.goto(PROFILE)
    assert page.locator("code").count() == 0
    revoke(page, "backup")
    assert page.get_by_role("button", name="Revoke").count() == 0


def test_it_keeps_to_the_accessibility_guidelines_and_to_the_width_of_a_phone(profile):
    name = "x" * 100
    page = profile(color_scheme="light")
    page.complaints.clear()  # of the page to sign in
    make(page, name)
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    for width, scheme in ((360, "light"), (360, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert violations(page, rules=WCAG) == []
    assert page.complaints == []
    revoke(page, name)
