"""The documentation of the API, used: sign in there, and publish."""

import json

import pytest
from playwright.sync_api import expect

from articles.tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = {"username": "writer", "password": PASSWORD}
ARTICLE = {"title": "Written in the docs", "content": "Tried out, and published.", "published": True}


@pytest.fixture
def docs(visit):
    page = visit("/docs")
    page.locator(".opblock").first.wait_for()
    return page


def token(page):
    return page.request.post("/api/v1/auth/login", form=LOGIN).json()["access_token"]


def sign_in(page):
    form = page.locator(".auth-container", has_text="OAuth2")
    form.get_by_label("username:").fill(LOGIN["username"])
    form.get_by_label("password:").fill(LOGIN["password"])
    return form


def paste(page):
    form = page.locator(".auth-container", has_text="http, Bearer")
    form.locator("input").fill(token(page))
    return form


@pytest.mark.parametrize("how", [sign_in, paste])
def test_who_signs_in_there_can_publish_an_article(docs, how):
    docs.locator(".btn.authorize").click()
    form = how(docs)
    form.locator(".btn.authorize").click()
    form.get_by_text("Logout").wait_for()
    docs.locator(".btn-done").first.click()

    operation = docs.locator("#operations-articles-create_article")
    operation.locator(".opblock-summary-control").click()
    operation.locator("textarea.body-param__text").fill(json.dumps(ARTICLE))
    operation.locator(".btn.execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("201")
    assert docs.complaints == []

    (article,) = docs.request.get("/api/v1/articles/?author=writer").json()
    assert article.items() > ARTICLE.items()
    bearer = {"Authorization": f"Bearer {token(docs)}"}
    gone = docs.request.delete(
        f"/api/v1/articles/{article['id']}", headers=bearer
    )  # others count what there is to read
    assert gone.status == 204


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_follows_the_colours_of_the_system(docs, width, scheme):
    docs.set_viewport_size({"width": width, "height": 800})
    docs.emulate_media(color_scheme=scheme)
    docs.locator("#operations-articles-create_article .opblock-summary-control").click()
    docs.locator("#operations-articles-create_article .responses-table").wait_for()
    assert docs.evaluate("document.documentElement.scrollWidth") <= width
    paper = docs.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(28, 32, 34)") == (scheme == "dark")
    assert docs.complaints == []
