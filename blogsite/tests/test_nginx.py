"""nginx, with the file that its container gets, in front of a site that answers what each test wants."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.conf import settings

from accounts.attempts import COOKIE
from blogsite.pages.shortway import send
from blogsite.tests.test_deployment import ask, nginx_in_front, pytestmark  # noqa: F401  as those, where nginx is

FRESH, EXPIRED = {"X-Accel-Expires": "@9999999999"}, {"X-Accel-Expires": "@1"}
GZIP, BROTLI = "gzip, deflate", "gzip, deflate, br, zstd"


class Site(ThreadingHTTPServer):
    """Answers each path as it was last told to, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = {}, {}
        Thread(target=self.serve_forever, daemon=True).start()

    def new(self, answer):
        """A path that nobody has asked for, answered by `answer(request)`: status, headers and body."""
        path = f"/{next(PATHS)}"
        self.answers[path], self.asked[path] = answer, []
        return path

    def says(self, headers, status=200):
        """A path whose every answer is another."""
        numbers = count(1)
        return self.new(lambda _request: (status, headers, str(next(numbers))))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        self.server.asked[path].append(self.headers)
        status, headers, body = self.server.answers[path](self)
        if status is None:  # goes away in the middle of it
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())
        self.wfile.flush()  # headers and body in one

    do_HEAD = do_POST = do_OPTIONS = do_GET

    def log_message(self, *_arguments):
        pass


PATHS = count(1)


@pytest.fixture(scope="module")
def site():
    with Site() as server:
        yield server
        server.shutdown()


@contextmanager
def nginx(tmp_path_factory, site, **variables):
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    with nginx_in_front(folder, site.server_port, **variables) as port:
        yield port


@pytest.fixture(scope="module")
def front(tmp_path_factory, site):
    with nginx(tmp_path_factory, site) as port:
        yield port


@pytest.fixture
def behind_another(tmp_path_factory, site):
    """With a proxy before it, and two requests in a row for each visitor."""
    with nginx(tmp_path_factory, site, PROXIES="2", NGINX_RATE="1r/m", NGINX_BURST="1") as port:
        yield port


def bodies(port, path, *requests):
    return [ask(port, path, **headers).text for headers in requests]


def test_what_the_site_calls_public_is_kept(front, site):
    assert bodies(front, site.says(FRESH), {}, {}) == ["1", "1"]


def test_nothing_else_is(front, site):
    assert bodies(front, site.says({"Cache-Control": "public, max-age=60"}), {}, {}) == ["1", "2"]
    assert bodies(front, site.says({}, status=400), {}, {}) == ["1", "2"]


@pytest.mark.parametrize(
    "headers", [{"Cache-Control": "private"}, {"Set-Cookie": "a=b"}, {"Vary": "Accept-Language"}, {"Vary": "*"}]
)
def test_nor_what_speaks_against_being_public(front, site, headers):
    assert bodies(front, site.says({**FRESH, **headers}), {}, {}) == ["1", "2"]


def test_what_the_site_says_to_browsers_and_all_that_is_told_apart_does_not(front, site):
    vary = "Accept-Encoding, Cookie, origin, Authorization"
    path = site.says({**FRESH, "Cache-Control": "no-cache", "Vary": vary})
    assert bodies(front, path, {}, {}) == ["1", "1"]


COOKIES = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages", COOKIE]


SIGNED_IN = [{"Authorization": "Bearer x"}, *({"Cookie": f"a=b; {name}=c"} for name in COOKIES)]


@pytest.mark.parametrize("signed_in", [*SIGNED_IN, {"Prefer": "x"}])
def test_who_signs_in_is_neither_answered_from_it_nor_adds_to_it(front, site, signed_in):
    assert bodies(front, site.says(FRESH), signed_in, {}, signed_in, {}) == ["1", "2", "3", "2"]


def test_the_cookies_of_others_never_reach_the_site(front, site):
    path = site.says(FRESH)
    assert bodies(front, path, {"Cookie": "_ga=1; xsessionid=2"}, {"Cookie": "_ga=3"}, {}) == ["1"] * 3
    assert site.asked[path][0]["Cookie"] is None


def test_an_answer_is_never_older_than_it_may_be(front, site):
    assert bodies(front, site.says(EXPIRED), {}, {}) == ["1", "2"]


def test_who_comes_while_another_is_asking_waits_for_no_old_answer_and_is_given_none(front, site):
    came, go, numbers = Event(), Event(), count(1)

    def answer(_request):
        number = next(numbers)
        if number == 2:
            came.set()
            go.wait(10)
        return 200, EXPIRED, str(number)

    path = site.new(answer)
    ask(front, path)
    first = Thread(target=ask, args=(front, path))
    first.start()
    came.wait(10)
    assert ask(front, path).text == "3"
    go.set()
    first.join()


