"""Random people sign in, refresh, sign out and change passwords: which tokens are good is what a plain oracle says.

Many of them, and others each time: `HYPOTHESIS_PROFILE=long .venv/bin/pytest accounts/tests/api/test_token_rules.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from accounts.housekeeping import tidy
from accounts.models import User
from accounts.tests.api.clients import API, PASSWORD, account, as_json, bearing, stranger
from accounts.tests.api.machine import Example, run

LIFETIMES = {"access": timedelta(minutes=30), "refresh": timedelta(days=14)}
SKEW = timedelta(minutes=1)  # for as long a clock that is slow takes what has expired; no personal token
PASSWORDS = [PASSWORD, "another horse entirely"]
KNOWN = 7  # tokens that are tried after each step: the latest

numbers = st.integers(0, 5)  # which of those that there are, from the latest back
moments = [timedelta(seconds=1), timedelta(seconds=59), timedelta(minutes=1), timedelta(minutes=14)]
times = st.sampled_from([*moments, timedelta(minutes=15), timedelta(minutes=30), timedelta(days=1), timedelta(days=13)])


@dataclass(eq=False)
class Holder:
    """An account. Whatever ends all its tokens begins another era."""

    username: str
    era: int = 0
    active: bool = True
    password: int = 0


@dataclass(eq=False)
class Family:
    holder: Holder
    ended: bool = False


@dataclass(eq=False)
class Given:
    kind: str
    text: str
    holder: Holder
    expires_at: datetime
    family: Family
    era: int = field(init=False)
    used: bool = False
    pk: int = 0  # of a personal token: it is a family by itself

    def __post_init__(self) -> None:
        self.era = self.holder.era

    def is_open(self, now: datetime) -> bool:
        """Whether it is neither expired nor ended, though it may have been used."""
        return now < self.expires_at and not self.family.ended and self.holder.active and self.era == self.holder.era

    def is_good(self, now: datetime) -> bool:
        return self.is_open(now) and not self.used


class Tokens(Example):
    def __init__(self) -> None:
        super().__init__()
        self.holders = [Holder("ada"), Holder("bob")]
        self.given: list[Given] = []

    @initialize()
    def begin(self) -> None:
        self.sign_in(0, form=True)
        self.make_a_personal_one(0, days=1)
        self.sign_in(1, form=False)

    @rule(who=st.integers(0, 1), form=st.booleans())
    def sign_in(self, who: int, form: bool) -> None:
        holder = self.holders[who]
        credentials: dict[str, Any] = {"username": holder.username, "password": PASSWORDS[holder.password]}
        if form:
            answer: Any = stranger().post(f"{API}/auth/login", credentials)
        else:
            answer = self.post("auth/token", **credentials)
        assert answer.status_code == (200 if holder.active else 401)
        if holder.active:
            names = ("access_token", "refresh_token") if form else ("access", "refresh")
            self.note(Family(holder), *[answer.json()[name] for name in names])

    @rule(which=numbers, times=st.integers(1, 2))
    def refresh(self, which: int, times: int) -> None:
        token = self.one(which, "refresh")
        for _ in range(times):
            is_good = token.is_good(self.now)
            answer = self.post("auth/token/refresh", refresh=token.text)
            assert answer.status_code == (200 if is_good else 401)
            if is_good:
                self.note(token.family, answer.json()["access"], answer.json()["refresh"])
            token.family.ended |= token.used and token.is_open(self.now)
            token.used |= is_good

    @rule(which=numbers)
    def sign_out(self, which: int) -> None:
        token = self.one(which, "refresh")
        answer = self.post("auth/logout", refresh=token.text)
        assert answer.status_code == (204 if token.is_good(self.now) else 401)
        token.family.ended |= token.is_open(self.now)

    @rule(which=numbers)
    def change_password(self, which: int) -> None:
        token = self.one(which, "access", "personal")
        new = 1 - token.holder.password
        passwords = {"current_password": PASSWORDS[token.holder.password], "new_password": PASSWORDS[new]}
        answer = self.post("users/me/password", by=token, **passwords)
        assert answer.status_code == self.expected(token, 204)
        if answer.status_code == 204:
            token.holder.password = new
            token.holder.era += 1

    @rule(which=numbers, days=st.sampled_from([1, 14]))
    def make_a_personal_one(self, which: int, days: int) -> None:
        token = self.one(which, "access", "personal")
        answer = self.post("users/me/tokens", by=token, name="script", scope="write", days=days)
        assert answer.status_code == self.expected(token, 201)
        if answer.status_code == 201:
            made, until = answer.json(), self.now + timedelta(days=days)
            self.given.append(
                Given("personal", made["token"], token.holder, until, Family(token.holder), pk=made["id"])
            )

    @precondition(lambda self: any(token.kind == "personal" for token in self.given))
    @rule(which=numbers, revoked=numbers)
    def revoke_a_personal_one(self, which: int, revoked: int) -> None:
        token, personal = self.one(which, "access"), self.one(revoked, "personal")
        answer = bearing(token.text).delete(f"{API}/users/me/tokens/{personal.pk}")
        is_own = personal.holder is token.holder and personal.era == token.era and not personal.family.ended
        assert answer.status_code == self.expected(token, 204 if is_own else 404)
        personal.family.ended |= answer.status_code == 204

    @rule(who=st.integers(0, 1), active=st.booleans())
    def activate_or_not(self, who: int, active: bool) -> None:
        holder = self.holders[who]
        user = User.objects.get(username=holder.username)
        user.is_active = active
        user.save(update_fields=["is_active"])
        holder.era += holder.active and not active
        holder.active = active

    @rule(by=times)
    def time_passes(self, by: timedelta) -> None:
        self.move_clock(by)

    @rule()
    def what_is_of_no_use_goes(self) -> None:
        tidy()

    @invariant()
    def those_are_taken_that_are_good(self) -> None:
        for token in self.given[-KNOWN:]:
            if token.kind == "refresh":
                answer = self.post("auth/token/verify", token=token.text)
            else:
                answer = bearing(token.text).get(f"{API}/users/me")
            assert answer.status_code == (200 if token.is_good(self.now) else 401), token

    def note(self, family: Family, *texts: str) -> None:
        for kind, text in zip(LIFETIMES, texts, strict=True):
            until = self.now + LIFETIMES[kind] + SKEW
            self.given.append(Given(kind, text, family.holder, until, family))

    def one(self, number: int, *kinds: str) -> Given:
        known = [token for token in reversed(self.given) if token.kind in kinds]
        return known[number % len(known)]

    def post(self, path: str, *, by: Given | None = None, **data: Any) -> Any:
        client: Any = bearing(by.text) if by else stranger()
        return client.post(f"{API}/{path}", **as_json(data))

    def expected(self, token: Given, status: int) -> int:
        """For what only a program may that somebody signed in to: none with a personal token."""
        if not token.is_good(self.now):
            return 401
        return 403 if token.kind == "personal" else status


@pytest.mark.django_db
def test_which_tokens_are_good_is_what_happened_to_them(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = settings.LOGIN_FAILURES_PER_ADDRESS = 1_000_000
    for name in ("ada", "bob"):
        account(name)
    run(Tokens, examples=12, steps=18)
