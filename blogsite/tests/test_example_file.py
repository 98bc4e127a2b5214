import ast
import re

import pytest

from blogsite import env
from blogsite.tests.test_env import SECRET, start

pytestmark = pytest.mark.once

EXAMPLE = (env.BASE_DIR / ".env.example").read_text()
COMPOSE = (env.BASE_DIR / "docker-compose.yml").read_text()


def names_read():
    """What the settings give to a reader of env as its first argument, and what env.py and Compose read themselves."""
    settings = ast.parse((env.BASE_DIR / "blogsite" / "settings.py").read_text())
    for node in ast.walk(settings):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]):
                yield name
    yield "ENV_FILE"
    yield from re.findall(r"\$\{([A-Z_]+)", COMPOSE)


def test_the_example_file_lists_every_name_that_is_read_and_no_other():
    assert sorted(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == sorted(set(names_read()))


def test_what_the_example_file_shows_can_be_used(tmp_path):
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in shown.items() if value))
    started = start(tmp_path, ENV_FILE=str(tmp_path / ".env"), SECRET_KEY=SECRET)
    assert (started.returncode, started.stderr) == (0, "")
