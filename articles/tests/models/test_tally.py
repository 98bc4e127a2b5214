"""Kept counts, whatever is done to articles and whichever way, are what one finds by counting."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, DateField
from django.db.models.functions import TruncMonth
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from accounts.tests.api.machine import Example, run
from articles import apps, counting
from articles.models import Article, Tag, Tagged, Tally, tally
from articles.models.tally import EVERYTHING, Kind, Span, Stream
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory
from blogsite.tests.threads import at_once, while_unsaved

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu", "Etc/GMT+12"]
HERE = 3  # authors, tags and series that there are

numbers = st.integers(0, HERE - 1)
hours = st.one_of(st.none(), st.integers(-60 * 24, 10 * 24), st.sampled_from([-12, -4, -1, 0, 1, 10]))
some = st.sets(st.integers(0, 12), max_size=4)
fields = st.fixed_dictionaries(
    {"published_at": hours, "author": numbers, "series": st.one_of(st.none(), numbers)},
)


def pks(articles: Any) -> list[int]:
    return list(articles.newest().values_list("pk", flat=True))


def paged(articles: Stream | Span, total: int) -> list[int]:
    """The ids of all, three on a page."""
    pages = (articles.page(start, min(start + 3, total)) for start in range(0, total, 3))
    return [pk for page in pages for row in page for pk in row.values()]


class Newsroom(Example):
    """Articles that are made, moved and deleted by the ways that there are into the database."""

    @initialize()
    def people(self) -> None:
        self.made = 0
        self.authors: list[Any] = [UserFactory() for _ in range(HERE)]
        self.tags: list[Any] = [TagFactory() for _ in range(HERE)]
        self.series: list[Any] = [SeriesFactory() for _ in range(HERE)]

    def these(self, places: set[int]) -> Any:
        pks = list(Article._base_manager.order_by("pk").values_list("pk", flat=True))
        return Article._base_manager.filter(pk__in=[pks[place] for place in places if place < len(pks)])

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        hour, series = given["published_at"], given["series"]
        return {
            "published_at": None if hour is None else self.now + timedelta(hours=hour),
            "author": self.authors[given["author"]],
            "series": None if series is None else self.series[series],
        }

    @rule(given=fields, tags=st.sets(numbers))
    def one_is_made(self, given: dict[str, Any], tags: set[int]) -> None:
        ArticleFactory(**self.values(given), tags=[self.tags[tag] for tag in tags])

    @rule(given=st.lists(fields, min_size=2, max_size=5), tag=numbers)
    def many_are_made_at_once(self, given: list[dict[str, Any]], tag: int) -> None:
        made = [ArticleFactory.build(**self.values(each), word_count=9) for each in given]
        for number, article in enumerate(made):
            article.slug = f"slug-{self.made}-{number}"
        self.made += 1
        Article.objects.bulk_create(made)
        under = Article.tags.through
        under.objects.bulk_create(under(article=article, tag=self.tags[tag]) for article in made)

    @rule(places=some, given=fields)
    def some_are_changed_at_once(self, places: set[int], given: dict[str, Any]) -> None:
        self.these(places).update(**self.values(given))

    @rule(places=some, hour=hours)
    def some_are_published_scheduled_or_withdrawn(self, places: set[int], hour: int | None) -> None:
        for article in self.these(places):
            article.published_at = None if hour is None else self.now + timedelta(hours=hour)
            article.save(update_fields=["published_at"])

    @rule(places=some, kind=st.sampled_from(Article.Kind.values))
    def some_become_pages_or_articles(self, places: set[int], kind: str) -> None:
        self.these(places).update(kind=kind)

    @rule(places=some, tags=st.sets(numbers))
    def some_get_other_tags(self, places: set[int], tags: set[int]) -> None:
        for article in self.these(places):
            article.tags.set([self.tags[tag] for tag in tags])

    @rule(one=numbers, other=numbers)
    def a_tag_s_articles_go_under_another(self, one: int, other: int) -> None:
        under = Article.tags.through.objects
        there = under.filter(tag=self.tags[other]).values("article")
        under.filter(tag=self.tags[one]).exclude(article__in=list(there.values_list("article", flat=True))).update(
            tag=self.tags[other]
        )

    @rule(places=some)
    def some_are_deleted(self, places: set[int]) -> None:
        self.these(places).delete()

    @rule(which=numbers)
    def an_author_goes_with_all_articles(self, which: int) -> None:
        self.authors[which].delete()
        self.authors[which] = UserFactory()

    @rule(which=numbers)
    def a_tag_and_a_series_go(self, which: int) -> None:
        self.tags[which].delete()
        self.series[which].delete()
        self.tags[which], self.series[which] = TagFactory(), SeriesFactory()

    @rule()
    def rows_are_put_together(self) -> None:
        counting.fold()

    @rule(hours=st.integers(-24, 40 * 24))
    def time_passes(self, hours: int) -> None:
        self.move_clock(timedelta(hours=hours))

    @invariant()
    def kept_counts_are_those_one_finds_by_counting(self) -> None:
        live = Article.objects.live()
        lists = {EVERYTHING: live}
        lists |= {Stream(Kind.AUTHOR, each.pk): live.filter(author=each) for each in self.authors}
        lists |= {Stream(Kind.SERIES, each.pk): live.filter(series=each) for each in self.series}
        lists |= {Stream(Kind.TAG, each.pk): live.filter(tags=each) for each in self.tags}
        assert {stream: stream.total() for stream in lists} == {each: found.count() for each, found in lists.items()}
        for stream, found in lists.items():
            if stream.kind != Kind.SERIES:
                assert paged(stream, found.count() + 1) == pks(found)

    @invariant()
    def the_pages_of_a_time_have_its_articles(self) -> None:
        for name, year in product(ZONES[:3], (self.now.year, self.now.year - 5)):
            zone = ZoneInfo(name)
            span = Span(datetime(year, 5, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone))
            found = Article.objects.live().filter(published_at__gte=span.start, published_at__lt=span.end)
            assert paged(span, found.count()) == pks(found)

    @invariant()
    def months_are_those_one_finds_by_counting(self) -> None:
        for name in ZONES:
            zone = ZoneInfo(name)
            month = TruncMonth("published_at", output_field=DateField(), tzinfo=zone)
            found = Article.objects.live().order_by().values(month=month).annotate(count=Count("pk")).order_by("-month")
            assert tally.months(zone) == list(found)
            year = self.now.year
            assert tally.months(zone, year) == [each for each in found if each["month"].year == year]


def test_kept_counts_and_places_are_right_at_every_step(monkeypatch):
    monkeypatch.setattr(tally, "FEW", 0)
    run(Newsroom, examples=5, steps=12)


@pytest.mark.once
def test_where_a_tag_s_list_goes_on_is_read_from_its_own_rows_alone():
    assert "JOIN" not in str(Stream(Kind.TAG, 1).page(0, 10).query)


def folded() -> list[tuple[Any, ...]]:
    """All that is kept, each list's period once."""
    counting.fold()
    rows = Tally.objects.exclude(number=0).order_by("kind", "key", "period")
    return list(rows.values_list("kind", "key", "period", "number"))


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_and_those_who_put_rows_together_lose_no_article():
    author, tag = UserFactory(), TagFactory()

    def write(number):
        if number % 4 == 3:
            return [counting.fold() for _ in range(5)]
        return [ArticleFactory(author=author, live=True, tags=[tag], slug=f"slug-{number}-{n}") for n in range(5)]

    assert not [problem for problem in at_once(write, 8) if isinstance(problem, Exception)]
    assert {each.total() for each in (EVERYTHING, Stream(Kind.AUTHOR, author.pk), Stream(Kind.TAG, tag.pk))} == {30}
    assert len(folded()) == len({row[:3] for row in folded()})