def tagged(request):
    if request.headers["If-None-Match"] == '"tag"':
        return 304, {**FRESH, "ETag": '"tag"'}, ""
    return 200, {**EXPIRED, "ETag": '"tag"', "Cache-Status": "blogsite; hit"}, "page"


def test_an_expired_answer_is_asked_for_by_its_tag_and_kept_where_it_still_holds(front, site):
    path = site.new(tagged)
    answers = [ask(front, path) for _ in range(3)]
    assert [answer.text for answer in answers] == ["page"] * 3
    assert len(site.asked[path]) == 2
    assert [answer.headers["Cache-Status"] for answer in answers] == [
        "blogsite; hit, nginx; fwd=miss",
        "nginx; fwd=stale; fwd-status=304",
        "nginx; hit",
    ]


def test_who_has_the_page_is_told_so_from_what_is_kept(front, site):
    path = site.new(lambda _request: (200, {**FRESH, "ETag": '"tag"'}, "page"))
    assert ask(front, path).headers["ETag"] == '"tag"'
    again = ask(front, path, If_None_Match='W/"tag"')
    assert (again.status, again.text, len(site.asked[path])) == (304, "", 1)


@pytest.mark.parametrize("status", [500, 502, 504, None])
def test_while_the_site_fails_readers_are_answered_from_what_is_kept(front, site, status):
    path = site.says(EXPIRED)
    ask(front, path)
    site.answers[path] = lambda _request: (status, {}, "")
    answer = ask(front, path)
    assert (answer.status, answer.text) == (200, "1")
    assert answer.headers["Cache-Status"] == "nginx; hit; detail=stale-if-error"


@pytest.mark.parametrize("status", [301, 403, 404, 410, 429, 503])
def test_what_is_gone_is_gone(front, site, status):
    path = site.says({**EXPIRED, "Cache-Control": "no-cache, stale-if-error=86400"})
    ask(front, path)
    site.answers[path] = lambda _request: (status, {}, "")
    assert ask(front, path).status == status


def test_what_is_gone_does_not_come_back_while_the_site_fails(front, site):
    path = site.says(EXPIRED)
    ask(front, path)
    site.answers[path] = lambda _request: (404, EXPIRED, "gone")
    ask(front, path)
    site.answers[path] = lambda _request: (500, {}, "")
    assert ask(front, path).status == 404


def test_where_nothing_is_kept_an_absent_site_is_said_to_come_back(front, site):
    answer = ask(front, site.new(lambda _request: (None, {}, "")))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def encoding(request):
    return 200, FRESH, str(request.headers["Accept-Encoding"])


def test_each_way_of_compressing_is_kept_for_itself_however_browsers_word_it(front, site):
    path = site.new(encoding)
    words = {
        "br, gzip": [BROTLI, "br,gzip", "GZIP;q=0.5, br ; q=1.0"],
        "gzip": [GZIP, "gzip", "br;q=0, gzip", "gzip, br; q=0.000", "xbr, gzip"],
        "None": ["identity", "", "gzip;q=0", "br", "zstd, deflate"],
    }
    for passed_on, said in words.items():
        assert bodies(front, path, *({"Accept_Encoding": each} for each in said)) == [passed_on] * len(said)
    assert len(site.asked[path]) == 3


def test_nginx_compresses_nothing_itself(front, site):
    path = site.new(lambda _request: (200, {"Content-Type": "text/html", "ETag": '"tag"'}, "x" * 5000))
    answer = ask(front, path, Accept_Encoding=BROTLI)
    assert (answer.headers["Content-Encoding"], answer.headers["ETag"]) == (None, '"tag"')


@pytest.mark.parametrize(
    "other",
    [
        {"Host": "other.example.org"},
        {"Host": "blog.example.org:81"},
        {"X_Forwarded_Proto": "https"},
        {"Origin": "https://a"},
    ],
)
def test_what_an_answer_depends_on_keeps_it_apart(front, site, other):
    assert bodies(front, site.says(FRESH), other, {}, other, {}) == ["1", "2", "1", "2"]


def test_an_address_and_its_question_are_told_apart(front, site):
    path = site.says(FRESH)
    assert [ask(front, path + more).text for more in ("", "?a", "?a=1", "?a", "")] == ["1", "2", "3", "2", "1"]


