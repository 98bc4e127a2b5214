"""The pages that no address leads to: they say what went wrong, with no request and no database."""

import pytest
from django.template.loader import render_to_string

from articles.tests.browser.test_pages import WCAG, violations

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("status", [400, 500, 503])
def test_they_keep_to_the_accessibility_guidelines(visit, site, status):
    page, html = visit("about:blank", width=360), render_to_string(f"{status}.html")
    page.route(f"{site}/broken/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(f"{site}/broken/")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page, rules=WCAG) == []
