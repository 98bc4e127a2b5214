"""Runs the stacks in turn, several times over, and each kind of request against each."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time
from urllib.parse import quote

from benchmarks.bench import figures, kinds, load, processes
from benchmarks.bench.figures import Sample, Taken
from benchmarks.bench.kinds import KINDS, Kind
from benchmarks.bench.stacks import Place, Running, Stack, start

STARTING = 5.0  # seconds that a start and an end take, until they have been seen to


@dataclass(frozen=True)
class Pace:
    rounds: int
    warm_up: float  # seconds of each kind, before it is measured
    measured: float

    def seconds(self, stacks: Sequence[Stack]) -> float:
        each = self.warm_up + self.measured
        return self.rounds * sum(STARTING + each * len(stack.kinds) for stack in stacks)


@dataclass
class Measured:
    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=lambda: defaultdict(list))
    starts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    at_rest: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    loaded: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))


class Progress:
    """Says what runs and how long it will be, on one line of a terminal or now and then elsewhere."""

    def __init__(self, expected: float) -> None:
        self._began, self._expected, self._planned = perf_counter(), expected, 0.0

    def say(self, what: str, planned: float) -> None:
        """`planned` seconds of the whole plan lie behind; how these went says how the rest will go."""
        passed = perf_counter() - self._began
        pace = passed / self._planned if self._planned > 0.1 * self._expected else 1.0
        left = max(0.0, self._expected - self._planned) * pace
        line = f"{what:<72} about {clock(left)} left"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        self._planned += planned

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def measure(pairs: Sequence[tuple[Stack, Place]], pace: Pace) -> Measured:
    """A B C, A B C, ...: what slows the machine down for a while slows all of them."""
    measured, progress = Measured(), Progress(pace.seconds([stack for stack, _ in pairs]))
    for number in range(1, pace.rounds + 1):
        for stack, place in pairs:
            label = f"{number}/{pace.rounds}  {stack.title}"
            progress.say(f"{label}: starts", STARTING)
            with start(stack, place) as server:
                measured.starts[stack.name].append(server.started)
                keep_pages(stack, server, place)
                measured.at_rest[stack.name].append(server.memory())
                for name in stack.kinds:
                    progress.say(f"{label}: {KINDS[name].title}", pace.warm_up + pace.measured)
                    measured.samples[stack.name, name].append(one(KINDS[name], server, pace, stack.kept))
                measured.loaded[stack.name].append(server.memory())
    progress.end()
    return measured


def one(kind: Kind, server: Running, pace: Pace, kept: bool | None) -> Sample:
    requests = kinds.requests(kind, server.target)
    warmed = load.Outcome()
    if kind.warmed_up:
        warmed = load.run(server.target.port, requests, kind.expected, pace.warm_up)
    with clocked(server) as taken:
        outcome = load.run(server.target.port, requests, kind.expected, pace.measured)
    outcome.errors.update(warmed.errors)
    if kept is not None and kept != was_kept(outcome.head):
        outcome.errors["not out of the page cache" if kept else "out of the page cache"] += 1
    return figures.sample(outcome, taken)


@contextmanager
def clocked(server: Running) -> Iterator[Taken]:
    taken = Taken()
    before, busy, client = processes.now(), processes.busy(), process_time()
    yield taken
    taken.servers, taken.database = server.spent(before, processes.now())
    taken.machine, taken.client = processes.busy() - busy, process_time() - client


def was_kept(head: bytes) -> bool:
    """Whether an answer came out of a cache: as it was, or after the site had said that it still holds."""
    status = re.search(rb"\r\ncache-status:([^\r]*)", head, re.IGNORECASE)
    return bool(status and re.search(rb"; hit|fwd-status=304", status[1]))


def keep_pages(stack: Stack, server: Running, place: Place) -> None:
    """The site's own bytes are what its floors answer: gunicorn from memory, nginx from files."""
    if stack.server != "blogsite" or place.constants.exists():
        return
    target = server.target
    paths = {
        "home": "/",
        "article": f"/articles/{quote(place.facts['slugs'][0])}/",
        "list": f"{target.api}/articles/?limit={kinds.LIMIT}",
        "one": f"{target.api}/articles/{place.facts['ids'][0]}",
    }
    place.constants.mkdir()
    for name, path in paths.items():
        (place.constants / name).write_bytes(target.fetch(path)[2])
    status, headers, packed = target.fetch("/", {"Accept-Encoding": "gzip"})
    if (status, headers.get("content-encoding")) == (200, "gzip"):
        (place.constants / "home.gz").write_bytes(packed)
