"""What gunicorn alone can do: answers kept in memory, nothing else. CONSTANTS names the folder of their bytes."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

BODIES = {f"/{file.name}": file.read_bytes() for file in Path(os.environ["CONSTANTS"]).iterdir()}
HEADERS = {
    path: [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    for path, body in BODIES.items()
}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    start_response("200 OK", HEADERS[path])
    return [BODIES[path]]
