"""The catalogues of locale/ hold every string that people read, translated; `make messages` keeps them so."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

pytestmark = pytest.mark.once

LANGUAGES = ["ar", "de", "es", "fr", "ja"]
SOURCES = ["accounts", "articles", "blogsite", "templates", "locale"]
MESSAGES = re.findall(r"\n\t\$\(BIN\)/python manage.py (makemessages (?:.*\\\n)*.*)", Path("Makefile").read_text())[0]

needs_gettext = pytest.mark.skipif(not shutil.which("msgfmt"), reason="gettext is not installed")


def catalogue(language, folder=Path("locale")):
    return folder / language / "LC_MESSAGES/django.po"


def compiled(path):
    """What is in a compiled catalogue, its head aside."""
    with path.open("rb") as file:
        messages = dict(gettext.GNUTranslations(file)._catalog)
    messages.pop("", None)
    return messages


@pytest.fixture(scope="module")
def renewed(tmp_path_factory):
    """What `make messages` would make of the code as it is, elsewhere."""
    copy = tmp_path_factory.mktemp("messages")
    for name in SOURCES:
        shutil.copytree(name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = MESSAGES.replace("\\\n", " ").replace("'", "").split()
    django = [sys.executable, "-m", "django", *words, "--settings", "blogsite.tests.settings"]
    done = subprocess.run(django, cwd=copy, capture_output=True, text=True, env=None, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return copy / "locale"


def test_there_is_one_for_each_language_that_the_site_speaks():
    assert sorted(folder.name for folder in Path("locale").iterdir() if folder.is_dir()) == LANGUAGES
    assert settings.LOCALE_PATHS == [settings.BASE_DIR / "locale"]


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_with_its_placeholders_and_none_is_guessed(language, renewed, tmp_path):
    po = catalogue(language, renewed)
    told = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", tmp_path / "new.mo", po],
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.fullmatch(r"\d+ translated messages?\.\n", told.stderr), (
        f"run make messages, and translate:\n{told.stderr}"
    )


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_one_says_the_same(language, renewed, tmp_path):
    subprocess.run(["msgfmt", "-o", tmp_path / "new.mo", catalogue(language, renewed)], check=True)
    assert compiled(catalogue(language).with_suffix(".mo")) == compiled(tmp_path / "new.mo"), "run make messages"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("de", 2, "2 Artikel"),
        ("fr", 0, "0 article"),
        ("es", 2, "2 artículos"),
        ("ja", 1, "1 件"),
        *(("ar", count, said) for count, said in [(0, "لا مقالات"), (1, "مقال واحد"), (2, "مقالان"), (3, "3 مقالات")]),
        *(("ar", count, said) for count, said in [(11, "11 مقالًا"), (100, "100 مقال")]),
    ],
)
def test_numbers_are_told_as_the_language_tells_them(language, count, said):
    with translation.override(language):
        assert translation.ngettext("%(count)s article", "%(count)s articles", count) % {"count": count} == said
