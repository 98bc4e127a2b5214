"""What processes take: processor time and memory, read from /proc."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
CLIENT = re.compile(r"(?P<database>\S+) (?:\[local\]|\S+\(\d+\)) ")  # of a backend's title
CLEANER = re.compile(r"autovacuum worker (?P<database>\S+)")
HELPER = re.compile(r"parallel worker for PID (?P<leader>\d+)")


@dataclass(frozen=True)
class Process:
    parent: int
    own: float  # seconds of processor time
    ended: float  # those of its children that have ended
    title: str = ""


Processes = dict[int, Process]


def parse(stat: str, title: str = "", ran: float = 0.0) -> Process:
    """A line of /proc/PID/stat. The name, in brackets, may have anything in it.

    It counts hundredths of a second, so that what a process `ran` by its threads' own clocks is more exact.
    """
    fields = stat[stat.rindex(")") + 2 :].split()
    user, system, ended_user, ended_system = (int(field) / TICKS for field in fields[11:15])
    return Process(int(fields[1]), max(user + system, ran), ended_user + ended_system, title)


def now() -> Processes:
    return dict(_all())


def _all() -> Iterator[tuple[int, Process]]:
    for folder in os.listdir(PROC):
        if folder.isdigit():
            try:
                stat = (PROC / folder / "stat").read_text()
                title = (PROC / folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # ended meanwhile
                continue
            yield int(folder), parse(stat, title, ran(PROC / folder))


def ran(folder: Path) -> float:
    """Seconds that the threads of a process have had, to the nanosecond; 0 where the kernel doesn't say."""
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in (folder / "task").iterdir()) / 1e9
    except OSError:
        return 0.0


def tree(processes: Processes, roots: Iterable[int]) -> set[int]:
    """These and all that descend from them."""
    found = {root for root in roots if root in processes}
    while more := {pid for pid, process in processes.items() if process.parent in found} - found:
        found |= more
    return found


def spent(before: Processes, after: Processes, roots: Iterable[int]) -> float:
    """Seconds that the trees took between the two, with what ended within them."""
    return _total(after, roots) - _total(before, roots)


def _total(processes: Processes, roots: Iterable[int]) -> float:
    return sum(processes[pid].own + processes[pid].ended for pid in tree(processes, roots))


def spent_on(database: str, before: Processes, after: Processes, postmaster: int) -> float:
    """Seconds that PostgreSQL took between the two, but for the backends of its other databases.

    What a backend took that ended meanwhile is its parent's, and counts: connections opened and closed are work too.
    """
    others = foreign(before, postmaster, database) | foreign(after, postmaster, database)
    theirs = sum(after[pid].own - (before[pid].own if pid in before else 0) for pid in others if pid in after)
    return max(0.0, spent(before, after, [postmaster]) - theirs)


def foreign(processes: Processes, postmaster: int, database: str) -> set[int]:
    """PostgreSQL's processes that work for another database alone."""
    family = {pid: processes[pid].title for pid in tree(processes, [postmaster])}
    found = {pid for pid, title in family.items() if (of := database_of(title)) and of != database}
    return found | {
        pid for pid, title in family.items() if (helper := HELPER.search(title)) and int(helper["leader"]) in found
    }


def database_of(title: str) -> str | None:
    found = CLIENT.search(title) or CLEANER.search(title)
    return found["database"] if found else None


def busy() -> float:
    """Seconds that all processors together have worked for processes since the machine started, or were taken away.

    Without interrupts: some kernels count them as their process's, others apart.
    """
    user, nice, system, _, _, _, _, steal = (int(field) / TICKS for field in (PROC / "stat").read_text().split()[1:9])
    return user + nice + system + steal


def memory(pids: Iterable[int]) -> dict[int, float]:
    """Of each its proportional share (PSS) in megabytes; without those that we may not look into."""
    found = {}
    for pid in pids:
        try:
            rollup = (PROC / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        if pss := re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE):
            found[pid] = int(pss[1]) * 1024 / 1e6
    return found


def ended(pid: int) -> bool:
    """Gone, or waiting for its parent to notice."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return True
    return stat[stat.rindex(")") + 2] == "Z"
