"""`make bench`: measures blogsite beside its peers, and says what it found. See docs/speed.md."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import psycopg
import redis

from benchmarks.bench import chart, figures, machine, report, runs, servers, stacks
from benchmarks.bench.databases import Databases, Redis
from benchmarks.bench.servers import ROOT
from benchmarks.bench.stacks import Place, Stack

FOLDER = ROOT / "var" / "bench"
PEER = FOLDER / "fastapi" / "bin" / "python"
DATABASE = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"
ARTICLES, QUICK_ARTICLES, SMALL = 10_000, 1_000, 1_000
PACE, QUICK = runs.Pace(rounds=3, warm_up=0.7, measured=3), runs.Pace(rounds=2, warm_up=0.2, measured=0.6)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        document = compare_sizes(options) if options.size else bench(options)
    except servers.NotStarted as error:
        print(f"\nIt could not be measured: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. All that was started has ended, all that was made is gone.", file=sys.stderr)
        return 130
    return 1 if any(figure["errors"] for figure in document["figures"]) else 0


def stop(number: int, frame: FrameType | None) -> None:
    """Once: what is being put away then must not be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="in less than three minutes: fewer articles, shorter runs")
    parser.add_argument("--articles", type=int, metavar="N", help=f"default: {ARTICLES:,}, or {QUICK_ARTICLES:,} quick")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each is measured")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long each is measured, each time")
    parser.add_argument("--only", nargs="+", metavar="STACK", choices=[stack.name for stack in stacks.ALL])
    parser.add_argument("--kinds", nargs="+", metavar="KIND", help="of requests, by their short names")
    parser.add_argument("--size", type=int, metavar="N", help=f"compares so many articles with {SMALL:,} instead")
    parser.add_argument("--publish", action="store_true", help="also writes docs/speed.svg and docs/figures.md")
    return parser.parse_args(arguments)


def bench(options: argparse.Namespace) -> dict[str, Any]:
    number = options.articles or (QUICK_ARTICLES if options.quick else ARTICLES)
    with ExitStack() as ends:
        place = prepare(ends)
        wanted, missing = choose(options, place)
        announce(wanted, missing, pace_of(options))
        fill(place, wanted, number)
        measured = runs.measure([(stack, place) for stack in wanted], pace_of(options))
        document = conclude(measured, place, pace_of(options), missing, wanted)
    publish(document, options.publish)
    return document


def compare_sizes(options: argparse.Namespace) -> dict[str, Any]:
    """The same requests to the same site, with few articles and with very many."""
    ways = [stack for stack in stacks.POSTGRESQL if not stack.nginx]
    with ExitStack() as ends:
        place = prepare(ends)
        if not place.databases:
            raise servers.NotStarted("it wants PostgreSQL: BENCH_DATABASE_URL")
        large = replace(place, folder=place.folder / "large", facts={}, templates={}, copies=False)
        large.folder.mkdir()
        for each, number in ((place, SMALL), (large, options.size)):
            print(f"Making {number:,} articles ...", file=sys.stderr)
            each.fill("postgresql", number)
        pairs = [
            (replace(stack, name=f"{stack.name} {size}", title=f"{stack.title}, {size:,} articles"), each)
            for stack in ways
            for each, size in ((place, SMALL), (large, options.size))
        ]
        measured = runs.measure(pairs, pace_of(options))
        document = conclude(measured, large, pace_of(options), {}, [stack for stack, _ in pairs])
    found = figures.collect(measured.samples)
    document["verdicts"] = [
        {**asdict(each), "met": each.met}
        for stack in ways
        for each in figures.growth(
            found, f"{stack.name} {SMALL}", f"{stack.name} {options.size}", "cached" if stack.cached else "anew"
        )
    ]
    write(document, "size.json")
    print(report.terminal(document))
    return document


def pace_of(options: argparse.Namespace) -> runs.Pace:
    pace = QUICK if options.quick else PACE
    return replace(pace, rounds=options.rounds or pace.rounds, measured=options.seconds or pace.measured)


