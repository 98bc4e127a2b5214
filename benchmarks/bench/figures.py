"""What was measured, and what is made of it: medians, ratios, bounds."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from benchmarks.bench.kinds import KINDS
from benchmarks.bench.load import Outcome


@dataclass(frozen=True)
class Sample:
    """One run of one kind of request against one stack."""

    answered: int
    per_second: float
    p50: float  # milliseconds
    p99: float
    cpu: float  # milliseconds of processor time a request: all servers, the database too
    database: float  # the part of it that was the database's
    others: float  # processors that were busy with something else meanwhile
    size: float  # bytes of an answer, with its headers
    errors: dict[str, int] = field(default_factory=dict)


@dataclass
class Taken:
    """Seconds of processor time during a run."""

    servers: float = 0.0
    database: float = 0.0
    machine: float = 0.0  # of all processes that there are
    client: float = 0.0  # our own


def sample(outcome: Outcome, taken: Taken) -> Sample:
    answered = max(1, outcome.answered)
    accounted = taken.servers + taken.database + taken.client
    return Sample(
        answered=outcome.answered,
        per_second=outcome.answered / outcome.seconds,
        p50=1000 * percentile(outcome.latencies, 0.5),
        p99=1000 * percentile(outcome.latencies, 0.99),
        cpu=1000 * (taken.servers + taken.database) / answered,
        database=1000 * taken.database / answered,
        others=max(0.0, taken.machine - accounted) / outcome.seconds,
        size=outcome.received / answered,
        errors=dict(outcome.errors),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them doesn't exceed."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)] if values else 0.0


@dataclass(frozen=True)
class Figure:
    """The medians of several runs."""

    stack: str
    kind: str
    per_second: float
    p50: float
    p99: float
    cpu: float
    least: float  # of the runs' processor times
    most: float
    database: float
    others: float
    size: float
    errors: dict[str, int]
    runs: int


MEDIANS = ("per_second", "p50", "p99", "cpu", "database", "others", "size")


def figure(stack: str, kind: str, samples: Sequence[Sample]) -> Figure:
    medians = {name: statistics.median(getattr(each, name) for each in samples) for name in MEDIANS}
    errors: dict[str, int] = {}
    for each in samples:
        for what, number in each.errors.items():
            errors[what] = errors.get(what, 0) + number
    times = [each.cpu for each in samples]
    return Figure(
        stack, kind, **medians, least=min(times), most=max(times), errors=errors, 
        runs=len(samples),
    )  # fmt: skip


Figures = dict[tuple[str, str], Figure]


def collect(samples: dict[tuple[str, str], list[Sample]]) -> Figures:
    return {key: figure(*key, some) for key, some in samples.items()}


@dataclass(frozen=True)
class Bound:
    """What a figure is held against: so many times another one of the same run, or so many milliseconds."""

    request: str
    of: tuple[str, str]
    times: float
    against: tuple[str, str] | None = None  # none: milliseconds


GUNICORN, NGINX, AS_IT_IS, AT_ITS_BEST = "gunicorn", "nginx", "fastapi", "fastapi best"
CACHED, FRONTED, ANEW = "postgresql", "postgresql nginx", "postgresql anew"
BOUNDS = [
    Bound("home page, cached", (CACHED, "home"), 1.3, (GUNICORN, "home")),
    Bound("article page, cached", (CACHED, "article"), 1.3, (GUNICORN, "article")),
    Bound("API list of 100, cached", (CACHED, "list"), 1.3, (GUNICORN, "list")),
    Bound("API article, cached", (CACHED, "one"), 1.3, (GUNICORN, "one")),
    Bound("home page through nginx, cached", (FRONTED, "home"), 1.5, (NGINX, "home")),
    Bound("home page through nginx, cached, gzip", (FRONTED, "gzip"), 1.5, (NGINX, "gzip")),
    Bound("304", (CACHED, "304"), 1, (CACHED, "home")),
    Bound("home page, anew", (ANEW, "home"), 5),
    Bound("article page, anew", (ANEW, "articles"), 4),
    Bound("tag page, anew", (ANEW, "tag"), 5),
    Bound("RSS of 20 whole articles, anew", (ANEW, "rss"), 5),
    Bound("search of two common words, anew", (ANEW, "search"), 20),
    Bound("API list of 100, anew", (ANEW, "list"), 1 / 2, (AT_ITS_BEST, "list")),
    Bound("API list of 100, cached", (CACHED, "list"), 1 / 25, (AT_ITS_BEST, "list")),
    Bound("API article, anew", (ANEW, "ones"), 1, (AT_ITS_BEST, "ones")),
    Bound("API article, cached", (CACHED, "one"), 1 / 4, (AT_ITS_BEST, "ones")),
    Bound("API POST of 4 kB", (ANEW, "post"), 1.3, (AS_IT_IS, "post")),
    Bound("API PATCH of 4 kB", (ANEW, "patch"), 1.3, (AS_IT_IS, "patch")),
    Bound("API login", (ANEW, "login"), 1 / 3, (AS_IT_IS, "login")),
]
MEMORY, START = 80.0, 2.0  # megabytes a worker; seconds
GROWTH = 1.3  # with a thousand times as many articles


@dataclass(frozen=True)
class Verdict:
    request: str
    measured: float
    unit: Literal["×", "ms", "MB", "s"]
    bound: float
    against: str = ""

    errors: bool = False  # what wasn't answered rightly took no time either

    @property
    def met(self) -> bool:
        return self.measured <= self.bound and not self.errors


def verdicts(figures: Figures, bounds: Iterable[Bound] = BOUNDS) -> list[Verdict]:
    """Of those bounds whose figures there are."""
    found = []
    for bound in bounds:
        if bound.of not in figures or (bound.against and bound.against not in figures):
            continue
        ours, errors = figures[bound.of].cpu, bool(figures[bound.of].errors)
        if bound.against is None:
            found.append(Verdict(bound.request, ours, "ms", bound.times, errors=errors))
        elif theirs := figures[bound.against].cpu:
            found.append(Verdict(bound.request, ours / theirs, "×", bound.times, bound.against[0], errors))
    return found


def growth(figures: Figures, small: str, large: str, way: str) -> list[Verdict]:
    """Each kind with very many articles against few."""
    return [
        Verdict(f"{KINDS[kind].title}, {way}", figure.cpu / few.cpu, "×", GROWTH, small, bool(figure.errors))
        for (stack, kind), figure in figures.items()
        if stack == large and (few := figures.get((small, kind))) and few.cpu
    ]


def as_json(figures: Figures) -> list[dict[str, Any]]:
    return [asdict(figure) for figure in figures.values()]
