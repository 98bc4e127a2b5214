"""The machine and the versions, without which a figure says nothing."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.bench import servers
from benchmarks.bench.stacks import Place


def describe(place: Place) -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) * 1024 / 2**30:.0f} GiB" if memory else "",
        "system": f"{system()}, Linux {platform.release()}",
        "commit": output("git", "describe", "--always", "--dirty"),
        "Python": platform.python_version(),
        **{name: version(name) for name in ("Django", "gunicorn", "psycopg")},
        "PostgreSQL": place.databases.version if place.databases else "",
        "Redis": place.redis.version if place.redis else "",
        "nginx": output(servers.NGINX, "-v").rpartition("/")[2] if servers.NGINX else "",
        "FastAPI": peer_version(place, "fastapi"),
    }
    return {name: value for name, value in found.items() if value}


def processor() -> str:
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return str(names[0]) if names else platform.machine()


def system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def peer_version(place: Place, package: str) -> str:
    if not place.peer:
        return ""
    return output(str(place.peer), "-c", f"from importlib.metadata import version; print(version('{package}'))")


def output(*command: str) -> str:
    """What a command says, or nothing."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, cwd=servers.ROOT)  # noqa: S603
    except OSError:
        return ""
    return (said.stdout or said.stderr).strip() if said.returncode == 0 else ""
