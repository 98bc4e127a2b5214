import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command

from blogsite.tests.test_env import start

pytestmark = pytest.mark.once

PRODUCTION = "blogsite.static.StaticFilesStorage"


@pytest.fixture
def collected(settings, tmp_path):
    """What collectstatic makes of the project's static files, and of those in the folder that is given."""

    def collect(*folders):
        settings.STATICFILES_DIRS = [*folders, *settings.STATICFILES_DIRS]
        settings.STATIC_ROOT = tmp_path / "collected"
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PRODUCTION}}
        get_finder.cache_clear()
        call_command("collectstatic", verbosity=0, interactive=False)
        return settings.STATIC_ROOT

    yield collect
    get_finder.cache_clear()


def style_sheet(root):
    (file,) = Path(root, "css").glob("site.*.css")
    return file.read_text()


def test_pages_load_one_style_sheet_with_all_parts_in_their_layers(collected):
    css = style_sheet(collected())
    assert "@import" not in css
    assert "/*" not in css
    layers = re.findall(r"^@layer (\w+) \{", css, re.MULTILINE)
    assert list(dict.fromkeys(layers)) == re.search(r"@layer (.+);", css)[1].split(", ")


def test_addresses_in_a_part_lead_to_the_same_file_as_before(collected, tmp_path):
    (tmp_path / "more" / "css" / "parts").mkdir(parents=True)
    (tmp_path / "more" / "img").mkdir()
    (tmp_path / "more" / "img" / "waves.svg").write_text("<svg/>")
    (tmp_path / "more" / "css" / "parts" / "tags.css").write_text(
        '.a { background: url("../../img/waves.svg"); mask: url("data:image/svg+xml,<svg/>"); }'
    )
    root = collected(tmp_path / "more")
    found = re.search(r'background: url\("(.+?)"\); mask: url\("data:image/svg\+xml,<svg/>"\)', style_sheet(root))
    assert Path(root, "css", found[1]).read_text() == "<svg/>"
    assert re.search(r"waves\.\w{12}\.svg$", found[1])


def test_a_theme_of_one_s_own_comes_before_what_is_ours(tmp_path):
    (tmp_path / "static").mkdir()
    shown = "from blogsite import settings as s; print(s.TEMPLATES[0]['DIRS'][0], s.STATICFILES_DIRS[0])"
    read = start(tmp_path, "-c", shown, THEME_DIR=str(tmp_path))
    assert read.stdout.split() == [f"{tmp_path}/templates", f"{tmp_path}/static"]


def test_a_second_collection_makes_the_same(collected):
    first = style_sheet(collected())
    assert style_sheet(collected()) == first
