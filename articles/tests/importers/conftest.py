from pathlib import Path

import pytest

from accounts.models import User
from accounts.roles import Role
from articles.importers.ledger import Ledger
from articles.importers.markdown_files import Import
from articles.tests.factories import UserFactory


class Blog:
    """A folder of posts to be imported, as somebody would have it on their disk."""

    def __init__(self, root: Path, by: User) -> None:
        self.root, self.by = root, by

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def bring(self, **options) -> Ledger:
        ledger = Import(self.root, by=self.by, **options).run()
        assert ledger.created + ledger.updated + ledger.unchanged + len(ledger.skipped) == ledger.files
        return ledger


@pytest.fixture
def blog(tmp_path, db) -> Blog:
    root = tmp_path / "blog"
    root.mkdir()
    return Blog(root, UserFactory.create(username="editor", role=Role.EDITOR))
