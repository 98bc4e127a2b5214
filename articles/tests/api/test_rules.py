"""Random people do random things through the API: what each may see and do is what the product's table says.

Many of them, and others each time: `HYPOTHESIS_PROFILE=long .venv/bin/pytest articles/tests/api/test_rules.py`.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from rest_framework.test import APIClient

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from accounts.tests.api.clients import API, as_json, signed_in, stranger
from accounts.tests.api.machine import BEGINNING, Example, run
from articles import publishing
from articles.media import uploads
from articles.models import Article, Image
from articles.tests.api.oracle import Person, Picture, Piece, World
from articles.tests.factories import UserFactory, picture
from articles.tests.table import STATES

CAST: dict[str, Role | None] = {
    "reader": None,
    "contributor": Role.CONTRIBUTOR,
    "author": Role.AUTHOR,
    "another": Role.AUTHOR,
    "editor": Role.EDITOR,
    "administrator": Role.ADMINISTRATOR,
    "gone": Role.AUTHOR,
}
SHOWN = ("id", "title", "content", "author_id", "published_at", "status", "version")

# which of those that there are is told by a number, so that a failure is shrunk well
people = st.integers(0, len(CAST))
accounts = st.integers(1, len(CAST))
numbers = st.integers(0, 5)
hours = st.integers(-2, 4)
dates: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.booleans().map(lambda published: {"published": published}),
    st.one_of(st.none(), hours).map(lambda hour: {"published_at": hour}),
)
words = {
    "title": st.sampled_from(["One", "Two"]),
    "content": st.one_of(st.none(), numbers),  # the picture that it shows
    "tags": st.sets(st.sampled_from(["Ink", "Lead"])),
    "cover": st.one_of(st.none(), numbers),
}
beginnings = st.fixed_dictionaries(
    {
        "published_at": st.one_of(st.none(), hours),
        "content": st.one_of(st.none(), numbers),
        "cover": st.one_of(st.none(), numbers),
    }
)
changes = st.builds(dict.__or__, st.fixed_dictionaries({}, optional=words), dates)


class Rules(Example):
    def __init__(self) -> None:
        super().__init__()
        cast = [Person(name, role) for name, role in CAST.items()]
        for person in cast:
            person.pk = User.objects.get(username=person.name).pk
        self.world = World([Person("stranger"), *cast], BEGINNING)
        self.chief = User.objects.get(username="chief")  # of none of the random people: does what is no part of the API
        self.deleted: list[Piece] = []
        self.turn, self.changed = 0, True
        self.clients: dict[Person, APIClient] = {}
        self.sign_in()
        self.set_active(self.world.people[-1], active=False)

    # What is done through the API

    @initialize(given=st.tuples(*[beginnings] * 3), turn=st.integers(0, 500))
    def begin(self, given: tuple[dict[str, Any], ...], turn: int) -> None:
        """With an article of each who may write one, in any state, and with pictures that they show or don't."""
        self.turn = turn
        for size, person in enumerate(self.world.people[2:4], start=1):
            image = uploads.store(picture(size, size), by=User.objects.get(username=person.name))
            self.world.pictures.append(Picture(person, image.url, image.pk))
        for person, first in zip(self.world.people[2:5], given, strict=True):
            fields = {"title": "One", "tags": frozenset(), **self.set_by(first, None)}
            cover = fields["cover"] and Image.objects.get(pk=fields["cover"].pk)
            author = User.objects.get(username=person.name)
            article = publishing.create(by=self.chief, author=author, **{**fields, "tags": [], "cover": cover})
            self.world.created(Piece(person, self.world.now, fields, pk=article.pk))

    @precondition(lambda self: len(self.world.pieces) < 6)
    @rule(first=people, given=changes)
    def create(self, first: int, given: dict[str, Any]) -> None:
        given = {"title": "One", "content": None, **given}
        fields = {"tags": frozenset(), "cover": None, "published_at": None, **self.set_by(given, None)}
        sent = as_json(self.sent(given))
        person, answer = self.try_all(first, lambda each: self.world.create(each, fields), "post", "articles/", **sent)
        if person:
            self.world.created(Piece(person, self.world.now, fields, pk=answer.json()["id"]))

    @rule(first=people, which=numbers, given=changes, method=st.sampled_from(["patch", "put"]))
    def change(self, first: int, which: int, given: dict[str, Any], method: str) -> None:
        piece, sent = self.piece(which), as_json(self.sent(given))
        changes = self.set_by(given, piece)
        path = f"articles/{piece.pk}"
        if any(self.try_all(first, lambda each: self.world.change(each, piece, changes), method, path, **sent)):
            piece.write(**changes)

    @rule(first=people, which=numbers)
    def delete(self, first: int, which: int) -> None:
        piece = self.piece(which)
        if any(self.try_all(first, lambda each: self.world.delete(each, piece), "delete", f"articles/{piece.pk}")):
            self.world.pieces.remove(piece)
            self.deleted = [piece]

    @rule(first=people, which=numbers, number=st.integers(1, 5))
    def restore(self, first: int, which: int, number: int) -> None:
        piece = self.piece(which)
        path = f"articles/{piece.pk}/revisions/{number}/restore"
        if any(self.try_all(first, lambda each: self.world.restore(each, piece, number), "post", path)):
            self.world.restored(piece, number)

    @rule(first=people, size=st.integers(1, 3))
    def upload(self, first: int, size: int) -> None:
        file = encode_multipart(BOUNDARY, {"file": picture(size, size)})
        sent = {"data": file, "content_type": MULTIPART_CONTENT}
        person, answer = self.try_all(first, self.world.upload, "post", "images/", **sent)
        if person and answer.json()["id"] not in {known.pk for known in self.world.pictures}:
            shown = answer.json()
            self.world.pictures.append(Picture(person, urlsplit(shown["url"]).path, shown["id"]))

    @precondition(lambda self: self.world.pictures)
    @rule(first=people, which=numbers)
    def delete_picture(self, first: int, which: int) -> None:
        shown = one(self.world.pictures, which)
        path = f"images/{shown.pk}"
        if any(self.try_all(first, lambda each: self.world.delete_picture(each, shown), "delete", path)):
            self.world.picture_deleted(shown)
            self.try_all(first, lambda each: self.world.delete_picture(each, shown), "delete", path)

    # What happens meanwhile

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours: int) -> None:
        self.move_clock(timedelta(hours=hours))
        self.world.now = self.now
        self.changed = True
        self.sign_in()  # tokens don't live that long

    @rule(who=accounts, role=st.sampled_from([None, *Role]), active=st.sampled_from([True, True, False]))
    def an_account_is_changed(self, who: int, role: Role | None, active: bool) -> None:
        person = self.world.people[who]
        roles.assign(User.objects.get(username=person.name), role)
        person.role = role
        self.set_active(person, active=active)

    @precondition(lambda self: self.world.pieces)
    @rule(which=numbers, who=accounts)
    def an_article_is_handed_over(self, which: int, who: int) -> None:
        piece, person = one(self.world.pieces, which), self.world.people[who]
        article = Article.objects.get(pk=piece.pk)
        publishing.revise(article, by=self.chief, author=User.objects.get(username=person.name))
        if piece.author is not person:
            piece.author, self.changed = person, True
            piece.versions.append(piece.fields)

    # What holds after each step

    @invariant()
    def what_is_there_is_what_was_done(self) -> None:
        shown = [read(article) for article in signed_in(self.chief).get(f"{API}/articles/").json()]
        assert shown == [self.shown(piece) for piece in self.world.newest_first()]

    @invariant()
    def everybody_finds_what_they_may_see(self) -> None:
        """Each after a change; and one after the other looks at something more."""
        if self.changed:
            for person in self.world.people:
                self.look_at_all(person)
        self.changed = False
        self.turn += 1
        one(LOOKS, self.turn)(self, one(self.world.people, self.turn))

    def look_at_all(self, person: Person) -> None:
        if answer := self.look(person, "articles/", fields="id"):
            seen = [piece.pk for piece in self.world.seen_by(person)]
            assert [article["id"] for article in answer.json()] == seen
            assert answer["X-Total-Count"] == str(len(seen))

    def take_all(self, person: Person) -> None:
        if answer := self.look(person, "articles/export"):
            lines = [read(json.loads(line)) for line in answer.getvalue().splitlines()]
            assert sorted(lines, key=pk) == sorted(map(self.shown, self.world.seen_by(person)), key=pk)

    def look_at_each_state(self, person: Person) -> None:
        for state in STATES:
            if answer := self.look(person, "articles/", status=state, fields="id"):
                ids = [piece.pk for piece in self.world.seen_by(person) if self.world.state(piece) == state]
                assert [article["id"] for article in answer.json()] == ids

    def look_for_words(self, person: Person) -> None:
        if answer := self.look(person, "search", q="every", fields="id"):
            assert {article["id"] for article in answer.json()} == {piece.pk for piece in self.world.live()}

    def look_at_what_is_counted(self, person: Person) -> None:
        if answer := self.look(person, "tags/"):
            assert {tag["name"]: tag["article_count"] for tag in answer.json()} == self.world.tags()
        if answer := self.look(person, "authors/"):
            counts = {author["username"]: author["article_count"] for author in answer.json()}
            assert counts == self.world.authors()

    def look_at_pictures(self, person: Person) -> None:
        answer = self.ask(person, "get", "images/")
        assert answer.status_code == self.world.look_at_pictures(person)
        if answer.status_code == 200:
            assert {shown["id"] for shown in answer.json()} == {shown.pk for shown in self.world.pictures}

    def look_at_one(self, person: Person) -> None:
        piece = self.piece(self.turn)
        answer = self.ask(person, "get", f"articles/{piece.pk}")
        assert answer.status_code == self.world.look_at(person, piece)
        if answer.status_code == 200:
            assert read(answer.json()) == self.shown(piece)

    def look_at_a_history(self, person: Person) -> None:
        piece = self.piece(self.turn)
        answer = self.ask(person, "get", f"articles/{piece.pk}/revisions/")
        assert answer.status_code == self.world.look_back(person, piece)
        if answer.status_code == 200:
            assert [shown["number"] for shown in answer.json()] == list(range(len(piece.versions), 0, -1))
        number = 1 + self.turn % (len(piece.versions) + 1)
        answer = self.ask(person, "get", f"articles/{piece.pk}/revisions/{number}")
        assert answer.status_code == self.world.look_back(person, piece, number)
        if answer.status_code == 200:
            assert answer.json()["state"]["title"] == piece.versions[number - 1]["title"]

    # How it is done

    def sign_in(self) -> None:
        self.clients = {
            person: signed_in(User.objects.get(username=person.name)) if person.pk else stranger()
            for person in self.world.people
            if person.active
        } | {person: self.clients[person] for person in self.world.people if not person.active}

    def set_active(self, person: Person, *, active: bool) -> None:
        account = User.objects.get(username=person.name)
        account.is_active = person.active = active
        self.changed = True
        account.save(update_fields=["is_active"])
        if active:
            self.sign_in()

    def try_all(
        self, first: int, expected: Callable[[Person], int], method: str, path: str, **sent: Any
    ) -> tuple[Person | None, Any]:
        """Everybody tries who may not, and is refused; then the first of those who may: who it was, and the answer."""
        people = self.world.people[first:] + self.world.people[:first]
        for person in sorted(people, key=lambda person: expected(person) < 300):
            answer = self.ask(person, method, path, **sent)
            assert answer.status_code == expected(person), (person.name, person.role)
            if answer.status_code < 300:
                self.changed = True
                return person, answer
        return None, None

    def look(self, person: Person, path: str, **parameters: str) -> Any:
        """The answer to somebody who may look; None to those whom nothing is told any more."""
        answer = self.ask(person, "get", path, data=parameters)
        assert answer.status_code == self.world.look_around(person)
        return answer if person.active else None

    def ask(self, person: Person, method: str, path: str, **sent: Any) -> Any:
        return getattr(self.clients[person], method)(f"{API}/{path}", **sent)

    def sent(self, given: dict[str, Any]) -> dict[str, Any]:
        """What a program says."""
        fields = self.set_by(given, None)
        sent = {**fields, "published": given["published"]} if "published" in given else fields
        if "published" in given:
            del sent["published_at"]
        elif fields.get("published_at"):
            sent["published_at"] = fields["published_at"].isoformat()
        if "tags" in sent:
            sent["tags"] = sorted(sent["tags"])
        if fields.get("cover"):
            sent["cover"] = fields["cover"].pk
        return sent

    def set_by(self, given: dict[str, Any], piece: Piece | None) -> dict[str, Any]:
        """What it means."""
        fields: dict[str, Any] = {name: given[name] for name in ("title", "tags") if name in given}
        if "cover" in given:
            fields["cover"] = self.picture(given["cover"])
        if "content" in given:
            image = self.picture(given["content"])
            fields["content"] = f"Everywhere ![]({image.address})" if image else "Everywhere the same."
        if "published_at" in given:
            hour = given["published_at"]
            fields["published_at"] = None if hour is None else self.world.now + timedelta(hours=hour)
        if "published" in given:
            is_live = piece and self.world.state(piece) == "live"
            date = piece.fields["published_at"] if piece and is_live else self.world.now
            fields["published_at"] = date if given["published"] else None
        return fields

    def piece(self, number: int) -> Piece:
        """One of those that are there, or the last that was deleted."""
        found: Piece = one(self.world.pieces + self.deleted, number)
        return found

    def picture(self, number: int | None) -> Picture | None:
        known = self.world.pictures
        return None if number is None or not known else one(known, number)

    def shown(self, piece: Piece) -> dict[str, Any]:
        cover, date = piece.fields["cover"], piece.fields["published_at"]
        return {
            "id": piece.pk,
            "title": piece.fields["title"],
            "content": piece.fields["content"],
            "author_id": piece.author.pk,
            "published_at": date and date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": self.world.state(piece),
            "version": len(piece.versions),
            "tags": set(piece.fields["tags"]),
            "cover": cover and cover.pk,
        }


LOOKS = [
    Rules.look_at_each_state,
    Rules.look_for_words,
    Rules.look_at_what_is_counted,
    Rules.look_at_pictures,
    Rules.look_at_one,
    Rules.look_at_a_history,
    Rules.take_all,
]  # not as many as there are people, or each would always look at the same


def one(things: list[Any], number: int) -> Any:
    return things[number % len(things)]


def pk(shown: dict[str, Any]) -> int:
    return int(shown["id"])


def read(article: dict[str, Any]) -> dict[str, Any]:
    cover = article["cover"] and article["cover"]["id"]
    return {name: article[name] for name in SHOWN} | {"tags": set(article["tags"]), "cover": cover}


@pytest.mark.django_db
def test_what_each_may_see_and_do_is_what_the_table_says():
    for name, role in CAST.items():
        UserFactory.create(username=name, role=role)
    UserFactory.create(username="chief", role=Role.ADMINISTRATOR)
    run(Rules, examples=10, steps=12)
