"""Clients made from the OpenAPI document by others' programs: their types hold, and they publish.

On SQLite alone: the document is the same on every database.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.roles import Role
from articles.models import Article
from articles.tests.factories import UserFactory

HERE = Path(__file__).with_name("clients")
MODULES = HERE / "node_modules"
TSC = ["--target", "es2022", "--module", "nodenext", "--strict", "--noUncheckedIndexedAccess"]
PASSWORD = "correct horse battery"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.once,  # the document is the same on every database
]


@pytest.fixture
def writer():
    return UserFactory(username="ada", role=Role.AUTHOR, password=PASSWORD)


@pytest.fixture
def document(client, tmp_path):
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(client.get("/openapi.json").json()))
    return file


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(cwd)})
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def test_a_python_client_is_typed_strictly_and_publishes(live_server, writer, document, tmp_path):
    tool = Path(sys.executable).with_name("openapi-python-client")
    run(tool, "generate", "--path", document, "--output-path", tmp_path / "client", "--meta", "none", cwd=tmp_path)
    program = shutil.copy(HERE / "program.py", tmp_path)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    run(sys.executable, "-m", "mypy", "--config-file", "mypy.ini", program, cwd=tmp_path)
    said = run(sys.executable, program, live_server.url, writer.username, PASSWORD, cwd=tmp_path)
    assert said == Article.objects.live().get(author=writer).title == "By a Python client"


@pytest.mark.skipif(
    not MODULES.is_dir() and "CI" not in os.environ, reason="make test installs what it takes, where there is npm"
)
def test_a_typescript_client_is_typed_strictly_and_publishes(live_server, writer, document, tmp_path):
    program = shutil.copy(HERE / "publish.ts", tmp_path)
    shutil.copy(HERE / "package.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    run("node", "node_modules/openapi-typescript/bin/cli.js", document, "-o", "schema.d.ts", cwd=tmp_path)
    options = [*TSC, "--exactOptionalPropertyTypes", "--types", "node"]
    run("node", "node_modules/typescript/bin/tsc", *options, program, cwd=tmp_path)
    said = run("node", "publish.js", live_server.url, writer.username, PASSWORD, cwd=tmp_path)
    assert said == Article.objects.live().get(author=writer).title == "By a TypeScript client"
