"""No read ever shows a state older than the last commit before it, nor anything that its reader may not see.

Whatever happens in whatever order: writes by the API and by another process, reads through two workers, the clock,
answers that make way for others, a cache that is emptied.
"""

import gzip
import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from threading import Event
from time import sleep

import brotli
import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.api.tokens import sign_in
from accounts.models import Session, User
from accounts.roles import Role
from articles import publishing
from articles.models import Article, Series, SiteSettings, Tag
from articles.tests.factories import ArticleFactory, UserFactory
from blogsite import env
from blogsite.tests.test_deployment import gunicorn, running, take_port
from blogsite.tests.workers import ANEW, KEPT, WORKERS, database, site

BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROOM = 600_000  # bytes: a few dozen answers
CONTENT = "Words enough for an article, number {}."
TAGS = ["bees", "wasps", "ants"]
ADDRESSES = [
    *(
        "/",
        "/?page=2",
        "/?page=3&utm=1",
        "/?utm=1",
        "/tags/",
        "/archive/",
        "/archive/2026/",
        "/archive/2026/5/",
        "/authors/",
    ),
    *("/authors/ed/", "/feeds/rss.xml", "/feeds/feed.json", "/sitemap.xml", "/sitemap-articles.xml", "/llms.txt"),
    *("/site.webmanifest", "/search/?q=words", "/api/v1/articles/", "/api/v1/articles/?limit=2&skip=1"),
    *(
        "/api/v1/articles/?fields=id,title&ordering=title",
        "/api/v1/tags/",
        "/api/v1/authors/ed",
        "/api/v1/search?q=words",
    ),
    *(f"/tags/{tag}/" for tag in TAGS),
    *(f"/api/v1/articles/?tag={tag}" for tag in TAGS),
]
OF_ARTICLE = ["/articles/{0.slug}/", "/articles/{0.slug}.md", "/articles/{0.slug}/history/", "/api/v1/articles/{0.pk}"]
ENCODINGS = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}

encodings = st.sampled_from([*ENCODINGS])
workers = st.integers(0, WORKERS - 1)
articles = st.integers(0, 5)
numbers = st.integers(0, 99)
tags = st.lists(st.sampled_from(TAGS), max_size=2, unique=True)


def set_up(**fields):
    SiteSettings.objects.update_or_create(pk=1, defaults=fields)


