"""The years, months and days above the desk's list of articles.

Django looks through all rows of the list for them. Kept counts know the months; whatever else the list is filtered by,
they are those of all that the person has on the desk.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from articles import access
from articles.admin.desk import Rows, who
from articles.models.article import ArticleQuerySet
from articles.models.tally import EVERYTHING, MOMENT, MONTHS, Kind, Stream

FIELD = "published_at"
PARTS = ["year", "month", "day"]
FORMATS = ["Y", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT"]


class DatedRows(Rows):
    """Offers its dates as `dates`, for admin/date_hierarchy.html."""

    desk: ArticleQuerySet  # all that the person has there

    def get_queryset(self, request: Any, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.desk = self.root_queryset  # type: ignore[assignment]
        person = who(request)
        sees_all = access.history(person) == access.EVERYTHING
        self.stream = EVERYTHING if sees_all else Stream(Kind.AUTHOR, person.pk)
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request: Any, queryset: QuerySet[Any]) -> list[Any]:
        """Of a year, in the order of the index that finds it, where no other is asked for."""
        ordering: list[Any] = super().get_ordering(request, queryset)
        chosen = f"{FIELD}__year" in self.params and ORDER_VAR not in self.params
        return [f"-{FIELD}", "-pk"] if chosen else ordering

    @property
    def dates(self) -> dict[str, Any]:
        asked = [int(number) for number in takewhile(bool, (self.params.get(f"{FIELD}__{part}", "") for part in PARTS))]
        return {"show": True, "back": self._back(asked), "choices": self._choices(asked)}

    def _choices(self, asked: list[int]) -> list[dict[str, str]]:
        match asked:
            case [year, month, day]:
                return [{"title": _title(date(year, month, day), 2)}]
            case [year, month]:
                start = _start(date(year, month, 1))
                of_month = self.desk.filter(**{f"{FIELD}__gte": start, f"{FIELD}__lt": _start(_next(start.date()))})
                return [self._choice(day.date(), 2) for day in of_month.datetimes(FIELD, "day")]
            case [year]:
                return [self._choice(month, 1) for month in self._months() if month.year == year]
        return [self._choice(date(year, 1, 1), 0) for year in sorted({month.year for month in self._months()})]

    def _back(self, asked: list[int]) -> dict[str, str] | None:
        if not asked:
            return None
        *above, _last = asked
        title = _title(date(above[0], [*above, 1][1], 1), len(above) - 1) if above else _("All dates")
        return {"link": self._link(above), "title": title}

    def _choice(self, day: date, depth: int) -> dict[str, str]:
        return {"link": self._link([day.year, day.month, day.day][: depth + 1]), "title": _title(day, depth)}

    def _link(self, numbers: list[int]) -> str:
        chosen = {f"{FIELD}__{part}": str(number) for part, number in zip(PARTS, numbers, strict=False)}
        return self.get_query_string(chosen, [f"{FIELD}__"])

    def _months(self) -> list[date]:
        """Those that hold some here. Counts are kept by months of UTC: what begins or ends a run of them is asked."""
        known = [(end - MOMENT).astimezone(UTC).date().replace(day=1) for end, _number in self.stream.periods(*MONTHS)]
        ends = {near for month in known for near in (_last(month), _next(month))}
        return sorted([*known, *(month for month in ends - set(known) if self._holds_any(month))])

    def _holds_any(self, month: date) -> bool:
        within = {f"{FIELD}__gte": _start(month), f"{FIELD}__lt": _start(_next(month))}
        return self.desk.filter(**within).order_by().exists()


def _last(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _title(day: date, depth: int) -> str:
    return capfirst(formats.date_format(day, FORMATS[depth]))
