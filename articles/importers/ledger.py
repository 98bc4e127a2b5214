"""What became of every file of an import, so that nothing is lost without a word."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["created", "updated", "unchanged"]
Entry = dict[str, str | int]  # what it is about, with the name of its "file"


@dataclass
class Notes:
    """What those who knew the posts elsewhere would miss here, and what was brought along."""

    pictures_found: int = 0
    links_rewritten: list[Entry] = field(default_factory=list)
    links_not_found: list[Entry] = field(default_factory=list)
    pictures_not_found: list[Entry] = field(default_factory=list)
    addresses_not_kept: list[Entry] = field(default_factory=list)
    co_authors: list[Entry] = field(default_factory=list)
    summaries_shortened: list[Entry] = field(default_factory=list)
    template_tags: list[Entry] = field(default_factory=list)
    fields_left_behind: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Notes") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Ledger:
    """created + updated + unchanged + skipped = files."""

    files: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Entry] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)

    def record(self, outcome: Outcome, notes: Notes) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.notes.add(notes)

    def skip(self, file: str, reason: str) -> None:
        self.skipped.append({"file": file, "reason": reason})

    def close(self) -> None:
        """Links to posts that turned out to be malformed lead nowhere before those are mended and come in."""
        missing = {entry["file"] for entry in self.skipped}
        self.notes.links_not_found += [
            {"file": link["file"], "target": link["target"], "reason": "its post was skipped"}
            for link in self.notes.links_rewritten
            if link["post"] in missing
        ]

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "notes"} | vars(self.notes)
