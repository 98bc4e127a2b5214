"""What the product's table says of who may see and do what: a few articles and people, with no database and no code of
ours. Every verb says what status the API has to answer whom, and its past tense does to the articles here what the API
then does to the real ones.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.roles import Role
from articles.tests.table import MAY, READER, TABLE

UNKNOWN, FORBIDDEN, MISSING = 401, 403, 404
WORDS = ("title", "content", "cover")  # of those that are set here, what an earlier revision brings back


@dataclass(eq=False)
class Person:
    name: str
    role: Role | None = READER
    active: bool = True
    pk: int | None = None  # of a stranger, who has no token either


@dataclass(eq=False)
class Piece:
    """An article, with what a writer sets of it now, and at each version."""

    author: Person
    created_at: datetime
    fields: dict[str, Any]
    versions: list[dict[str, Any]] = field(default_factory=list)
    pk: int = 0

    def write(self, **changes: Any) -> None:
        if not self.versions or any(self.fields[name] != value for name, value in changes.items()):
            self.fields = {**self.fields, **changes}
            self.versions.append(self.fields)


@dataclass(eq=False)
class Picture:
    owner: Person
    address: str
    pk: int


class World:
    def __init__(self, people: list[Person], now: datetime) -> None:
        self.people, self.now = people, now
        self.pieces: list[Piece] = []
        self.pictures: list[Picture] = []

    # What one sees

    def state(self, piece: Piece) -> str:
        date = piece.fields["published_at"]
        return "draft" if date is None else "live" if date <= self.now else "scheduled"

    def may(self, person: Person, verb: str, piece: Piece) -> bool:
        whose = "own" if piece.author is person else "other"
        return (whose, self.state(piece)) in TABLE[verb][person.role]

    def newest_first(self) -> list[Piece]:
        return sorted(self.pieces, key=lambda piece: (piece.created_at, piece.pk), reverse=True)

    def seen_by(self, person: Person) -> list[Piece]:
        return [piece for piece in self.newest_first() if self.may(person, "see", piece)]

    def live(self) -> list[Piece]:
        return [piece for piece in self.pieces if self.state(piece) == "live"]

    def tags(self) -> dict[str, int]:
        return dict(Counter(name for piece in self.live() for name in piece.fields["tags"]))

    def authors(self) -> dict[str, int]:
        return dict(Counter(piece.author.name for piece in self.live()))

    def look_around(self, person: Person) -> int:
        return 200 if person.active else UNKNOWN

    def look_at(self, person: Person, piece: Piece) -> int:
        if not person.active:
            return UNKNOWN
        return 200 if piece in self.pieces and self.may(person, "see", piece) else MISSING

    def look_back(self, person: Person, piece: Piece, number: int = 1) -> int:
        if refused := self._refused(person, piece, "see revisions"):
            return refused
        return 200 if number <= len(piece.versions) else MISSING

    def look_at_pictures(self, person: Person) -> int:
        return self._refused_entry(person, "upload an image") or 200

    # What one does

    def create(self, person: Person, fields: dict[str, Any]) -> int:
        required = ["create an article"]
        required += ["create a live article"] if fields["published_at"] else []
        required += ["create a tag"] if fields["tags"] else []
        return self._refused_entry(person, *required) or 201

    def created(self, piece: Piece) -> None:
        piece.write()
        self.pieces.append(piece)

    def change(self, person: Person, piece: Piece, changes: dict[str, Any]) -> int:
        changes = {name: value for name, value in changes.items() if value != piece.fields[name]}
        verbs = ["change"]
        verbs += ["publish"] if "published_at" in changes else []
        verbs += ["tag"] if "tags" in changes else []
        return self._refused(person, piece, *verbs) or 200

    def restore(self, person: Person, piece: Piece, number: int) -> int:
        if refused := self._refused(person, piece, "restore"):
            return refused
        return 200 if number <= len(piece.versions) else MISSING

    def restored(self, piece: Piece, number: int) -> None:
        words = {name: piece.versions[number - 1][name] for name in WORDS}
        if words["cover"] not in self.pictures:
            words["cover"] = None
        piece.write(**words)

    def delete(self, person: Person, piece: Piece) -> int:
        return self._refused(person, piece, "delete") or 204

    def upload(self, person: Person) -> int:
        return self._refused_entry(person, "upload an image") or 201

    def delete_picture(self, person: Person, picture: Picture) -> int:
        if refused := self._refused_entry(person, "upload an image"):
            return refused
        if picture not in self.pictures:
            return MISSING
        whose = (
            "another's"
            if picture.owner is not person
            else "their own used"
            if self.uses(picture)
            else "their own unused"
        )
        return 204 if person.role in MAY[f"delete {whose} image"] else FORBIDDEN

    def picture_deleted(self, picture: Picture) -> None:
        self.pictures.remove(picture)
        for piece in self.pieces:
            if piece.fields["cover"] is picture:
                piece.fields = {**piece.fields, "cover": None}  # it is nobody's change: there is no new version

    def uses(self, picture: Picture) -> bool:
        return any(
            piece.fields["cover"] is picture or picture.address in piece.fields["content"] for piece in self.pieces
        )

    def _refused_entry(self, person: Person, *deeds: str) -> int | None:
        if person.pk is None or not person.active:
            return UNKNOWN
        return None if all(person.role in MAY[deed] for deed in deeds) else FORBIDDEN

    def _refused(self, person: Person, piece: Piece, *verbs: str) -> int | None:
        """Whoever does not see it is not told that it is there."""
        if person.pk is None or not person.active:
            return UNKNOWN
        if piece not in self.pieces or not self.may(person, "see", piece):
            return MISSING
        return None if all(self.may(person, verb, piece) for verb in verbs) else FORBIDDEN
