"""schemathesis holds what the API answers against what its description says. `make fuzz` asks much more of a site."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from accounts.api.tokens import sign_in
from accounts.roles import Role
from articles.tests.factories import ArticleFactory, UserFactory

CONFIG = settings.BASE_DIR / "schemathesis.toml"


@pytest.fixture
def token():
    editor = UserFactory(role=Role.EDITOR)
    ArticleFactory.create_batch(2, author=editor, live=True)
    return f"Bearer {sign_in(editor).access_token}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["with a token", "without"])
def test_the_api_answers_as_it_is_described(live_server, token, tmp_path, who):
    """The same requests each time; of stories, in which one request leads to the next, a few."""
    config = CONFIG.read_text()
    if who == "without":
        config = config[config.index("[generation]") :]  # what is before it is the token
    (tmp_path / "schemathesis.toml").write_text(config)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{live_server.url}/openapi.json"),
            *("--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--seed", "1"),
            *("--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,
        env={**os.environ, "FUZZ_AUTHORIZATION": token},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