class Readers(RuleBasedStateMachine):
    site = None

    def __init__(self):
        super().__init__()
        self.now, self.made, self.seen, self.turn = BEGIN, [], {}, 0
        self.last = "/"  # address that was read
        with transaction.atomic():
            for model in (Article, Tag, Series, User):
                model.objects.all().delete()
            set_up(title="The site", articles_per_page=2)
            self.ed = UserFactory(username="ed", name="Ed", role=Role.EDITOR)
        with self.clock():
            token = sign_in(self.ed).access_token
            token.set_exp(lifetime=timedelta(days=365))
            client = Client()
            client.force_login(self.ed)
        Session.objects.update(expires_at=self.now + timedelta(days=365))
        self.token, self.cookie = f"Bearer {token}", f"sessionid={client.cookies['sessionid'].value}"

    def clock(self):
        return time_machine.travel(self.now, tick=False)

    def ask(self, worker, address, **more):
        return self.site.ask(worker, address, at=self.now.timestamp(), **more)

    def some(self, number):
        return self.made[number % len(self.made)]

    def has_articles(self):
        return bool(self.made)

    def write(self, verb, article, **given):
        """By another process than those of the site."""
        if found := Article.objects.filter(pk=article.pk).first():
            with self.clock():
                verb(found, by=self.ed, **given)

    def send(self, worker, method, address, **body):
        reply = self.ask(
            worker,
            f"/api/v1/articles/{address}",
            method=method,
            body=json.dumps(body).encode(),
            authorization=self.token,
        )
        assert reply.status in {200, 201, 204, 404, 410}, reply
        return reply

    @initialize()
    def with_some(self):
        for number in range(3):
            self.publish(number, [TAGS[number]], None)

    @rule(number=numbers, tags=tags, minutes=st.none() | st.integers(-90, 90))
    def publish(self, number, tags, minutes):
        at = minutes if minutes is None else self.now + timedelta(minutes=minutes)
        with self.clock():
            content = CONTENT.format(number)
            at = at or self.now
            made = publishing.create(by=self.ed, title=f"Number {number}", content=content, tags=tags, published_at=at)
        self.made.append(made)

    @rule(worker=workers, number=numbers, tags=tags, published=st.booleans())
    def post(self, worker, number, tags, published):
        reply = self.send(
            worker, "POST", "", title=f"Posted {number}", content=CONTENT.format(number), tags=tags, published=published
        )
        self.made.append(Article.objects.get(pk=json.loads(reply.body)["id"]))

    @precondition(has_articles)
    @rule(worker=workers, article=articles, number=numbers, published=st.booleans())
    def patch(self, worker, article, number, published):
        self.send(worker, "PATCH", self.some(article).pk, title=f"Patched {number}", published=published)

    @precondition(has_articles)
    @rule(worker=workers, article=articles)
    def delete(self, worker, article):
        self.send(worker, "DELETE", self.some(article).pk)

    @precondition(has_articles)
    @rule(article=articles, number=numbers, tags=tags)
    def revise(self, article, number, tags):
        self.write(publishing.revise, self.some(article), title=f"Revised {number}", tags=tags)

    @precondition(has_articles)
    @rule(article=articles, minutes=st.integers(-90, 90))
    def schedule(self, article, minutes):
        self.write(publishing.publish, self.some(article), at=self.now + timedelta(minutes=minutes))

    @precondition(has_articles)
    @rule(article=articles)
    def withdraw(self, article):
        self.write(publishing.withdraw, self.some(article))

    @precondition(has_articles)
    @rule(article=articles)
    def remove(self, article):
        self.write(publishing.remove, self.some(article))

    @rule(number=numbers)
    def update_all(self, number):
        Article.objects.update(summary=f"Summary {number}.", excerpt=f"Summary {number}.")

    @rule(tag=st.sampled_from(TAGS), number=numbers)
    def rename_tag(self, tag, number):
        Tag.objects.filter(slug=tag).update(name=f"Tag {tag} {number}")

    @rule(number=numbers)
    def rename_author(self, number):
        User.objects.filter(pk=self.ed.pk).update(name=f"Ed {number}")

    @rule(number=numbers, size=st.integers(1, 3))
    def set_up(self, number, size):
        set_up(title=f"Site {number}", articles_per_page=size)

    @rule(number=numbers)
    def take_back(self, number):
        with transaction.atomic():
            Article.objects.update(title=f"Never {number}")
            transaction.set_rollback(True)

    @rule(minutes=st.integers(1, 60))
    def later(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(number=numbers, first=workers)
    def one_goes_live_by_the_clock(self, number, first):
        self.publish(number, [], 30)
        for minutes in (29, 1):
            self.now += timedelta(minutes=minutes)
            for worker in (first, 1 - first):
                self.compare(worker, "/", "", again=True)

    @rule()
    def wipe(self):
        self.site.wipe()

    @rule(worker=workers, addresses=st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3), encoding=encodings)
    def read(self, worker, addresses, encoding):
        for address in addresses:
            self.compare(worker, address, encoding, again=True)

    @precondition(has_articles)
    @rule(worker=workers, article=articles, address=st.sampled_from(OF_ARTICLE), encoding=encodings)
    def read_article(self, worker, article, address, encoding):
        self.compare(worker, address.format(self.some(article)), encoding, again=True)

    @invariant()
    def what_was_read_last_is_still_true(self):
        self.turn += 1
        self.compare(self.turn % WORKERS, self.last, "", again=self.turn % 3)

    def compare(self, worker, address, encoding, again):
        """With what is made anew, by the other worker; and what was told to be still the same with what was sent."""
        self.last = address
        held = self.seen.get((address, encoding)) if again else None
        more = {"if_none_match": held[0]} if held else {}
        got = self.ask(worker, address, accept_encoding=encoding, **more)
        made = self.ask(1 - worker, address, way=ANEW)
        if got.status == 304:
            assert (made.status, held[1]) == (200, made.body), address
            return
        coding = got.headers["Content-Encoding"] or ""
        assert coding in {"", encoding}
        body = ENCODINGS[coding](got.body)
        assert (got.status, body) == (made.status, made.body), (address, got.headers.items())
        if got.status == 200:
            self.seen[address, encoding] = (got.headers["ETag"], made.body)

    @precondition(has_articles)
    @rule(worker=workers)
    def read_as_who_wrote_them(self, worker):
        """Drafts too; and it is nobody else's."""
        for article in self.made[-4:]:
            address = f"/api/v1/articles/{article.pk}"
            got, made = (self.ask(worker, address, way=way, authorization=self.token) for way in (KEPT, ANEW))
            assert (got.status, got.body) == (made.status, made.body)
            self.compare(worker, address, "", again=False)
        address = OF_ARTICLE[0].format(self.made[-1])
        got, made = (self.ask(worker, address, way=way, cookie=self.cookie) for way in (KEPT, ANEW))
        assert (got.status, got.body) == (made.status, made.body)
        self.compare(worker, address, "", again=False)

    @rule(worker=workers)
    def list(self, worker):
        """Held against the rows themselves."""
        live = Article.objects.filter(published_at__lte=self.now, kind=Article.Kind.ARTICLE)
        got = self.ask(worker, "/api/v1/articles/?fields=id,title")
        expected = {row.pk: row.title for row in live}
        assert {each["id"]: each["title"] for each in json.loads(got.body)} == expected, got.headers["Cache-Status"]

    @precondition(has_articles)
    @rule(worker=workers, article=articles)
    def strangers_see_what_is_live(self, worker, article):
        shown = self.some(article)
        row = Article.objects.filter(pk=shown.pk).first()
        is_live = bool(row and row.published_at and row.published_at <= self.now)
        got = self.ask(worker, f"/api/v1/articles/{shown.pk}")
        assert (got.status == 200) == is_live
        assert not is_live or json.loads(got.body)["title"] == row.title


