"""What was measured, as tables: for the terminal, and for the documentation."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.bench.figures import AS_IT_IS, AT_ITS_BEST, GUNICORN, MEMORY, NGINX, START, Verdict
from benchmarks.bench.kinds import ALL
from benchmarks.bench.runs import Measured

Row = list[str]
HEAD = ["request", "served by", "req/s", "p50 ms", "p99 ms", "CPU ms", "of it database"]
PEERS = {GUNICORN: "× gunicorn", NGINX: "× nginx", AS_IT_IS: "× FastAPI", AT_ITS_BEST: "× its best"}
# What a peer has no request of the same name for, and the one that stands for it
STAND_INS = {
    **{(peer, "one"): "ones" for peer in (AS_IT_IS, AT_ITS_BEST)},
    **{(peer, kind): "article" for peer in (GUNICORN, NGINX) for kind in ("articles", "tag")},
    **{(peer, "ones"): "one" for peer in (GUNICORN, NGINX)},
    **{(peer, "304"): "home" for peer in (GUNICORN, NGINX)},
    (GUNICORN, "gzip"): "home",
    (GUNICORN, "brotli"): "home",
}
DISTURBED = 0.15  # of a processor that was busy with something else


def of_processes(measured: Measured) -> list[Verdict]:
    """Memory and start of the site with PostgreSQL, or with what there was."""
    name = next((name for name in ("postgresql", "sqlite") if measured.starts.get(name)), None)
    if name is None:
        return []
    worker = statistics.median(each["worker"] for each in measured.at_rest[name])
    started = statistics.median(measured.starts[name])
    return [
        Verdict("memory of a worker at rest", worker, "MB", MEMORY),
        Verdict("start, until the first 200", started, "s", START),
    ]


def figure_rows(document: dict[str, Any]) -> Iterator[Row]:
    titles = document["titles"]
    found = {(each["stack"], each["kind"]): each for each in document["figures"]}
    for kind in ALL:
        for stack, title in titles.items():
            if each := found.get((stack, kind.name)):
                yield [
                    kind.title,
                    title,
                    f"{each['per_second']:,.0f}",
                    short(each["p50"]),
                    short(each["p99"]),
                    short(each["cpu"]),
                    short(each["database"]),
                    *(ratio(each, found.get((peer, STAND_INS.get((peer, kind.name), kind.name)))) for peer in PEERS),
                    problems(each),
                ]


def ratio(figure: dict[str, Any], peer: dict[str, Any] | None) -> str:
    if not peer or not peer["cpu"] or peer["stack"] == figure["stack"]:
        return ""
    return short(figure["cpu"] / peer["cpu"])


def problems(figure: dict[str, Any]) -> str:
    """What speaks against believing it."""
    found = [f"{number} × {what}" for what, number in figure["errors"].items()]
    return "; ".join([*found, *(["disturbed"] if figure["others"] > DISTURBED else [])])


def short(number: float) -> str:
    """Three digits that count."""
    if not number:
        return "0"
    return f"{number:.3f}" if number < 1 else f"{number:.2f}" if number < 10 else f"{number:,.1f}"


def verdict_rows(document: dict[str, Any]) -> Iterator[Row]:
    titles = document["titles"]
    for each in document["verdicts"]:
        unit = each["unit"] if each["unit"] == "×" else f" {each['unit']}"
        against = titles.get(each["against"], each["against"])
        limit = f"≤ {short(each['bound'])}{unit} {against}".rstrip()
        yield [each["request"], f"{short(each['measured'])}{unit}", limit, "met" if each["met"] else "NOT MET"]


def process_rows(document: dict[str, Any]) -> Iterator[Row]:
    for name, title in document["titles"].items():
        if document["starts"].get(name):
            rest, loaded = (
                {key: statistics.median(each[key] for each in document[when][name]) for key in document[when][name][0]}
                for when in ("at_rest", "loaded")
            )
            yield [
                title,
                f"{statistics.median(document['starts'][name]):.2f}",
                *(f"{each[key]:,.0f}" for each in (rest, loaded) for key in ("servers", "worker")),
                f"{loaded['database']:,.0f} in {loaded['backends']:.0f}" if loaded["backends"] else "",
            ]


def tables(document: dict[str, Any]) -> Iterator[tuple[str, Row, list[Row]]]:
    yield "Requests", [*HEAD, *PEERS.values(), ""], list(figure_rows(document))
    process_head = ["", "first 200 s", "MB at rest", "worker", "MB after load", "worker", "database's backends MB"]
    yield "Starting and memory (PSS)", process_head, list(process_rows(document))
    yield "Bounds", ["request", "measured", "bound", ""], list(verdict_rows(document))


def conditions(document: dict[str, Any]) -> list[str]:
    pace = document["pace"]
    said = ", ".join(f"{name} {value}" for name, value in document["machine"].items())
    lines = [
        said,
        f"{document['articles']:,} articles of {document['bytes']:,} bytes, 16 connections, "
        f"{pace['rounds']} × {pace['measured']:g} s each, medians. CPU ms: processor time of all servers "
        "and the database for one request. ×: that against a peer's.",
    ]
    lines += [f"Left out: {title}, for want of {lack}." for title, lack in document["left_out"].items()]
    return lines


def terminal(document: dict[str, Any]) -> str:
    parts = ["\n".join(conditions(document))]
    for title, head, rows in tables(document):
        parts.append(f"{title}\n{plain(without_repeats([head, *rows]))}")
    return "\n" + "\n\n".join(parts)


def without_repeats(rows: list[Row]) -> list[Row]:
    return [["" if number and row[0] == rows[number - 1][0] else row[0], *row[1:]] for number, row in enumerate(rows)]


def plain(rows: Sequence[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number and is_number(cell) else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def is_number(cell: str) -> bool:
    return cell[:1].isdigit()


def markdown(document: dict[str, Any]) -> str:
    parts = ["# Figures", "Made by `make bench PUBLISH=1`; [speed.md](speed.md) says how to read them."]
    parts += conditions(document)
    for title, head, rows in tables(document):
        lines = [head, ["---"] * len(head), *rows]
        parts.append(f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"
