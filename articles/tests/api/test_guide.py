"""docs/api.md, followed to the letter: its commands and its Python are run, and answer what it shows."""

import re
import shutil
import subprocess
from code import InteractiveConsole

import pytest

from articles.tests.factories import ArticleFactory, UserFactory
from blogsite import env

GUIDE = (env.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
PASSWORD = "correct horse battery"
AFTER_EACH = "--- answered ---"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(live_server, settings, tmp_path):
    """Writes the guide's words for this site."""
    settings.MEDIA_ROOT = tmp_path
    UserFactory(username="admin", password=PASSWORD, is_superuser=True)
    ArticleFactory(live=True)

    def here(text):
        return text.replace("http://127.0.0.1:8000", live_server.url).replace(
            "the password that make serve printed", PASSWORD
        )

    return here


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def steps():
    """Each command of the guide, and what it shows as its answer."""
    for step in re.split(r"^\$ ", "".join(blocks("console")), flags=re.MULTILINE)[1:]:
        lines = step.splitlines()
        length = next((number for number, line in enumerate(lines[1:], 1) if not line.startswith(">")), len(lines))
        yield "\n".join([lines[0], *(line[2:] for line in lines[1:length])]), "\n".join(lines[length:])


def pattern(shown):
    return ".*?".join(map(re.escape, shown.split("…")))


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_commands_answer_what_the_guide_shows(here):
    known = list(steps())
    script = "".join(f"{command}\necho '{AFTER_EACH}'\n" for command, _shown in known)
    done = subprocess.run(["bash"], input=here(script), capture_output=True, text=True, cwd=env.BASE_DIR, timeout=300)
    answers = done.stdout.split(AFTER_EACH + "\n")[:-1]
    for (command, shown), answer in zip(known, answers, strict=True):
        said = answer.replace("\r", "").strip()
        assert re.fullmatch(pattern(shown), said, re.DOTALL), f"{command}\nanswered\n{said}\n{done.stderr}"


def test_the_python_runs_as_it_is_typed_in(here, capsys, monkeypatch):
    monkeypatch.chdir(env.BASE_DIR)
    prompt = InteractiveConsole()
    for line in "\n".join(map(here, blocks("python"))).splitlines():
        prompt.push(line)
    said = capsys.readouterr()
    assert "/articles/ebb-and-weed/\n" in said.out
    assert said.err == ""
    prompt.locals["api"].close()
