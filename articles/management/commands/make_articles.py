"""Many made-up articles: to see how the site does with as many as it may one day have."""

import random
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.models import User
from articles import markup, slugs
from articles.models import Article, Entry, SlugHistory, Tag
from articles.search import index

AT_ONCE = 1000
YEARS = 15
AUTHORS, TAGS, TAGS_EACH = 40, 120, 3
LANGUAGES = {"en": 0.96, "ja": 0.04}
# Of each language: what its words are made of, how many there are, what stands between them, what ends a sentence
SYLLABLES = {
    "en": "ba be co da de di el en er fo ga hi in ka la le lo ma me mi na no or pa pe ra re ri so sta ta ten to tri ul",
    "ja": "日 本 語 人 大 学 生 山 川 東 京 都 水 火 木 金 土 新 聞 会 時 間 今 年 の は を に が で も と から まで",
}
WORDS, GAPS, STOPS = {"en": 20_000, "ja": 4_000}, {"en": " ", "ja": ""}, {"en": ". ", "ja": "。"}


class Command(BaseCommand):
    help = "Fill the database with made-up articles, for tries and measurements. The same seed makes the same ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="also on a site in production that has articles")

    def handle(self, *, number: int, seed: int, yes: bool, **options: Any) -> None:
        if number < 1:
            raise CommandError("Say how many: one at least.")
        if settings.PRODUCTION and not yes and Article.objects.exists():
            raise CommandError("This site is in production and has articles. To add made-up ones, say --yes.")
        started = perf_counter()
        maker = Maker(seed)
        with self._bar(number) as bar:
            for start in range(0, number, AT_ONCE):
                count = min(AT_ONCE, number - start)
                maker.save(count)
                bar.update(count)
                if bar.disable:
                    self.stderr.write(f"{start + count} of {number} articles")
        _settle()
        seconds = perf_counter() - started
        self.stdout.write(f"{number} articles in {seconds:.1f} s, {number / seconds:.0f} a second")

    def _bar(self, number: int) -> "tqdm[Any]":
        return tqdm(total=number, unit="article", smoothing=0, disable=not sys.stderr.isatty())


class Language:
    """Words by Zipf's law: the second most common is half as common as the first, the third a third."""

    def __init__(self, name: str, chance: random.Random) -> None:
        syllables = SYLLABLES[name].split()
        self._gap, self._stop, self._random = GAPS[name], STOPS[name], chance
        made = ("".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(WORDS[name] * 2))
        self.words = list(dict.fromkeys(made))[: WORDS[name]]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))

    def sentence(self, length: int) -> str:
        chosen = self._random.choices(self.words, cum_weights=self._weights, k=length)
        return self._gap.join(chosen).capitalize()

    def paragraph(self, length: int) -> str:
        return self._stop.join([*(self.sentence(10) for _ in range(length // 10)), ""]).strip()


class Maker:
    """Makes articles, with all that saving them one by one would make. They have no revisions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # not for secrets
        self._languages = {name: Language(name, self._random) for name in SYLLABLES}
        self._authors = [self._author(number) for number in range(AUTHORS)]
        self._tags = [self._tag(number) for number in range(TAGS)]
        self._began = timezone.now()

    @transaction.atomic
    def save(self, count: int) -> None:
        first = (Article._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        made = list(self._articles(first, count))
        tags = {article.slug: self._random.sample(self._tags, TAGS_EACH) for article in made}
        articles = Article.objects.bulk_create(made)
        SlugHistory.objects.bulk_create(SlugHistory(slug=article.slug, article=article) for article in articles)
        under = Article.tags.through
        under.objects.bulk_create(under(article=article, tag=tag) for article in articles for tag in tags[article.slug])
        Entry.objects.bulk_create(index.entry(article, tags[article.slug]) for article in articles)

    def _articles(self, first: int, count: int) -> Iterator[Article]:
        names, weights = list(LANGUAGES), list(LANGUAGES.values())
        for number, name in enumerate(self._random.choices(names, weights, k=count), start=first):
            language = self._languages[name]
            title = language.sentence(self._random.randint(3, 8))[:200]
            lengths = [self._random.randint(30, 70) for _ in range(1 + int(self._random.expovariate(0.5)))]
            paragraphs = [language.paragraph(length) for length in lengths]
            moment = self._began - timedelta(days=self._random.uniform(0, 365.25 * YEARS))
            yield Article(
                title=title,
                slug=f"{slugs.make(title)[:80].strip('-')}-{number}",
                author=self._random.choice(self._authors),
                summary=(summary := paragraphs[0][:150]),
                excerpt=summary,
                content="\n\n".join(paragraphs),
                content_html="".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs),
                word_count=sum(lengths),
                rendered_by=markup.VERSION,
                language="" if name == "en" else name,
                created_at=moment,
                updated_at=moment,
                published_at=moment,
            )

    def _author(self, number: int) -> User:
        """Nobody can sign in as them."""
        username = f"made-up-{number + 1}"
        name = self._languages["en"].sentence(2).title()
        return User.objects.by_login(username) or User.objects.create_user(
            username, f"{username}@example.invalid", name=name
        )

    def _tag(self, number: int) -> Tag:
        return Tag.objects.named(f"{self._languages['en'].words[number * 50]} {number + 1}")


def _settle() -> None:
    """What PostgreSQL does by itself minutes later: count what it has, and sort what came last into its indexes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            for name in ("articles_entry_head", "articles_entry_words"):
                cursor.execute("SELECT gin_clean_pending_list(%s)", [name])
