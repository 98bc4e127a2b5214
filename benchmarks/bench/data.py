"""Fills the database that DATABASE_URL names, and says on standard output what is in it, as JSON.

A process of its own: `python -m benchmarks.bench.data NUMBER PASSWORD`, with the environment of the site.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from typing import Any

import django
from django.core.management import call_command

SAMPLE = 1000
WRITTEN = 4000  # bytes of an article that is posted, about
COMMON = slice(4, 12)  # ranks of the words that are searched for: the first few are as "the" and "of"


def main(number: str, password: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("make_articles", int(number), stdout=sys.stderr)
    call_command("collectstatic", verbosity=0, interactive=False)
    settle()
    json.dump(facts(password), sys.stdout)


def settle() -> None:
    """What happens by itself in time, done now: the database's statistics, and its file in one piece."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def facts(password: str) -> dict[str, Any]:
    from articles.models import Article, Tag

    chance = random.Random(7)  # noqa: S311  # not for secrets
    live = list(Article.objects.live().order_by("-created_at", "-pk").values_list("pk", "slug"))
    some = chance.sample(live, min(SAMPLE, len(live)))
    author = a_writer(password)
    tag = max(Tag.objects.all(), key=lambda tag: tag.articles.count())
    texts = list(Article.objects.order_by("pk").values_list("content", flat=True)[:SAMPLE])
    return {
        "articles": len(live),
        "bytes": sum(len(text.encode()) for text in texts) // len(texts),
        "username": author.username,
        "own": sorted(Article.objects.live().filter(author=author).values_list("pk", flat=True)[:SAMPLE]),
        "ids": [pk for pk, _ in some],
        "slugs": [slug for _, slug in some],
        "tag": tag.slug,
        "questions": questions(texts),
        "text": min(texts, key=lambda text: abs(len(text.encode()) - WRITTEN)),
    }


def a_writer(password: str) -> Any:
    """The author who has written most, who can sign in from now on."""
    from django.db.models import Count

    from accounts import roles
    from accounts.models import User
    from accounts.roles import Role

    author = User.objects.annotate(written=Count("articles")).order_by("-written", "pk")[0]
    author.set_password(password)
    author.save()
    roles.assign(author, Role.AUTHOR)
    return author


def questions(texts: list[str]) -> list[str]:
    """Pairs of words that very many articles have."""
    often = Counter(word for text in texts for word in set(re.findall(r"\b[a-z]{3,}\b", text.lower())))
    common = [word for word, _ in sorted(often.items(), key=lambda item: (-item[1], item[0]))[COMMON]]
    return [f"{first} {second}" for first, second in zip(common[::2], common[1::2], strict=True)]


if __name__ == "__main__":
    main(*sys.argv[1:])
