"""Starts servers, waits for them, and ends them whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from getpass import getuser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.bench import processes

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PATIENCE = 60.0  # seconds until the first answer
GRACE = 15.0  # seconds to end in
WORKERS, THREADS, KEEPALIVE = 2, 4, 75  # the site's own, which it has from its settings: the same for its peers
# What gunicorn.conf.py says, for an application that isn't ours
BARE = ["--worker-class=gthread", f"--workers={WORKERS}", f"--threads={THREADS}", f"--keep-alive={KEEPALIVE}"]
FRAME = """
daemon off; {user} worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types; default_type text/html; access_log off; sendfile on; tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
FILES = """
    open_file_cache max=100 inactive=60s;
    server {{ listen 127.0.0.1:{port} reuseport; root {folder}; gzip_static on; }}
"""


class NotStarted(Exception):
    """A server that ended, or did not answer in time; with what it said."""


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path = ROOT) -> Iterator[int]:
    """Its process, in a session of its own: Ctrl-C is for us, and we end it."""
    with log.open("w") as said:
        process = subprocess.Popen(  # noqa: S603
            command, env=dict(environment), cwd=folder, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield process.pid
        if process.poll() is not None:
            raise NotStarted(f"{command[0]} has ended: {log.read_text()[-2000:]}")
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """It, and whatever it has left behind."""
    process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def first_answer(port: int, path: str, log: Path, pid: int) -> None:
    """Waits for the first 200."""
    until = perf_counter() + PATIENCE
    while perf_counter() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Host": "127.0.0.1"})
            if (status := connection.getresponse().status) == 200:
                return
            if status < 500:
                raise NotStarted(f"{path} answers {status}")
        except (OSError, HTTPException):
            sleep(0.01)
        finally:
            connection.close()
        if processes.ended(pid):
            break
    raise NotStarted(log.read_text()[-2000:] or "it does not answer")


def gunicorn(port: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--log-level=warning", *arguments]


def nginx(folder: Path, servers: str) -> list[str]:
    user = f"user {getuser()};" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(FRAME.format(folder=folder, user=user, workers=WORKERS, servers=servers))
    return [str(NGINX), "-c", str(file), "-e", f"{folder}/nginx.log"]


def uvicorn(python: Path, port: int) -> list[str]:
    tuning = ["--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning"]
    return [str(python), "-m", "uvicorn", "service:app", "--host=127.0.0.1", f"--port={port}", *tuning] + [
        f"--workers={WORKERS}"
    ]
