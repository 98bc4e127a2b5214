"""The demo site and a few articles more, served as in production, and the system's Chromium to read it with.

Both live as long as the tests of this folder: the browser only reads.
"""

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

from accounts.models import User
from accounts.roles import Role
from articles import publishing
from articles.models import Article
from articles.tests.factories import ArticleFactory, PageFactory, UserFactory
from blogsite import env

CHROMIUM = shutil.which("chromium")
EVERYTHING = Path(__file__).with_name("everything.md")
PATIENCE = 120_000  # milliseconds: on a busy machine a browser takes its time
LEFT = "net::ERR_ABORTED"  # what a page that is reloaded or left was still waiting for
PASSWORD = "correct horse battery"
PROSE = "The hour between two tides is nobody's, and everybody's work depends on it. "


def write_articles():
    about = {"bio": "Keeps the log.", "website": "https://example.org/"}
    author = UserFactory(username="harbour", password=PASSWORD, role=Role.AUTHOR, **about)
    times = (datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 29))
    for slug, fields in {
        "everything": {"title": "Everything at once", "content": EVERYTHING.read_text(encoding="utf-8")},
        "a-thousand-words": {"title": "A thousand words", "content": f"{PROSE * 9}\n\n" * 8},
        "arabic": {
            "title": "الماء الواقف في الميناء",
            "language": "ar",
            "content": "كان الماء واقفاً في الميناء. " * 60,
        },
    }.items():
        ArticleFactory(slug=slug, author=author, published_at=next(times), **fields)
    corrected, by = Article.objects.get(slug="names-for-grey"), User.objects.get(username="ines")
    publishing.revise(corrected, by=by, content=f"{corrected.content}\n\nAnd a ninth.", note="There are nine.")
    taken_down = publishing.create(by=by, title="Taken down", content="All of it was wrong.", published_at=next(times))
    publishing.remove(taken_down, by=by)
    UserFactory(username="writer", role=Role.AUTHOR, password=PASSWORD)  # whom no page names while nothing is written
    PageFactory(title="About us", slug="about-us", author=by, published_at=next(times))


@pytest.fixture(scope="package")
def content(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        real = env.database("DATABASE_URL", settings.DATA_DIR / "db.sqlite3")["NAME"]
        assert connection.settings_dict["NAME"] != real, "these tests have to be marked for a test database"
        try:
            call_command("load_demo", verbosity=0)
            write_articles()
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)


@pytest.fixture
def _django_db_helper(content):
    """Instead of pytest-django's, which would roll everything back after each test."""


@contextmanager
def serving(static_root, **changed):
    """A site with these settings; its address, with no slash at its end."""
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "blogsite.static.StaticFilesStorage"}}
    with override_settings(STATIC_ROOT=static_root, STORAGES=storages, **changed):
        get_finder.cache_clear()
        call_command("collectstatic", verbosity=0, interactive=False)
        server = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        try:
            assert server.error is None
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.terminate()
            get_finder.cache_clear()


@pytest.fixture(scope="package")
def site(content, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("static")) as address:
        yield address


@pytest.fixture(scope="package")
def chromium(site):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            timeout=PATIENCE,
        )
        yield browser
        browser.close()


@contextmanager
def opened(site, chromium, **always):
    """How to open an address in a browser of its own: open_page("/", width=360, color_scheme="dark")."""
    contexts = []

    def open_page(path="/", *, width=1280, **options):
        viewport = {"width": width, "height": 800}
        contexts.append(chromium.new_context(base_url=site, viewport=viewport, **always, **options))
        contexts[-1].set_default_timeout(PATIENCE)
        page = contexts[-1].new_page()
        page.complaints = complaints(page)
        page.goto(path)
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def visit(site, chromium):
    with opened(site, chromium) as open_page:
        yield open_page


def complaints(page):
    """What the browser says against a page, as it comes in: errors, refused scripts and styles, files not found."""
    said = []
    page.on("console", lambda message: message.type in {"error", "warning"} and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "requestfailed", lambda request: request.failure != LEFT and said.append(f"{request.url}: {request.failure}")
    )
    return said