def test_no_host_or_origin_can_pose_as_part_of_another_key(front, site):
    path = site.says(FRESH)
    assert ask(front, path, Host=f"blog.example.org{path}").status == 400
    assert bodies(front, path, {"Origin": "gzip x"}, {"Accept_Encoding": "gzip", "Origin": "x"}) == ["1", "2"]


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "Range", "If-Range", "If-Match", "If-Modified-Since", "If-Unmodified-Since"]
)
def test_what_is_no_part_of_the_key_never_reaches_the_site(front, site, name):
    path = site.new(lambda _request: (200, {**FRESH, "Accept-Ranges": "bytes"}, "abc"))
    ask(front, path, **{name: "bytes=1-2"})
    whole = ask(front, path)
    assert site.asked[path][0][name] is None
    assert (whole.status, len(whole.text)) == (200, 3)


def test_head_and_get_share_what_is_kept(front, site):
    path = site.says(FRESH)
    head = ask(front, path, method="HEAD")
    assert (head.text, head.headers["Content-Length"], ask(front, path).text) == ("", "1", "1")


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_all_other_methods_go_to_the_site(front, site, method):
    path = site.says(FRESH)
    assert [ask(front, path, method=each).text for each in ("GET", method, "GET")] == ["1", "2", "1"]


def test_who_signs_in_asks_the_site_itself_whether_anything_is_new(front, site):
    path = site.new(tagged)
    assert ask(front, path, Authorization="Bearer x", If_None_Match='"tag"').status == 304
    assert site.asked[path][0]["If-None-Match"] == '"tag"'


def test_how_long_an_answer_is_kept_is_not_told(front, site):
    assert "X-Accel-Expires" not in ask(front, site.says(FRESH)).headers


def test_without_a_proxy_before_it_nobody_says_where_they_come_from(front, site):
    path = site.says({})
    ask(front, path, X_Forwarded_For="203.0.113.9")
    assert site.asked[path][0]["X-Forwarded-For"] == "127.0.0.1"


def test_what_the_proxies_before_it_say_is_passed_on(behind_another, site):
    path = site.says({})
    ask(behind_another, path, X_Forwarded_For="made up, 203.0.113.9")
    assert site.asked[path][0]["X-Forwarded-For"] == "made up, 203.0.113.9, 127.0.0.1"


def test_each_visitor_has_a_rate_and_waits_beyond_it(behind_another, site):
    path = site.says(FRESH)
    senders = ["203.0.113.9", "made up, 203.0.113.9", "203.0.113.10, 203.0.113.9", "203.0.113.10"]
    answers = [ask(behind_another, path, X_Forwarded_For=sender) for sender in senders]
    assert [answer.status for answer in answers] == [200, 200, 429, 200]
    assert answers[2].headers["Retry-After"] == "1"


def test_the_port_that_some_proxies_tell_makes_no_other_visitor(behind_another, site):
    path = site.says(FRESH)
    four = ["203.0.113.12:1", "203.0.113.12:2", "203.0.113.12"]
    six = ["[2001:db8:3:4::5]:1", "2001:db8:3:4::6", "2001:db8:3:4::7"]
    statuses = [ask(behind_another, path, X_Forwarded_For=sender).status for sender in (*four, *six)]
    assert statuses == [200, 200, 429] * 2


def test_an_ipv6_network_is_one_visitor(behind_another, site):
    path = site.says(FRESH)
    groups = [["2001:db8:1:2:3::9", "2001:db8:1:2::8", "2001:db8:1:2:a:b:c:d"], ["2001:db8::1", "2001:db8::a:b:c:d"]]
    statuses = [[ask(behind_another, path, X_Forwarded_For=it).status for it in group] for group in groups]
    assert statuses == [[200, 200, 429], [200, 200]]
    assert ask(behind_another, path, X_Forwarded_For="2001:db8::2").status == 429


def test_who_is_signed_in_waits_beyond_the_rate_too(behind_another, site):
    path = site.says(FRESH)
    told = {"X_Forwarded_For": "203.0.113.11", "Authorization": "Bearer x"}
    assert [ask(behind_another, path, **told).status for _ in range(3)] == [200, 200, 429]


def test_what_the_site_calls_public_is_good_until_the_second_is_over_and_no_longer(time_machine):
    time_machine.move_to(1_800_000_000.9)
    told = {}
    for held in (False, True):
        kept = SimpleNamespace(
            headers=[], headers_if_held=[], body=b"", status="200 OK", is_held=lambda _environ, held=held: held
        )
        send(kept, {"REQUEST_METHOD": "GET"}, lambda status, headers: told.update({status: dict(headers)}), "hit")
    expires = {status: headers["X-Accel-Expires"] for status, headers in told.items()}
    assert expires == {"200 OK": "@1800000000", "304 Not Modified": "@1800000000"}
