"""The short way, around the whole framework: a stranger's GET of what is public and was made before.

Every answer that is kept carries the number that what readers see had when it was made, and the moment when the next
article goes live: it is good for as long as neither has passed, so nothing ever has to be purged. What makes two
answers differ is in the key, and what is not in the key never reaches the view: neither cookies nor headers nor
parameters that it doesn't know can split what is kept, or put something into it for others.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from time import time
from typing import Any, NamedTuple

from django.conf import settings

from articles.caching import version
from articles.caching.version import Known, State
from blogsite.pages import answer
from blogsite.pages.answer import Answer, Headers
from blogsite.pages.public import ASKED, UNTIL, canonical
from blogsite.pages.store import Recent, Store

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

READING = ("GET", "HEAD")
# A proxy takes these in place of what it has, and asks again: else it would bring back what is gone, should we fail.
NOTHING_HERE = {"301", "404", "410"}
AT_HAND = 8  # this part of what is kept each process has ready to be sent
PATIENCE = 10.0  # seconds that one waits for another who makes the same
TAKEN_ALONG = {"HTTP_HOST", "HTTP_ACCEPT", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"}


class Question(NamedTuple):
    key: str
    encoding: str
    host: str
    query: str  # as far as the answer depends on it
    origin: str  # that the answer names, as CORS has it
    is_whole: bool  # nothing was left out of the query


class ShortWay:
    def __init__(self, application: Application, limit: int) -> None:
        """At most `limit` bytes of answers are kept for all processes, and of these a few at hand in each."""
        self._application, self._store, self._recent = application, Store(limit), Recent(limit // AT_HAND)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        version.serve()
        if environ["REQUEST_METHOD"] not in READING:
            return self._application(environ, start)
        if is_personal(environ):
            return self._application(environ, saying(start, "fwd=bypass"))
        question = asked(environ)
        if question is None:
            return self._application(environ, start)
        state = version.current()
        kept = self._kept(question, state)
        if kept and is_good(kept, state):
            return send(kept, environ, start, "hit")
        if kept and version.is_away() and may_be_stale(kept, state):
            return send(kept, environ, start, stale(state))
        return self._forward(question, kept, environ, start)

    def _kept(self, question: Question, state: State) -> Answer | None:
        """In the encoding that was asked for, made of the plain one where only that is good; or one that was good."""
        encoded = self._get(question, question.encoding, state)
        if question.encoding == answer.IDENTITY or (encoded and is_good(encoded, state)):
            return encoded
        plain = self._get(question, answer.IDENTITY, state)
        return self._keep(question, plain) if plain and is_good(plain, state) else encoded or plain

    def _get(self, question: Question, encoding: str, state: State) -> Answer | None:
        key = f"{question.key}\n{encoding}"
        recent: Answer | None = self._recent.get(key)
        if recent and is_good(recent, state):
            return recent
        if (found := self._store.get(key)) is None:
            return None
        kept = Answer.unpacked(found)
        if is_good(kept, state):
            self._recent.put(key, kept, len(kept.body))
        return kept

    def _keep(self, question: Question, plain: Answer) -> Answer:
        made = plain.encoded(question.encoding)
        self._store.put(f"{question.key}\n{question.encoding}", made.packed())
        return made

    def _forward(self, question: Question, outdated: Answer | None, environ: Environ, start: Start) -> Iterable[bytes]:
        """Made once, however many ask: the others wait for the one who came first. But what can't be kept is made for
        each, and nobody waits for it twice."""
        with self._store.alone(question.key, PATIENCE) as waited:
            state = version.current()
            kept = self._kept(question, state) if waited else None
            if kept and is_good(kept, state):
                return send(kept, environ, start, "fwd=uri-miss; collapsed")
            if not waited or outdated or kept:
                return self._make(question, outdated, state, environ, start)
        return self._make(question, outdated, version.current(), environ, start)

    def _make(
        self, question: Question, outdated: Answer | None, state: State, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        made, status, headers, body = self._ask(cleaned(environ, question), state)
        why = "fwd=stale" if outdated else "fwd=uri-miss"
        if made:
            self._store.put(f"{question.key}\n{answer.IDENTITY}", made.packed())
            if question.encoding != answer.IDENTITY:
                made = self._keep(question, made)
            return send(made, environ, start, f"{why}; stored")
        if outdated and status.startswith("5") and may_be_stale(outdated, state := version.current()):
            return send(outdated, environ, start, stale(state))
        if outdated and status[:3] in NOTHING_HERE:  # from now on nobody waits for who asks for it first
            self._store.remove(f"{question.key}\n{answer.IDENTITY}")
            self._store.remove(f"{question.key}\n{question.encoding}")
        if not question.is_whole and status.startswith("3"):
            return self._application(environ, saying(start, why))  # it leads on with all that was asked
        said = [("Cache-Status", f"blogsite; {why}")]
        if status[:3] in NOTHING_HERE:
            said.append(("X-Accel-Expires", f"@{int(time())}"))
        start(status, [*headers, *said])
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _ask(self, environ: Environ, state: State) -> tuple[Answer | None, str, Headers, bytes]:
        told: list[Any] = []
        began = time()
        response = self._application(environ, lambda status, headers, *error: told.extend((status, headers)))
        try:
            body = b"".join(response)
        finally:
            close = getattr(response, "close", None)
            if close:
                close()
        status, headers = told[-2:]
        until = environ.get(UNTIL)
        if until is None or state.age:
            return None, status, headers, body
        made = answer.of(status, headers, body, known=state.known, made=began, until=until)
        return made, status, headers, body


def is_good(kept: Answer, state: State) -> bool:
    return kept.known == state.known and not state.age and kept.made <= time() < kept.until


def may_be_stale(kept: Answer, state: State) -> bool:
    """While the database is away: for so long, and never anything from before something was taken from readers."""
    known: Known = state.known
    hides_nothing = (kept.known.epoch, kept.known.taken_away) == (known.epoch, known.taken_away)
    return hides_nothing and state.age <= settings.STALE_IF_ERROR_SECONDS and kept.made <= time()


def stale(state: State) -> str:
    return f"hit; ttl=-{max(1, int(state.age))}; detail=stale"


def is_personal(environ: Environ) -> bool:
    """Comes with a token or one of our cookies, or asks for more than usual."""
    if "HTTP_AUTHORIZATION" in environ or "HTTP_PREFER" in environ:
        return True
    cookies = environ.get("HTTP_COOKIE")
    return bool(cookies and OURS.search(cookies))


OURS = re.compile("|".join(map(re.escape, (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"))))


def asked(environ: Environ) -> Question | None:
    """What a request asks for, if that is public."""
    path, query, host = environ["PATH_INFO"], environ.get("QUERY_STRING", ""), environ.get("HTTP_HOST", "").lower()
    known = canonical(path, query)
    if known is None or not host:
        return None
    origin = allowed(environ["HTTP_ORIGIN"]) if "HTTP_ORIGIN" in environ and CORS.match(path) else ""
    key = f"{scheme(environ)}://{host}\n{environ.get('SCRIPT_NAME', '')}{path}?{known}\n{origin}"
    encoding = answer.preferred(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return Question(key, encoding, host, known, origin, known == query)


CORS = re.compile(settings.CORS_URLS_REGEX)


@lru_cache(maxsize=256)
def allowed(origin: str) -> str:
    """What an answer says to this origin: the origin itself, * where all may come, nothing where it may not."""
    if settings.CORS_ALLOW_ALL_ORIGINS:
        return "*"
    by_name = origin in settings.CORS_ALLOWED_ORIGINS
    by_pattern = any(re.match(pattern, origin) for pattern in settings.CORS_ALLOWED_ORIGIN_REGEXES)
    return origin if by_name or by_pattern else ""


def scheme(environ: Environ) -> str:
    """As Django tells it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return "https" if environ[name].partition(",")[0].strip() == secure else "http"
    return str(environ["wsgi.url_scheme"])


