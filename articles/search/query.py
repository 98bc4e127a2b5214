"""What a question finds: live articles and standing pages, the best first, with what matches marked.

First comes what has all the words in its title, then what has them in title, tags, author and summary, then the rest;
within each the rank of the database's own full text decides, and then the date.

The cost is bounded: of more than NEWEST that match, the newest are ranked, once by their heads and once by all their
words, so that a title is not missed for its age alone. A word that every second article has would otherwise mean to
read half of the texts. SQLite keeps its index in the order of `place`, walks from the newest back and stops. PostgreSQL
has to be told which of two ways to take, as its planner counts the reading of a text for nothing: for words that many
have it walks too, reading each text; for others it gathers all places from the index and reads the newest. A phrase it
only finds by reading what has the words, so it reads the PHRASE_NEWEST newest of these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, overload

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import access
from articles.models import Article, Entry
from articles.models.article import IN_LIST, OF_AUTHOR
from articles.search import marks
from articles.search.question import Question, Term, understand
from articles.search.words import plain

NEWEST = 200
PHRASE_NEWEST = 1000
FEW = 50  # with fewer, the last word counts as the beginning of longer ones too
SQLITE = """
    SELECT entry.article_id, entry.title, -found.score
    FROM (
        SELECT rowid, bm25(articles_entry_words, 10, 4, 3, 1) AS score FROM articles_entry_words
        WHERE articles_entry_words MATCH %(match)s AND rowid <= %(place)s ORDER BY rowid DESC LIMIT %(newest)s
    ) AS found
    JOIN articles_entry AS entry ON entry.place = found.rowid
    WHERE entry.published_at <= %(now)s
    ORDER BY found.score, entry.place DESC
"""
POSTGRESQL = """
    SELECT article_id, title, ts_rank('{{0.1, 0.3, 0.4, 1}}', vector, {match}, 1) AS score
    FROM (
        SELECT article_id, title, place, {vector} AS vector FROM articles_entry
        WHERE {vector} @@ {loose} {without} AND place <= %(place)s AND published_at <= %(now)s
        ORDER BY place DESC LIMIT %(looked_through)s
    ) AS found
    {phrases}
    ORDER BY score DESC, place DESC LIMIT %(newest)s
"""


HOW_MANY = """
    SELECT FROM articles_entry WHERE head @@ {loose} UNION ALL SELECT FROM articles_entry WHERE words @@ {loose}
    UNION ALL SELECT FROM articles_entry
"""
WALK = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_indexscan": "on"}
GATHER = {"enable_seqscan": "off", "enable_bitmapscan": "on", "enable_indexscan": "off"}
AS_USUAL = dict.fromkeys(WALK, "on")
READING = {"head": 1, "words": 3}  # what it costs, in visits of a row whose place is known from the index; measured


Candidate = tuple[int, str, float]  # article, words of its title, rank


class Hit(NamedTuple):
    article: int
    score: float


@dataclass(frozen=True)
class Found:
    article: Article
    score: float  # larger is better; of use for comparing within one answer alone
    title: SafeString
    snippet: SafeString


class Results(Sequence[Found]):
    """In order. A slice is read in one query."""

    def __init__(
        self, question: Question, hits: list[Hit], *, more: bool, articles: QuerySet[Article] | None = None
    ) -> None:
        self.question, self._hits, self.more = question, hits, more
        among = Article._base_manager.select_related("author").only(*IN_LIST, *OF_AUTHOR, "content_html")
        self._articles = among.filter(access.live()) if articles is None else articles

    def among(self, articles: QuerySet[Article]) -> "Results":
        """Those that are among these articles and live, and read from them. One query."""
        articles = articles.filter(access.live())
        kept = set(articles.filter(pk__in=[hit.article for hit in self._hits]).values_list("pk", flat=True))
        hits = [hit for hit in self._hits if hit.article in kept]
        return Results(self.question, hits, more=self.more, articles=articles)

    @property
    def hits(self) -> Sequence[Hit]:
        return self._hits

    def __len__(self) -> int:
        return len(self._hits)

    @overload
    def __getitem__(self, which: int) -> Found: ...
    @overload
    def __getitem__(self, which: slice) -> list[Found]: ...
    def __getitem__(self, which: int | slice) -> Found | list[Found]:
        if isinstance(which, int):
            return self._read([self._hits[which]])[0]
        return self._read(self._hits[which])

    def _read(self, hits: list[Hit]) -> list[Found]:
        articles = self._articles.in_bulk([hit.article for hit in hits])
        return [self._found(articles[hit.article], hit.score) for hit in hits if hit.article in articles]

    def _found(self, article: Article, score: float) -> Found:
        return Found(
            article=article,
            score=score,
            title=marks.marked(article.title, self.question),
            snippet=self.snippet(article.content_html, article.excerpt),
        )

    def snippet(self, html: str, excerpt: str) -> SafeString:
        """Of a text, what shows most of what was asked for."""
        return marks.snippet(plain(html), self.question) or marks.marked(excerpt, self.question)


def search(text: str) -> Results:
    """What a visitor's text finds: in at most six queries, and one for each slice that is read."""
    question, now = understand(text), timezone.now()
    if not question:
        return Results(question, [], more=False)
    scores, more = _scores(question, now)
    if len(scores) < FEW and (opened := question.opened()):
        begun, more = _scores(opened, now)
        scores = {article: score - 0.5 for article, score in begun.items()} | scores
        question = opened
    hits = sorted((Hit(*each) for each in scores.items()), key=lambda hit: hit.score, reverse=True)
    return Results(question, hits, more=more)