@pytest.mark.django_db(transaction=True)
def test_an_article_filed_while_its_date_changes_stands_where_it_belongs():
    article, tag = ArticleFactory(), TagFactory()
    while_unsaved(
        lambda: Article.objects.filter(pk=article.pk).update(published_at=timezone.now()),
        lambda: article.tags.add(tag),
    )
    assert Stream(Kind.TAG, tag.pk).total() == 1
    while_unsaved(
        lambda: article.tags.remove(tag), lambda: Article.objects.filter(pk=article.pk).update(published_at=None)
    )
    assert (Stream(Kind.TAG, tag.pk).total(), Tagged.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_what_changed_while_the_triggers_were_away_is_counted_when_they_are_back():
    ArticleFactory(live=True, tags=[TagFactory()])
    before = folded()
    counting.remove()
    ArticleFactory(live=True, tags=[tag := TagFactory()])
    assert folded() == before
    counting.prepare()
    assert (EVERYTHING.total(), Stream(Kind.TAG, tag.pk).total()) == (2, 1)
    kept = folded()
    counting.recount()
    assert folded() == kept


def test_where_all_triggers_are_there_one_query_says_so(django_assert_num_queries):
    with django_assert_num_queries(5):  # four of them for savepoints
        counting.prepare()


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_leaves_nothing_counted():
    ArticleFactory(live=True, tags=[TagFactory()])
    call_command("flush", interactive=False, verbosity=0)
    assert (folded(), Tagged.objects.count(), EVERYTHING.total()) == ([], 0, 0)
    ArticleFactory(live=True)
    assert EVERYTHING.total() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Others change a table where it stands.")
@pytest.mark.django_db(transaction=True)
def test_a_migration_can_make_any_table_anew_and_loses_no_trigger():
    ArticleFactory(live=True, tags=[TagFactory()])
    apps.take_away("default", plan=["something"])
    with connection.schema_editor() as editor:
        for model in (Article, Tag, Article.tags.through, Tagged, Tally):
            editor._remake_table(model)
    apps.prepare("default")
    ArticleFactory(live=True)
    assert EVERYTHING.total() == 2