@pytest.mark.django_db(transaction=True)
def test_no_read_shows_an_earlier_state():
    steps = profile(max_examples=6, stateful_step_count=40) if not os.environ.get("HYPOTHESIS_PROFILE") else profile()
    with site(database(), limit=ROOM) as both:
        Readers.site = both
        run_state_machine_as_test(Readers, settings=steps)
    assert not os.path.exists(both.folder)


@pytest.fixture
def port(transactional_db, tmp_path):
    """Of gunicorn with two workers of four threads each, on the test database."""
    door, port = take_port()
    ours = {"DJANGO_SETTINGS_MODULE": "blogsite.tests.settings", "DATABASE_URL": database(), "WEB_WORKERS": "2"}
    ours |= {"DATA_DIR": str(settings.DATA_DIR), "READS_PER_ADDRESS": "0", "LOG_LEVEL": "ERROR"}
    with running(gunicorn(door), door, cwd=env.BASE_DIR, env={**os.environ, **ours}):
        yield port


def get(port, address):
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.headers["Cache-Status"], body


def test_a_page_that_fifty_ask_for_at_once_is_made_once(port):
    get(port, "/robots.txt")
    with ThreadPoolExecutor(50) as pool:
        told = Counter(status for status, _ in pool.map(lambda _: get(port, "/"), range(50)))
    assert told.pop("blogsite; fwd=uri-miss; stored") == 1
    assert told.keys() <= {"blogsite; hit", "blogsite; fwd=uri-miss; collapsed"}


def test_whoever_asks_after_a_commit_gets_no_earlier_state_however_many_ask_meanwhile(port):
    article, committed, done = ArticleFactory(title="0", live=True), [0], Event()

    def read():
        lags = [0]
        while not done.is_set():
            least = committed[0]
            _, body = get(port, f"/api/v1/articles/{article.pk}?fields=title")
            lags.append(least - int(json.loads(body)["title"]))
        return max(lags)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            for number in range(1, 61):
                Article.objects.filter(pk=article.pk).update(title=str(number))
                committed[0] = number
                sleep(0.002 * (number % 5))
        finally:
            done.set()
    assert max(reader.result() for reader in readers) <= 0