def matching(text: str) -> QuerySet[Entry]:
    """All that a text asks for, be it live, scheduled or a draft, in no order: for a filter of what one may see."""
    question = understand(text)
    if not question:
        return Entry.objects.none()
    question = question.opened() or question
    if connection.vendor == "postgresql":
        sql = "words @@ to_tsquery('pg_catalog.simple', %s)"
        asked = _tsquery(question.wanted, " <-> ", " & ")
        if question.unwanted:
            asked = f"{asked} & !({_tsquery(question.unwanted, ' <-> ', ' | ')})"
    else:
        sql = "place IN (SELECT rowid FROM articles_entry_words WHERE articles_entry_words MATCH %s)"
        asked = _fts5(question, head_only=False)
    return Entry.objects.filter(RawSQL(sql, [asked], BooleanField()))  # noqa: S611  # our own words


def _scores(question: Question, now: datetime) -> tuple[dict[int, float], bool]:
    """Of each article, and whether there are more. Whole numbers say where the words stand, the rest is the rank."""
    head, text = _candidates(question, now)
    scores = {article: _score(rank) for article, _, rank in text}
    scores |= {article: _score(rank) + (2 if _fits(title, question) else 1) for article, title, rank in head}
    return scores, len(text) == NEWEST


def _score(rank: float) -> float:
    return 0.5 + 0.5 * rank / (1 + rank)


def _fits(line: str, question: Question) -> bool:
    return all(f" {' '.join(term.words)}{'' if term.is_prefix else ' '}" in f" {line} " for term in question.wanted)


def _candidates(question: Question, now: datetime) -> list[list[Candidate]]:
    """The newest that match, the best first: those by their heads, and those by all their words."""
    limits: dict[str, Any] = {"place": Entry.place_at(now), "now": now, "newest": NEWEST}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return list(_ask_postgresql(cursor, question, limits))
        return [_ask_sqlite(cursor, _fts5(question, head_only=head_only), limits) for head_only in (True, False)]


def _ask_sqlite(cursor: Any, match: str, limits: dict[str, Any]) -> list[Candidate]:
    cursor.execute(SQLITE, {**limits, "match": match})
    return list(cursor.fetchall())


def _ask_postgresql(cursor: Any, question: Question, limits: dict[str, Any]) -> Iterator[list[Candidate]]:
    """In three queries, which the way to take comes along with: it holds until the end of the transaction, which is
    that of the query, or is taken back, for those who are in another one.
    """
    terms = {
        "match": _tsquery(question.wanted, " <-> ", " & "),
        "loose": _tsquery(question.wanted, " & ", " & "),
        "unwanted": _tsquery(question.unwanted, " <-> ", " | "),
    }
    queries = {name: f"to_tsquery('pg_catalog.simple', %({name})s)" for name in terms}
    has_phrase = terms["match"] != terms["loose"]
    looked_through = PHRASE_NEWEST if has_phrase else NEWEST
    cursor.execute(f"EXPLAIN (FORMAT JSON) {HOW_MANY.format(**queries)}", terms)
    [[explained]] = cursor.fetchall()
    *matching, total = (plan["Plan Rows"] for plan in explained[0]["Plan"]["Plans"])
    parts = {
        **queries,
        "without": f"AND NOT words @@ {queries['unwanted']}" if question.unwanted else "",
        "phrases": f"WHERE vector @@ {queries['match']}" if has_phrase else "",
    }
    for vector, number in zip(READING, matching, strict=True):
        way = WALK if number**2 > READING[vector] * looked_through * total else GATHER
        asked = [_planned(way), POSTGRESQL.format(**parts, vector=vector), _planned(AS_USUAL)]
        cursor.execute(";".join(asked), {**limits, **terms, "looked_through": looked_through})
        cursor.nextset()
        yield list(cursor.fetchall())


def _planned(switches: dict[str, str]) -> str:
    settings = ", ".join(f"set_config('{name}', '{switch}', true)" for name, switch in switches.items())
    return f"SELECT {settings}"  # noqa: S608  # our own words


def _fts5(question: Question, *, head_only: bool) -> str:
    columns = "{title names summary} : " if head_only else ""
    wanted = " AND ".join(map(_fts5_term, question.wanted))
    return f"({columns}({wanted}))" + "".join(f" NOT {_fts5_term(term)}" for term in question.unwanted)


def _fts5_term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.is_prefix else "")


def _tsquery(terms: Sequence[Term], glue: str, between: str) -> str:
    """In quotes, the words can't be taken for operators; nothing but letters, digits and marks is in them."""
    return between.join(f"({_tsquery_term(term, glue)})" for term in terms)


def _tsquery_term(term: Term, glue: str) -> str:
    return glue.join(f"'{word}'" for word in term.words) + (":*" if term.is_prefix else "")
