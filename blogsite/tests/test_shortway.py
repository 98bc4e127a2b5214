"""What strangers get by the short way is what they would get by the long one, and never what another asked for."""

import re
from functools import partial
from threading import Barrier, Lock, Thread
from time import sleep

import pytest
import time_machine
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.caching import raising, version
from articles.models import Page, SiteSettings
from articles.tests.factories import SeriesFactory, UserFactory
from blogsite.pages import public, store
from blogsite.pages.shortway import ShortWay
from blogsite.pages.store import Recent
from blogsite.tests.workers import environ, run

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = "Words enough for an article."
PLACES = {
    "slug": ["garden", "bees", "letters", "about", "nothing"],
    "id": ["garden", "1"],
    "username": ["ada", "nobody"],
    "year": ["2026"],
    "month": ["05"],
    "number": ["1"],
    "section": ["articles", "pages", "nothing"],
    "feed": ["feed"],
    "path": ["nothing"],
    "exception": ["nothing"],
    "public_id": ["nothing"],
}


@pytest.fixture(scope="module")
def framework():
    return get_wsgi_application()


@pytest.fixture
def way(framework, tmp_path, monkeypatch):
    """Around the whole site, in this process: nobody listens, and what is known is asked for."""
    monkeypatch.setattr(store, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(version, "serve", lambda: None)
    shared = version.Shared(tmp_path / "version")
    monkeypatch.setattr(version, "_shared", lambda: shared)
    name = str(connection.settings_dict["NAME"])
    source = version.File(name) if connection.vendor == "sqlite" else version.Asked(shared, always=False)
    monkeypatch.setattr(version, "_source", lambda: source)
    yield ShortWay(framework, 10_000_000)
    if source._connection:
        source._connection.close()


@pytest.fixture
def articles():
    """Some of everything that readers see, and a draft."""
    ada = UserFactory(username="ada", role=Role.EDITOR)
    made = [
        publishing.create(
            by=ada, title=title, content=CONTENT, tags=["Bees"], published_at=timezone.now(), series=series
        )
        for title, series in (("Garden", SeriesFactory(title="Letters")), ("Sea", None))
    ]
    publishing.create(by=ada, title="About", content=CONTENT, published_at=timezone.now(), model=Page)
    publishing.create(by=ada, title="Draft", content=CONTENT)
    publishing.revise(made[0], by=ada, content=f"{CONTENT} More.", note="More.")
    return made


def status(reply):
    return reply.headers["Cache-Status"]


def ways(patterns=None, before=""):
    """Every address of the URL configuration, with something in each place."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = f"{before}{each.pattern}"
        if isinstance(each, URLPattern):
            yield from filled(here)
        elif "admin" not in here:
            yield from ways(each.url_patterns, here)


def filled(route):
    """Of a route as path() or re_path() write it."""
    route = re.sub(r"\^|\\Z|\$|/\?", "", route).replace("\\.", ".")
    names = re.findall(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>", route)
    places = [first or second for first, second in names]
    pattern = r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?\w+>"
    for number in range(max([len(PLACES.get(name, [""])) for name in places], default=1)):
        values = iter([PLACES.get(name, ["x"])[number % len(PLACES.get(name, ["x"]))] for name in places])
        address = re.sub(pattern, lambda _, values=values: next(values), route)
        if not re.search(r"[(\[?*|]", address):
            yield f"/{address}"


def addresses():
    return sorted({address for address in ways() if not address.startswith(("/admin", "/media", "/accounts"))})


def is_public(address):
    return public.canonical(address.encode().decode("latin-1"), "") is not None


def test_each_public_address_answers_the_same_by_the_short_way(way, framework, articles):
    kept = set()
    for address in filter(is_public, addresses()):
        made = run(framework, environ(address))
        first, second = run(way, environ(address)), run(way, environ(address))
        assert (first.status, first.body) == (second.status, second.body) == (made.status, made.body), address
        if made.status == 200:
            assert status(second) == "blogsite; hit", address
            ours = {
                "cache-status",
                "x-accel-expires",
                "vary",
                "ratelimit",
                "ratelimit-policy",
                "etag",
                "content-length",
            }
            theirs = {name.lower(): value for name, value in made.headers.items()}
            told = {name.lower(): value for name, value in second.headers.items()}
            assert {k: v for k, v in told.items() if k not in ours} == {
                k: v for k, v in theirs.items() if k not in ours
            }
            assert told["etag"] == theirs.get("etag", told["etag"])
            kept.add(address)
    assert len(kept) > 40


def test_what_is_not_declared_public_is_never_kept(way, articles):
    for address in addresses():
        if not is_public(address):
            for _ in range(2):
                assert "stored" not in (status(run(way, environ(address))) or ""), address


LOOKED_AT = {  # by what every request goes through, and never shown in what is kept
    *("HTTP_HOST", "HTTP_ACCEPT", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_ORIGIN"),
}


def test_no_header_reaches_a_public_view_that_is_not_in_the_key(way, articles):
    seen = {}

    def recording(asked, start):
        seen.update(asked)
        return page(asked, start)

    way._application = recording
    odd = {"cookie": "theme=dark", "accept_language": "de", "range": "bytes=0-1", "x_forwarded_host": "evil.example"}
    odd |= {"x_original_url": "/admin/", "forwarded": "host=evil.example", "if_none_match": '"x"', "expect": "x"}
    odd |= {"x_http_method_override": "DELETE", "transfer_encoding": "chunked", "accept_encoding": "gzip"}
    run(way, environ("/?page=2&utm=1", body=b"x", **odd))
    assert {name for name in seen if name.startswith("HTTP_")} <= LOOKED_AT
    assert (seen["QUERY_STRING"], seen["REQUEST_METHOD"]) == ("page=2", "GET")


PARAMETERS = {
    *(
        "page",
        "feed",
        "q",
        "p",
        "skip",
        "limit",
        "cursor",
        "ordering",
        "fields",
        "tag",
        "author",
        "status",
        "published",
    ),
    *("format", "lang", "language", "preview", "version", "sort", "order", "offset", "theme", "date", "utm_source"),
}


def test_public_views_look_at_no_parameter_that_they_have_not_declared(framework, articles):
    """What a view has not declared is as if it weren't there. (A first page would be what there is without.)"""
    for address in filter(is_public, addresses()):
        plain = run(framework, environ(address))
        others = "&".join(f"{name}=2" for name in sorted(PARAMETERS - public._parameters(address)))
        got = run(framework, environ(f"{address}?{others}"))
        assert (got.status, got.body) == (plain.status, plain.body), address


# What changes in these shows only with an article that changes in the same transaction: what the database counts by
# itself, the history that an article gets with each change, the addresses that it has had, for good.
FOLLOWING = {"articles_revision", "articles_slughistory", "articles_tagged", "articles_tally"}
ELSEWHERE = {"articles_redirect"}  # asked where nothing stands: what leads on, and is not kept


def test_every_table_that_public_answers_are_made_of_raises_the_number(framework, articles):
    watched = {"articles_article", "articles_sitesettings", *raising.COLUMNS, *raising.OF_ARTICLES}
    asked = {}
    for address in filter(is_public, addresses()):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run(framework, environ(address))
        for query in queries.captured_queries:
            for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"]):
                asked.setdefault(table, address)
    assert set(asked) - watched - FOLLOWING - ELSEWHERE == set(), asked


HOSTILE = [
    {"host": "evil.example"},
    {"host": "localhost:8000"},
    {"host": "LOCALHOST"},
    {"host": "localhost/articles"},
    {"host": ""},
    {"x_forwarded_host": "evil.example"},
    {"forwarded": "host=evil.example;proto=https"},
    {"x_forwarded_proto": "https"},
    {"x_original_url": "/admin/"},
    {"x_rewrite_url": "/admin/"},
    {"x_http_method_override": "POST"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:3000"},
    {"accept": "application/problem+json"},
    {"accept": "text/html;q=0"},
    {"accept_language": "de"},
    {"accept_encoding": "br"},
    {"accept_encoding": "identity;q=0, *;q=0"},
    {"range": "bytes=0-9"},
    {"prefer": "return=minimal"},
    {"if_none_match": "*"},
    {"if_match": '"x"'},
    {"expect": "100-continue"},
    {"transfer_encoding": "chunked"},
    {"body": b"page=2"},
    {"cookie": "sessionid=stolen"},
    {"cookie": "csrftoken=x; messages=y"},
    {"cookie": "xsessionid=1; sessionidx=2; a=sessionid"},
    {"cookie": "; ".join(f"c{number}=x" for number in range(200))},
    {"authorization": "Bearer nonsense"},
    {"authorization": "Basic eDp5"},
    {"method": "HEAD"},
    {"method": "POST"},
    {"method": "TRACE"},
    {"method": "OPTIONS"},
    {"method": "DELETE"},
    {"method": "get"},
]
QUERIES = [
    *(
        "utm_source=x",
        "page=1&page=2",
        "page=",
        "PAGE=2",
        "page=2;limit=1",
        "page=%00",
        "page=%ff",
        "page=\xff",
        "&&&",
        "=",
    ),
    *(
        "%70age=2",
        "page=+1",
        "page=" + "9" * 30,
        "x=" + "y" * 5000,
        "&".join(f"a{n}=1" for n in range(200)),
        "feed=rss2",
    ),
    *("limit=1", "fields=id", "callback=x", "_method=DELETE", "format=api", "cursor=x", "q=%3Cscript%3E"),
]
SPELLINGS = [
    "//",
    "/./",
    "/%2e/",
    "/..;/",
    "/%2F",
    "/index.html",
    "/articles//garden/",
    "/articles/garden",
    "/articles/g%61rden/",
]
VICTIMS = ["/", "/articles/garden/", "/feeds/rss.xml", "/api/v1/articles/", "/api/v1/articles/garden", "/sitemap.xml"]


def shown(reply):
    headers = {name.lower(): value for name, value in reply.headers.items()}
    for ours in ("cache-status", "x-accel-expires", "vary", "ratelimit", "ratelimit-policy", "retry-after"):
        headers.pop(ours, None)
    return reply.status, reply.body, headers


@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_that_anybody_asks_changes_what_others_get(way, framework, articles, victim):
    """On a cold cache each time: whoever comes first can't leave something of theirs there."""
    expected = run(framework, environ(victim))
    assert expected.status == 200, victim
    hostile = [(victim, more) for more in HOSTILE]
    hostile += [(f"{victim}?{query}", {}) for query in QUERIES]
    hostile += [(spelling, {}) for spelling in SPELLINGS]
    for address, more in hostile:
        for file in way._store._folder.iterdir():
            file.unlink()
        way._recent = Recent(1_000_000)
        run(way, environ(address, **more))
        for _ in range(2):
            got = run(way, environ(victim))
            assert shown(got) == shown(expected), (address, more)


def page(environ, start, *, status="200 OK", kind="text/plain", until=float("inf"), body=b"words " * 100):
    """An application's answer, of which it is said that it may be kept."""
    environ[public.UNTIL] = until
    start(status, [("Content-Type", kind)])
    return [body]


def test_what_many_ask_for_at_once_is_made_once(way):
    made, ready = [], Barrier(8)

    def application(environ, start):
        made.append(None)
        sleep(0.05)
        return page(environ, start)

    def ask():
        ready.wait(10)
        statuses.append(status(run(way, environ("/"))))

    way._application, statuses = application, []
    threads = [Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert len(made) == 1
    assert sorted(statuses).count("blogsite; fwd=uri-miss; stored") == 1


def test_what_cannot_be_kept_is_made_for_all_at_the_same_time(way):
    """Each waits for the first at most; they don't take turns, also where it was kept once."""
    now, most, lock = [0], [0], Lock()

    def application(environ, start):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        sleep(0.05)
        with lock:
            now[0] -= 1
        return page(environ, start, status="410 Gone")

    way._application = page
    run(way, environ("/"))
    SiteSettings(title="Changed").save()
    way._application = application
    run(way, environ("/"))
    threads = [Thread(target=lambda: run(way, environ("/"))) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert most[0] >= 5


def test_a_change_while_a_page_is_made_leaves_nothing_outdated(way):
    def application(environ, start):
        answer = page(environ, start, body=b"before " * 100)
        SiteSettings(title="Changed").save()
        return answer

    way._application = application
    assert run(way, environ("/")).body.startswith(b"before")
    way._application = page
    assert run(way, environ("/")).body.startswith(b"words")


def test_a_page_is_good_until_the_next_article_goes_live(way):
    with time_machine.travel(1_000, tick=False) as clock:
        way._application = partial(page, until=1_060)
        run(way, environ("/"))
        clock.move_to(1_059.9)
        assert status(run(way, environ("/"))) == "blogsite; hit"
        clock.move_to(1_060)
        assert status(run(way, environ("/"))) == "blogsite; fwd=stale; stored"


def test_a_clock_that_is_put_back_makes_nothing_good_that_was_made_later(way):
    with time_machine.travel(1_000, tick=False) as clock:
        way._application = page
        run(way, environ("/"))
        clock.move_to(900)
        assert status(run(way, environ("/"))) == "blogsite; fwd=stale; stored"


def test_head_is_told_what_get_is_told(way, articles):
    for _ in range(2):
        got, head = run(way, environ("/")), run(way, environ("/", method="HEAD"))
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.body))
    assert dict(head.headers) == dict(run(way, environ("/")).headers)


def test_a_304_tells_what_the_client_updates(way, articles):
    got = run(way, environ("/articles/garden/", accept_encoding="br"))
    same = run(way, environ("/articles/garden/", accept_encoding="br", if_none_match=got.headers["ETag"]))
    assert (same.status, same.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
        assert same.headers[name] == got.headers[name]
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(same.headers)
    other = run(way, environ("/articles/garden/", accept_encoding="gzip", if_none_match=got.headers["ETag"]))
    assert (other.status, other.headers["Content-Encoding"]) == (200, "gzip")


def test_each_origin_that_may_read_is_named_to_itself_alone(way, articles, settings):
    api = "/api/v1/articles/"
    allowed, other = "http://localhost:3000", "https://evil.example"
    assert run(way, environ(api, origin=allowed)).headers["Access-Control-Allow-Origin"] == allowed
    for more in ({}, {"origin": other}):
        assert run(way, environ(api, **more)).headers["Access-Control-Allow-Origin"] is None
    kept = run(way, environ(api, origin=allowed))
    assert (status(kept), kept.headers["Access-Control-Allow-Origin"]) == ("blogsite; hit", allowed)
    preflight = environ(api, method="OPTIONS", origin=allowed, access_control_request_method="POST")
    assert "POST" in run(way, preflight).headers["Access-Control-Allow-Methods"]


def test_who_comes_with_a_token_or_a_cookie_of_ours_goes_by_the_long_way(way, articles):
    run(way, environ("/"))
    for more in ({"authorization": "Bearer x"}, {"cookie": "a=b; sessionid=c"}, {"cookie": "csrftoken=x"}):
        assert status(run(way, environ("/", **more))) == "blogsite; fwd=bypass"
    assert status(run(way, environ("/", cookie="theme=dark"))) == "blogsite; hit"


def test_parameters_that_a_page_does_not_know_neither_split_nor_fill_what_is_kept(way, articles):
    for number in range(3):
        run(way, environ(f"/?utm_source={number}&fbclid={'x' * number}"))
    assert status(run(way, environ("/"))) == "blogsite; hit"


def test_a_redirect_leads_on_with_all_that_was_asked(way, articles):
    assert run(way, environ("/articles/garden?utm_source=x")).headers["Location"].endswith("?utm_source=x")
