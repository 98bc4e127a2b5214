"""Which articles are near each other: by the words that tell them from others, by shared tags, and a little by author.

Found when one of them is saved, in a few milliseconds however many there are, so that no reader waits for it. Drafts
are among them, as they go live by the clock alone: who shows them asks which are live.
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

from articles.models import Article, Related, Term

KEPT = 8  # of the nearest; more are kept where later articles are near to this one
WORDS = 12  # that an article is known by
TAG, AUTHOR = 0.6, 0.3  # the weights of their terms; those of the words make a vector of the length 1
STRONGEST = 100  # articles that are looked at for each term: those that it tells most of
CANDIDATES = 40  # of all these
MIN_SCORE = 0.02
SAMPLE = 100  # texts that show which words are common here
LONG = 6  # characters; a shorter word tells less: in most languages the common ones are short
_WORD = re.compile(r"\w\w+")
_NOT_PROSE = re.compile(r"<pre.*?</pre>|<[^>]*>", re.DOTALL)

Terms = dict[str, float]  # by their names
Scores = dict[int, float]  # of articles, by their ids


def relate(article: Article) -> None:
    """Find what is near this article as it is now, and let those articles know of it. Not within a transaction: it
    locks what is near too, and two that are near may be saved at once."""
    if article.kind != Article.Kind.ARTICLE:
        return
    terms = _words(article) | _filing(article)
    scores = _scores(article, terms)
    with transaction.atomic():
        concerned = Article.objects.filter(pk__in=[article.pk, *scores]).order_by("pk").select_for_update(no_key=True)
        filed = {pk: where for pk, *where in concerned.values_list("pk", "language", "series")}
        if article.pk in filed:  # and was not deleted meanwhile
            _keep_terms(article, terms)
            _keep_related(article, dict(islice(_fitting(article, scores, filed), KEPT)))


def _fitting(article: Article, scores: Scores, filed: dict[int, list[Any]]) -> Iterator[tuple[int, float]]:
    """Of the same language, the nearest first. The other parts of its series are shown with it anyway."""
    language, series = filed.pop(article.pk)
    for pk, score in scores.items():
        if pk in filed and filed[pk][0] == language and (series is None or filed[pk][1] != series):
            yield pk, score


def _keep_terms(article: Article, terms: Terms) -> None:
    Term.objects.filter(article=article).delete()
    Term.objects.bulk_create(Term(article=article, name=name, weight=weight) for name, weight in terms.items())


def _keep_related(article: Article, nearest: Scores) -> None:
    Related.objects.filter(Q(article=article) | Q(other=article)).delete()
    here = article.pk
    pairs = [pair for pk, score in nearest.items() for pair in ((here, pk, score), (pk, here, score))]
    Related.objects.bulk_create(Related(article_id=one, other_id=other, score=score) for one, other, score in pairs)


def _words(article: Article) -> Terms:
    """The words that occur more often in this article than elsewhere. Those of the title count twice."""
    text = unescape(_NOT_PROSE.sub(" ", article.content_html))
    recent = Article.objects.order_by("-created_at", "-pk").values_list("title", "excerpt")[:SAMPLE]
    common = _count(" ".join(chain.from_iterable(recent)))
    weights = {
        word: (1 + log(times)) * log(1 + max(len(recent), 10) / (1 + common[word])) * min(len(word), LONG)
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


def _filing(article: Article) -> Terms:
    tags = {f"#{pk}": TAG for pk in article.tags.values_list("pk", flat=True)}
    return {**tags, f"@{article.author_id}": AUTHOR}


def _scores(article: Article, terms: Terms) -> Scores:
    """Those that share the most and the rarest terms with it, the nearest first."""
    scores: Scores = defaultdict(float)
    for name, found in _strongest(article, list(terms)).items():
        for pk, weight in found:
            scores[pk] += terms[name] * weight / (1 + log(len(found)))
    best = sorted(scores.items(), key=lambda item: (-item[1], -item[0]))[:CANDIDATES]
    return {pk: score for pk, score in best if score >= MIN_SCORE}


def _strongest(article: Article, names: list[str]) -> dict[str, list[tuple[int, float]]]:
    """For each term the other articles that it tells most of, and how much. One query, bounded whatever is common."""
    one = (
        f"SELECT * FROM (SELECT name, article_id, weight FROM {Term._meta.db_table} "  # noqa: S608
        f"WHERE name = %s AND article_id <> %s ORDER BY weight DESC, article_id DESC LIMIT {STRONGEST}) AS strongest"
    )
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(names)), [each for name in names for each in (name, article.pk)])
        for name, pk, weight in cursor.fetchall():
            found[name].append((pk, weight))
    return found
