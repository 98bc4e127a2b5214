"""A whole program for the blog service that this API replaces: it writes notes, corrects them and clears them away.

Written from that service's document alone, it knows nothing of this project: its only parameter is the base URL. Ada
and Bea have accounts there with the password below.

    python inherited_client.py http://127.0.0.1:8000
"""

import json
import sys
from base64 import urlsafe_b64decode
from datetime import datetime
from itertools import islice

import httpx

PASSWORD = "password123"  # noqa: S105
PAGE = 2  # articles asked for at once
FIELDS = {"id": int, "title": str, "content": str, "published": bool, "author_id": int}
NOTES = {
    "Low tide": "The weed hangs straight down from the posts.",
    "Slack water": "For ten minutes nothing moves at all.",
    "The flood": "It comes in faster than anybody walks.",
    "Unsaid": "What is not for everybody's eyes yet.",
}
PUBLISHED = {"Low tide", "Slack water", "The flood"}


class Refused(Exception):
    """What the service did not do: its status, and its words."""

    def __init__(self, response: httpx.Response) -> None:
        self.status, self.detail = response.status_code, response.json()["detail"]
        self.challenge = response.headers.get("www-authenticate")
        super().__init__(f"{self.status} {self.detail}")


class Blog:
    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=60)

    def login(self, username: str, password: str) -> None:
        form = {"grant_type": "password", "username": username, "password": password}
        answer = self._ask("POST", "/auth/login", 200, data=form)
        assert answer["token_type"] == "bearer"  # noqa: S105
        self.use(answer["access_token"])
        self.number = int(claims(answer["access_token"])["sub"])

    def use(self, token: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {token}"

    def articles(self):
        """All of them, the newest first, a page at a time."""
        skip = 0
        while page := self._ask("GET", "/articles/", 200, params={"skip": skip, "limit": PAGE}):
            assert isinstance(page, list)
            assert len(page) <= PAGE
            yield from page
            skip += len(page)

    def newest(self):
        """As many as the service hands over unasked."""
        return self._ask("GET", "/articles/", 200)

    def article(self, number: int):
        return self._ask("GET", f"/articles/{number}", 200)

    def write(self, **fields):
        return self._ask("POST", "/articles/", 201, json=fields)

    def change(self, number: int, **fields):
        return self._ask("PATCH", f"/articles/{number}", 200, json=fields)

    def delete(self, number: int) -> None:
        assert self._ask("DELETE", f"/articles/{number}", 204) is None

    def _ask(self, method: str, path: str, expected: int, **request):
        response = self._http.request(method, path, **request)  # follows no redirect
        if response.status_code in (401, 403, 404):
            raise Refused(response)
        assert response.status_code == expected, f"{method} {path}: {response.status_code} {response.text[:500]}"
        return response.json() if response.content else None


def main(base_url: str) -> None:
    ada, bea, reader = Blog(base_url), Blog(base_url), Blog(base_url)
    is_refused(lambda: reader.login("ada", "not hers"), 401, "Incorrect username or password")
    is_refused(lambda: reader.login("nobody", PASSWORD), 401, "Incorrect username or password")
    ada.login("ada", PASSWORD)
    bea.login("bea", PASSWORD)
    numbers = bring_in(ada)
    look(reader, numbers)
    correct(ada, numbers["Low tide"])
    keep_out(bea, reader, numbers["Low tide"])
    clear_away(ada, numbers)


def bring_in(blog: Blog) -> dict[str, int]:
    numbers = {}
    for title, content in NOTES.items():
        given = {"title": title, "content": content} | ({"published": True} if title in PUBLISHED else {})
        article = blog.write(**given)
        check(article, title=title, content=content, published=title in PUBLISHED, author_id=blog.number)
        assert blog.article(article["id"]) == article
        numbers[title] = article["id"]
    return numbers


def look(reader: Blog, numbers: dict[str, int]) -> None:
    found = [article for article in reader.articles() if article["id"] in numbers.values()]
    titles = [article["title"] for article in found if article["published"]]
    assert titles == ["The flood", "Slack water", "Low tide"], titles
    for article in found:
        check(article, content=NOTES[article["title"]])
    assert reader.newest()[:PAGE] == list(islice(reader.articles(), PAGE))
    made = [datetime.fromisoformat(article["created_at"]) for article in found]
    assert made == sorted(made, reverse=True)


def correct(blog: Blog, number: int) -> None:
    before = blog.article(number)
    after = blog.change(number, content="The weed hangs straight down from the posts, and drips.")
    check(after, id=number, title=before["title"], published=True, created_at=before["created_at"])
    assert after["content"].endswith("and drips.")
    assert datetime.fromisoformat(after["updated_at"]) > datetime.fromisoformat(before["updated_at"])
    assert blog.article(number) == after
    for published in (False, True):
        check(blog.change(number, published=published), content=after["content"], published=published)


def keep_out(other: Blog, reader: Blog, number: int) -> None:
    is_refused(lambda: other.change(number, title="Mine"), 403, "Not authorized")
    is_refused(lambda: other.delete(number), 403, "Not authorized")
    for token, said in ((None, "Not authenticated"), ("not.a.token", "Could not validate credentials")):
        if token:
            reader.use(token)
        is_refused(lambda: reader.write(title="T", content="0123456789"), 401, said)
        is_refused(lambda: reader.change(number, title="Mine"), 401, said)
        is_refused(lambda: reader.delete(number), 401, said)


def clear_away(blog: Blog, numbers: dict[str, int]) -> None:
    for number in numbers.values():
        blog.delete(number)
        for refused in (blog.article, blog.change, blog.delete):
            is_refused(lambda refused=refused, number=number: refused(number), 404, "Article not found")
    assert not [article for article in blog.articles() if article["id"] in numbers.values()]


def claims(token: str):
    """What a token says, which anybody can read."""
    return json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))


def check(article, **expected) -> None:
    for name, kind in FIELDS.items():
        assert type(article[name]) is kind, name
    for name in ("created_at", "updated_at"):
        assert datetime.fromisoformat(article[name]).tzinfo, name
    assert {name: article[name] for name in expected} == expected


def is_refused(ask, status: int, detail: str) -> None:
    try:
        ask()
    except Refused as refusal:
        answered = (refusal.status, refusal.detail, refusal.challenge)
    else:
        raise AssertionError(f"was not refused: {detail}")
    assert answered == (status, detail, "Bearer" if status == 401 else None), answered


if __name__ == "__main__":
    main(sys.argv[1])
    print("All is as the document says.")
