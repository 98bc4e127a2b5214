"""Which articles are near each other: by the words that tell them from others, by shared tags, and a little by author.

The verbs note each change in its own transaction. `catch_up` finds what is near later, in a process of its own, in a
few milliseconds an article however many there are, so that neither readers nor writers wait for it; until then the
former neighbours stay. Drafts are among them, as they go live by the clock alone: who shows them asks which are live.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from html import unescape
from itertools import chain, islice, pairwise
from math import log, sqrt
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from articles.models import Article, Related, Term, Unrelated
from blogsite.prepared import insert

KEPT = 8  # of the nearest; more are kept where later articles are near to this one
WORDS = 12  # that an article is known by
TAG, AUTHOR = 0.6, 0.3  # the weights of their terms; those of the words make a vector of the length 1
STRONGEST = 100  # articles that are looked at for each term: those that it tells most of
CANDIDATES = 40  # of all these
AT_ONCE = 100  # terms in one query
NOTES_AT_ONCE = 20  # while these articles are related, they and what is near them are locked
MIN_SCORE = 0.02
SAMPLE = 100  # texts that show which words are common here
LONG = 6  # characters; a shorter word tells less: in most languages the common ones are short
_WORD = re.compile(r"\w\w+")
_NOT_PROSE = re.compile(r"<pre.*?</pre>|<[^>]*>", re.DOTALL)

Terms = dict[str, float]  # by their names
Strongest = dict[str, list[tuple[int, float]]]  # the articles that each term tells most of, and how much
Scores = dict[int, float]  # of articles, by their ids


def note(article: Article) -> None:
    """Have what is near it found anew."""
    if article.kind == Article.Kind.ARTICLE:
        insert(Unrelated(article_id=article.pk))


def catch_up() -> None:
    """Relate all that were noted, each once however often it was. A note goes when what it asks for is done: whatever
    comes between, the next call does it."""
    while notes := dict(Unrelated.objects.order_by("pk").values_list("pk", "article_id")[:NOTES_AT_ONCE]):
        relate(*Article.objects.filter(pk__in={*notes.values()}).defer("content"))
        Unrelated.objects.filter(pk__in=notes).delete()


def relate(*articles: Article) -> None:
    """Find what is near these articles as they are now, and let those articles know of it. Not within a transaction: it
    locks what is near too, and two that are near may be saved at once."""
    if not (wanted := [article for article in articles if article.kind == Article.Kind.ARTICLE]):
        return
    terms = _terms(wanted)
    strongest = _strongest(terms)
    scores = {pk: _scores(pk, own, strongest) for pk, own in terms.items()}
    with transaction.atomic():
        concerned = Article.objects.filter(pk__in={*scores, *chain(*scores.values())})
        locked = concerned.order_by("pk").select_for_update(no_key=True)
        filed = {pk: where for pk, *where in locked.values_list("pk", "language", "series")}
        there = {pk: found for pk, found in scores.items() if pk in filed}  # and was not deleted meanwhile
        _keep_terms({pk: terms[pk] for pk in there})
        _keep_related({pk: dict(islice(_fitting(pk, found, filed), KEPT)) for pk, found in there.items()})


def _fitting(here: int, scores: Scores, filed: dict[int, list[Any]]) -> Iterator[tuple[int, float]]:
    """Of the same language, the nearest first. The other parts of its series are shown with it anyway."""
    language, series = filed[here]
    for pk, score in scores.items():
        if pk in filed and filed[pk][0] == language and (series is None or filed[pk][1] != series):
            yield pk, score


def _keep_terms(terms: dict[int, Terms]) -> None:
    Term.objects.filter(article__in=terms).delete()
    Term.objects.bulk_create(
        Term(article_id=pk, name=name, weight=weight) for pk, own in terms.items() for name, weight in own.items()
    )


def _keep_related(nearest: dict[int, Scores]) -> None:
    Related.objects.filter(Q(article__in=nearest) | Q(other__in=nearest)).delete()
    pairs = {
        pair: score
        for here, found in nearest.items()
        for pk, score in found.items()
        for pair in ((here, pk), (pk, here))
    }
    Related.objects.bulk_create(
        Related(article_id=one, other_id=other, score=score) for (one, other), score in pairs.items()
    )


def _terms(articles: list[Article]) -> dict[int, Terms]:
    """What each article is known by: its words, tags and author."""
    recent = Article.objects.order_by("-created_at", "-pk").values_list("title", "excerpt")[:SAMPLE]
    common = _count(" ".join(chain.from_iterable(recent)))
    known = {each.pk: _words(each, common, len(recent)) | {f"@{each.author_id}": AUTHOR} for each in articles}
    for pk, tag in Article.tags.through.objects.filter(article__in=known).values_list("article", "tag"):
        known[pk][f"#{tag}"] = TAG
    return known


def _words(article: Article, common: Counter[str], texts: int) -> Terms:
    """The words that occur more often in this article than elsewhere. Those of the title count twice."""
    text = unescape(_NOT_PROSE.sub(" ", article.content_html))
    weights = {
        word: (1 + log(times)) * log(1 + max(texts, 10) / (1 + common[word])) * min(len(word), LONG)
        for word, times in _count(f"{article.title} {article.title} {text}").items()
        if times > 1 and len(word) <= Term.MAX_LENGTH and not word.isdigit()
    }
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:WORDS]
    length = sqrt(sum(weight**2 for _word, weight in best))
    return {word: weight / length for word, weight in best}


def _count(text: str) -> Counter[str]:
    """How often each word occurs; in place of what a script writes without spaces, each two characters of it."""
    found = Counter(_WORD.findall(text.casefold()))
    for run in [run for run in found if max(run) >= "\u3040"]:
        times = found.pop(run)
        for pair in pairwise(run):
            found["".join(pair)] += times
    return found


def _scores(here: int, terms: Terms, strongest: Strongest) -> Scores:
    """Those that share the most and the rarest terms with it, the nearest first."""
    scores: Scores = defaultdict(float)
    for name, own in terms.items():
        others = [(pk, weight) for pk, weight in strongest[name] if pk != here][:STRONGEST]
        for pk, weight in others:
            scores[pk] += own * weight / (1 + log(len(others)))
    best = sorted(scores.items(), key=lambda item: (-item[1], -item[0]))[:CANDIDATES]
    return {pk: score for pk, score in best if score >= MIN_SCORE}


def _strongest(terms: dict[int, Terms]) -> Strongest:
    """For each of these articles' terms those that it tells most of, these too as they are now."""
    found: Strongest = defaultdict(list)
    for pk, own in terms.items():
        for name, weight in own.items():
            found[name].append((pk, weight))
    for name, pk, weight in _stored(list(found)):
        if pk not in terms:
            found[name].append((pk, weight))
    return {name: sorted(others, key=lambda each: (-each[1], -each[0])) for name, others in found.items()}


def _stored(names: list[str]) -> Iterator[tuple[str, int, float]]:
    """The strongest of each term. One query for each AT_ONCE of them, bounded whatever is common."""
    one = (
        f"SELECT * FROM (SELECT name, article_id, weight FROM {Term._meta.db_table} "  # noqa: S608
        f"WHERE name = %s ORDER BY weight DESC, article_id DESC LIMIT {STRONGEST + 1}) AS strongest"
    )
    with connection.cursor() as cursor:
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            cursor.execute(" UNION ALL ".join([one] * len(some)), some)
            yield from cursor.fetchall()