def cleaned(environ: Environ, question: Question) -> Environ:
    """The request as the view gets it: with what is in the key, and nothing else that its answer could depend on."""
    kept = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in TAKEN_ALONG}
    kept |= {"REQUEST_METHOD": "GET", "HTTP_HOST": question.host, "QUERY_STRING": question.query, ASKED: True}
    if question.origin:
        kept["HTTP_ORIGIN"] = environ["HTTP_ORIGIN"]
    return kept


def saying(start: Start, what: str) -> Start:
    """Has an answer say what the cache had to do with it: https://www.rfc-editor.org/rfc/rfc9211"""

    def begin(status: str, headers: Headers, *error: Any) -> Any:
        return start(status, [*headers, ("Cache-Status", f"blogsite; {what}")], *error)

    return begin


def send(kept: Answer, environ: Environ, start: Start, what: str) -> list[bytes]:
    said = [("Cache-Status", f"blogsite; {what}")]
    if not what.startswith("hit; ttl"):
        # Until this second is over, for nginx in front: it counts whole ones, so one from now could be almost two.
        said.append(("X-Accel-Expires", f"@{int(time())}"))
    if kept.is_held(environ):
        start("304 Not Modified", kept.headers_if_held + said)
        return []
    start(kept.status, kept.headers + said)
    return [kept.body] if environ["REQUEST_METHOD"] == "GET" else []
