"""How many live articles a list has, known without counting them, and where in it its Nth article stands.

The rows are written by the database's own triggers, which articles.counting makes. They count what has a date, come or
to come: of these the few that are yet to come are counted when somebody asks, so that nothing has to happen when an
article goes live by the clock alone. Months and days are those of UTC: where the site's begin some hours off, what lies
between is counted too, so that no clock is part of what is kept. It is asked in SQL of our own: each page of a list
begins with it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, TypedDict

from django.db import connection, models
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles.models.article import Article
from articles.models.taxonomy import Tag
from blogsite.prepared import ask

EVER = 0  # the period that is all of them
MONTHS, DAYS = (100_000, 999_999), (10_000_000, 99_999_999)
FEW = 500  # are walked past in less time than it takes to ask for a shorter way
MOMENT = timedelta(microseconds=1)  # the shortest that a database knows


class Tally(models.Model):
    """Of a list, so many articles with a date in a period, more or fewer: the sum of such rows is how many there are.

    In PostgreSQL each change adds rows, so that no writer waits for another; articles.counting.fold adds them up.
    """

    class Kind(models.TextChoices):
        ALL = "all"
        AUTHOR = "author"
        SERIES = "series"
        TAG = "tag"

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.BigIntegerField(help_text="Whose list it is, an id; 0 for the list of all.")
    period = models.IntegerField(help_text="A month, 202512; of all articles a day too, 20251205; 0 for ever.")
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "period", "number"], name="tally_asked")]

    def __str__(self) -> str:
        return f"{self.number:+} of {self.kind} {self.key} in {self.period}"


Kind = Tally.Kind


class Tagged(models.Model):
    """An article with a date under one of its tags, in the order of the tag's list. Written by triggers alone."""

    id = models.BigIntegerField(primary_key=True, help_text="As among all tags of articles.")
    tag = models.ForeignKey(Tag, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    article = models.ForeignKey(Article, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tag", "-published_at", "-article"], name="tagged_newest")]

    def __str__(self) -> str:
        return f"{self.article_id} under {self.tag_id}"


class Period(NamedTuple):
    """So many articles, all of them before this moment, and after that of the next."""

    end: datetime
    number: int


class Place(NamedTuple):
    """In a list, so many articles further than the newest before this moment."""

    before: datetime
    further: int


class Stream(NamedTuple):
    """A list of articles, the newest first: of all, or those of an author, a series or a tag."""

    kind: Kind = Kind.ALL
    key: int = 0

    def total(self) -> int:
        """How many are live. One query of a few rows."""
        dated = "SELECT coalesce(sum(number), 0) FROM articles_tally WHERE kind = %s AND key = %s AND period = 0"
        to_come = f"SELECT count(*) {self._rows} AND published_at > %s"
        params = [self.kind, self.key, self.key, connection.ops.adapt_datetimefield_value(timezone.now())]
        return int(ask(f"SELECT ({dated}) - ({to_come})", params)[0][0])

    def page(self, start: int, stop: int) -> QuerySet[Any]:
        return self.entries(self.place(start), stop - start)

    def entries(self, place: Place, number: int) -> QuerySet[Any]:
        """The ids of so many articles from there on, for another query to begin with. Found in an index alone."""
        if self.kind == Kind.TAG:
            ids: QuerySet[Any, Any] = (
                Tagged.objects.filter(tag=self.key).order_by("-published_at", "-article_id").values("article")
            )
        else:
            of = {} if self.kind == Kind.ALL else {f"{self.kind}_id": self.key}
            ids = Article.objects.filter(**of).newest().values("pk")
        return ids.filter(published_at__lt=place.before)[place.further : place.further + number]

    def place(self, skip: int) -> Place:
        """Where the article stands that has so many live ones before it. At most three queries."""
        now = timezone.now() + MOMENT
        if skip <= FEW:
            return Place(now, skip)
        place = _walk(self.periods(*MONTHS), Place(datetime.max.replace(tzinfo=UTC), skip + self.between(now)))
        if self.kind == Kind.ALL and place.further > FEW:
            last = place.before - MOMENT
            place = _walk(self.periods(_day(last.replace(day=1)), _day(last)), place)
        return place

    def periods(self, first: int, last: int) -> list[Period]:
        """From the last of these to the first, those that there are."""
        rows = _ask(
            "SELECT period, sum(number) FROM articles_tally WHERE kind = %s AND key = %s AND period BETWEEN %s AND %s"
            " GROUP BY period HAVING sum(number) <> 0 ORDER BY period DESC",
            [self.kind, self.key, first, last],
        )
        return [Period(_end(period), int(number)) for period, number in rows]

    def between(self, start: datetime, end: datetime | None = None) -> int:
        """How many have a date from the one moment on and before the other, counted."""
        sql = f"SELECT count(*) {self._rows} AND published_at >= %s"
        found = _ask(f"{sql} AND published_at < %s", [self.key, start, end]) if end else _ask(sql, [self.key, start])
        return int(found[0][0])

    @property
    def _rows(self) -> str:
        return ROWS[self.kind]


ARTICLES = "FROM articles_article WHERE kind = 'article' AND"
ROWS = {
    Kind.ALL: f"{ARTICLES} 0 = %s",
    Kind.AUTHOR: f"{ARTICLES} author_id = %s",
    Kind.SERIES: f"{ARTICLES} series_id = %s",
    Kind.TAG: "FROM articles_tagged WHERE tag_id = %s",
}
EVERYTHING = Stream()


class Span(NamedTuple):
    """The articles of a time, the newest first: from the one moment on, and before the other."""

    start: datetime
    end: datetime

    def total(self) -> int:
        return EVERYTHING.between(self.start, min(self.end, timezone.now() + MOMENT))

    def page(self, start: int, stop: int) -> QuerySet[Any]:
        return EVERYTHING.entries(self.place(start), stop - start)

    def place(self, skip: int) -> Place:
        """Where the article stands that has so many live ones of this time before it. At most three queries."""
        now = timezone.now() + MOMENT
        if skip <= FEW:
            return Place(min(self.end, now), skip)
        to_come = EVERYTHING.between(now, self.end) if self.end > now else 0
        days = EVERYTHING.periods(_day(self.start), _day(self.end) - 1)
        return _walk(self._last_day() + days, Place(self.end, skip + to_come))

    def _last_day(self) -> list[Period]:
        """What is of the day in UTC on which it ends."""
        midnight = self.end.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight == self.end:
            return []
        return [Period(self.end, EVERYTHING.between(max(midnight, self.start), self.end))]


class Month(TypedDict):
    month: date
    count: int


def months(zone: tzinfo, year: int | None = None) -> list[Month]:
    """Each month in this time zone, or in a year of it, that has live articles, the latest first. Three queries."""
    first, last = MONTHS if year is None else ((year - 1) * 100 + 12, (year + 1) * 100 + 1)
    found = EVERYTHING.periods(first, last)
    counts = Counter({_first(end - MOMENT): number for end, number in found})
    starts = sorted({*counts, *(_first(end) for end, _number in found)})
    for month, number in _shifted(starts, zone):
        counts[month] += number
    for moment in Article.objects.scheduled().order_by().values_list("published_at", flat=True):
        counts[_first(moment.astimezone(zone))] -= 1  # type: ignore[union-attr]  # these have one
    wanted = sorted((month for month in counts if year in (None, month.year)), reverse=True)
    return [Month(month=month, count=counts[month]) for month in wanted if counts[month] > 0]


def counted(kind: Kind, at: datetime | Combinable | None = None) -> Combinable:
    """For `annotate(article_count=…)` of those whose lists are of this kind: how many live articles each has."""
    if kind == Kind.TAG:
        rows: QuerySet[Any] = Tagged.objects.filter(tag=OuterRef("pk")).order_by().values("tag")
    else:
        rows = Article.objects.filter(**{kind: OuterRef("pk")}).order_by().values(str(kind))
    to_come = rows.filter(published_at__gt=at or timezone.now()).annotate(number=Count("*")).values("number")
    return dated(kind) - Coalesce(Subquery(to_come), 0)


def dated(kind: Kind) -> Combinable:
    """The same of all that have a date, be it to come."""
    of = Tally.objects.filter(kind=kind, key=OuterRef("pk"), period=EVER).values("key")
    return Coalesce(Subquery(of.annotate(total=Sum("number")).values("total")), 0)


def _shifted(starts: Iterable[date], zone: tzinfo) -> Iterator[tuple[date, int]]:
    """What months gain and lose that begin at another moment here than in UTC. One query, or none."""
    gaps = [(start, *_gap(start, zone)) for start in starts]
    gaps = [(start, low, high) for start, low, high in gaps if low < high]
    if not gaps:
        return
    rows = ", ".join(["(%s, %s, %s)"] * len(gaps))
    found = _ask(
        f"SELECT gap.column1, (SELECT count(*) {ARTICLES} published_at >= gap.column2 AND published_at < gap.column3)"
        f" FROM (VALUES {rows}) AS gap",
        [value for number, (_start, low, high) in enumerate(gaps) for value in (number, low, high)],
    )
    for number, count in found:
        start = gaps[number][0]
        earlier = _first(_midnight(start) - MOMENT)
        here_first = _local(start, zone) < _midnight(start)
        yield start, count if here_first else -count
        yield earlier, -count if here_first else count


def _gap(start: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Between the beginnings of a month in UTC and here, whichever is first."""
    first, last = sorted([_midnight(start), _local(start, zone)])
    return first, last


def _local(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _first(moment: datetime) -> date:
    return date(moment.year, moment.month, 1)


def _day(moment: datetime) -> int:
    """A day's period."""
    day = moment.astimezone(UTC)
    return day.year * 10_000 + day.month * 100 + day.day


def _end(period: int) -> datetime:
    """When a month or a day ends."""
    if period <= MONTHS[1]:
        year, month = divmod(period, 100)
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    month, day = divmod(period, 100)
    return datetime(month // 100, month % 100, day, tzinfo=UTC) + timedelta(days=1)


def _walk(periods: Iterable[Period], place: Place) -> Place:
    """The same place, told from nearer by: from the beginning of the period that it lies in."""
    further = place.further
    for end, number in periods:
        if further < number:
            return Place(end, further)
        further -= number
    return place  # past the last


def _ask(sql: str, params: Iterable[Any]) -> list[Any]:
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(sql, [adapt(value) if isinstance(value, datetime) else value for value in params])
        return list(cursor.fetchall())
