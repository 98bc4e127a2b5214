"""The folder that is read. Nothing outside of it ever is, whatever a link in it or in a post may say."""

import os
from datetime import UTC, datetime
from pathlib import Path

from articles.importers.front_matter import Malformed

SUFFIXES = {".md", ".markdown"}
MAX_BYTES = 5_000_000  # of one post


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def posts(self) -> list[str]:
        """The paths of all Markdown files, in an order that stays; nothing hidden. So too of folders that are closed to
        us, to be reported like a file that is."""
        found: list[str] = []

        def note_closed(error: OSError) -> None:
            found.append(Path(error.filename).relative_to(self.root).as_posix())

        for place, folders, files in os.walk(self.root, onerror=note_closed):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                    found.append(Path(place, name).relative_to(self.root).as_posix())
        return sorted(found)

    def file(self, path: str) -> Path | None:
        """The file at this path, or None if there is none or it isn't really in the folder."""
        try:
            found = (self.root / path.lstrip("/")).resolve()
            return found if found.is_relative_to(self.root) and found.is_file() else None
        except (OSError, RuntimeError, ValueError):  # a name too long, links in a circle, a NUL in it
            return None

    def read(self, path: str) -> tuple[bytes, datetime]:
        """A post's bytes, and when they were last changed."""
        file = self.file(path)
        if file is None:
            raise Malformed("it is no file that can be read, or a link that leads out of the folder")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
            changed_at = datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, UTC)
        if len(data) > MAX_BYTES:
            raise Malformed(f"it is larger than {MAX_BYTES} bytes")
        return data, changed_at