def prepare(ends: ExitStack) -> Place:
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=FOLDER))
    folder.chmod(0o755)  # nginx's workers may be somebody else
    ends.callback(shutil.rmtree, folder, ignore_errors=True)
    databases = shared = None
    try:
        databases = ends.enter_context(Databases(os.environ.get("BENCH_DATABASE_URL", DATABASE)))
    except psycopg.OperationalError as error:
        print(f"No PostgreSQL: {str(error).strip()}", file=sys.stderr)
    try:
        shared = Redis(os.environ.get("BENCH_REDIS_URL", REDIS))
    except (redis.RedisError, LookupError) as error:
        print(f"No Redis: {error}", file=sys.stderr)
    return Place(folder, databases, shared, PEER if PEER.exists() else None)


def choose(options: argparse.Namespace, place: Place) -> tuple[list[Stack], dict[str, str]]:
    """The stacks that can be measured here, and what those lack that can't."""
    chosen = [stack for stack in stacks.ALL if not options.only or stack.name in options.only]
    if options.quick and not options.only:
        quick = stacks.QUICK_STACKS if place.databases else stacks.QUICK_WITHOUT_POSTGRESQL
        chosen = [stack for stack in chosen if stack.name in quick]
    kinds = set(options.kinds or (stacks.QUICK_KINDS if options.quick else ())) or None
    chosen = [
        replace(stack, kinds=tuple(kind for kind in stack.kinds if kinds is None or kind in kinds)) for stack in chosen
    ]
    missing = {stack.title: lack for stack in chosen if (lack := place.missing(stack))}
    return [stack for stack in chosen if stack.kinds and not place.missing(stack)], missing


def announce(wanted: Sequence[Stack], missing: dict[str, str], pace: runs.Pace) -> None:
    print(
        f"{len(wanted)} stacks, {sum(len(stack.kinds) for stack in wanted)} measurements, {pace.rounds} rounds: "
        f"about {runs.clock(pace.seconds(wanted))}, after the articles are made.",
        file=sys.stderr,
    )
    for title, lack in missing.items():
        print(f"Left out: {title}, for want of {lack}.", file=sys.stderr)


def fill(place: Place, wanted: Sequence[Stack], number: int) -> None:
    began = perf_counter()
    used = {stack.database for stack in wanted}
    for kind in ("postgresql", "sqlite"):
        if kind in used or (kind == "sqlite" and not place.databases):
            print(f"Making {number:,} articles: {kind} ...", file=sys.stderr)
            place.fill(kind, number)
    if any(stack.server == "fastapi" for stack in wanted):
        place.fill_peer()
    print(f"Made in {perf_counter() - began:.0f} s.", file=sys.stderr)


def conclude(
    measured: runs.Measured, place: Place, pace: runs.Pace, missing: dict[str, str], wanted: Sequence[Stack]
) -> dict[str, Any]:
    found = figures.collect(measured.samples)
    verdicts = [*figures.verdicts(found), *report.of_processes(measured)]
    return {
        "machine": machine.describe(place),
        "pace": asdict(pace),
        "articles": place.facts["articles"],
        "bytes": place.facts["bytes"],
        "titles": {stack.name: stack.title for stack in wanted},
        "left_out": missing,
        "figures": figures.as_json(found),
        "verdicts": [{**asdict(verdict), "met": verdict.met} for verdict in verdicts],
        "starts": measured.starts,
        "at_rest": measured.at_rest,
        "loaded": measured.loaded,
    }


def publish(document: dict[str, Any], to_docs: bool) -> None:
    write(document, "bench.json")
    (FOLDER / "speed.svg").write_text(chart.draw(document))
    print(report.terminal(document))
    if to_docs:
        (ROOT / "docs" / "speed.svg").write_text(chart.draw(document))
        (ROOT / "docs" / "figures.md").write_text(report.markdown(document))


def write(document: dict[str, Any], name: str) -> None:
    (FOLDER / name).write_text(json.dumps(document, indent=1))
    print(f"Written: {(FOLDER / name).relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
