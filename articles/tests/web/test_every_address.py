"""Each address that the site ever served answers for good: 200, 301 to a 200 in one hop, or 410. In every spelling."""

import random
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from articles import publishing
from articles.models import Article, Page, Series, SiteSettings, Tag
from articles.tests.factories import SeriesFactory, UserFactory

pytestmark = pytest.mark.django_db

CONTENT = "Words enough for an article."
HERE = "http://testserver/"
NAMED = re.compile(r"""(?:href|src)="([^"]+)"|<loc>([^<]+)</loc>|"(?:url|home_page_url|feed_url)": *"([^"]+)\"""")
NOT_PAGES = ("/api/", "/admin/", "/static/", "/media/", "/docs", "/openapi.json", "/search/")


def ask(address):
    path, _, query = address.partition("?")
    return Client().get("/", {}, PATH_INFO=unquote(path).encode().decode("latin-1"), QUERY_STRING=query)


def crawl():
    """Every address that a page, a feed or a sitemap names, as far as one answers."""
    waiting, served = ["/", "/sitemap.xml", "/robots.txt", "/llms.txt", "/feed/", "/archive/", "/tags/"], {}
    while waiting:
        address = waiting.pop()
        if address in served:
            continue
        answer = ask(address)
        served[address] = answer.status_code
        for names in NAMED.findall(answer.text):
            url = urlsplit(urljoin(f"{HERE.rstrip('/')}{address}", unescape("".join(names))))
            if url.netloc == "testserver" and not url.path.startswith(NOT_PAGES):
                waiting.append(f"{url.path}?{url.query}" if url.query else url.path)
    return {address for address, status in served.items() if status in {200, 301}}


def spellings(address):
    path, _, query = address.partition("?")
    end = f"?{query}" if query else ""
    yield address
    yield path.upper() + end
    yield path.replace("/", "//") + end
    yield (path.rstrip("/") or "/") + end
    if path.endswith("/"):
        yield f"{path}index.html{end}"
    else:
        yield f"{path}/{end}"


def fault(address):
    answer = ask(address)
    if answer.status_code == 301:
        end = ask(answer["Location"])
        return None if end.status_code == 200 else f"301 {answer['Location']} {end.status_code}"
    return None if answer.status_code in {200, 410} else str(answer.status_code)


def faults(addresses, spelt=lambda address: [address]):
    asked = {spelling for address in addresses for spelling in spelt(address)}
    return {address: said for address in sorted(asked) if (said := fault(address))}


@pytest.fixture
def editor():
    return UserFactory(username="Ed", role=Role.EDITOR)


@pytest.fixture
def served(editor):
    """A site with some of everything, and what it served."""
    SiteSettings(articles_per_page=1).save()
    writers = [UserFactory(username=name, role=Role.AUTHOR) for name in ("Ada", "Grace")]
    garden, sea = SeriesFactory(title="Garden"), SeriesFactory(title="Sea")
    for number in range(6):
        publishing.create(
            by=editor,
            title=f"Number {number}",
            content=CONTENT,
            author=writers[number % 2],
            tags=[["Bees", "Wasps"], ["Wasps"], ["日本語"]][number % 3],
            series=[garden, sea, None][number % 3],
            published_at=datetime(2020 + number, 1 + number, 15, 12, tzinfo=UTC),
        )
    article = Article.objects.get(slug="number-0")
    publishing.revise(article, by=editor, content=f"{CONTENT} And some more.", note="Some more.")
    publishing.create(by=editor, title="About", content=CONTENT, published_at=timezone.now(), model=Page)
    return crawl()


def numbered(number):
    return Article.objects.filter(slug__endswith=str(number)).first()


def rename(model, old, new):
    name = "username" if model is User else "slug"
    if found := model.objects.filter(**{name: old}).first():
        setattr(found, name, new)
        found.save()


def on(number, verb, **changes):
    if article := numbered(number):
        verb(article, **changes)


def deeds(by):
    later = timezone.now() + timedelta(days=9)
    return [
        lambda: on(0, publishing.revise, by=by, slug="renamed-0"),
        lambda: on(0, publishing.revise, by=by, slug="renamed-again-0"),
        lambda: on(1, publishing.withdraw, by=by),
        lambda: on(2, publishing.remove, by=by),
        lambda: on(3, publishing.revise, by=by, tags=["Ants"]),
        lambda: on(3, publishing.revise, by=by, series=None),
        lambda: on(4, publishing.revise, by=by, author=by),
        lambda: on(4, publishing.revise, by=by, published_at=datetime(2015, 5, 5, tzinfo=UTC)),
        lambda: on(5, publishing.publish, by=by, at=later),
        lambda: rename(Tag, "wasps", "hornets"),
        lambda: rename(Tag, "日本語", "japanese"),
        lambda: rename(Series, "garden", "allotment"),
        lambda: rename(User, "Grace", "hopper"),
        lambda: publishing.merge(Tag.objects.filter(slug="bees"), into=Tag.objects.named("Insects"), by=by),
        lambda: Series.objects.filter(slug="sea").delete(),
        lambda: rename(Page, "about", "who-we-are"),
        lambda: User.objects.filter(username="Ada").delete(),
        lambda: Tag.objects.filter(slug="hornets").delete(),
    ]


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_each_address_answers_for_good(served, editor, seed):
    assert len(served) > 60
    doing = deeds(editor)
    if seed:
        random.Random(seed).shuffle(doing)
    for done, deed in enumerate(doing):
        deed()
        if done == len(doing) // 2:
            served |= crawl()
    assert faults(served) == {}


def test_each_address_answers_in_every_spelling(served, editor):
    for deed in deeds(editor)[::2]:
        deed()
    assert faults(sorted(served)[::2], spellings) == {}


def test_each_address_answers_when_nothing_is_left(served, editor):
    for article in Article.objects.all():
        publishing.remove(article, by=editor)
    Tag.objects.all().delete()
    Series.objects.all().delete()
    assert faults(served) == {}
