"""The template of nginx's file, filled in for where there is no Docker: tests and benchmarks run what is deployed."""

from pathlib import Path

TEMPLATE = Path(__file__).with_name("nginx.conf.template")
UNLIMITED = {"NGINX_RATE": "1000000r/s", "NGINX_BURST": "1000000", "NGINX_CONNECTIONS": "10000"}  # one address asks all
DEFAULTS = {
    "PROXIES": "1",
    "STALE_IF_ERROR_SECONDS": "86400",
    "NGINX_ACCESS_LOG": "off",  # as that of all other servers that are measured
    "NGINX_BODY_MAX": "21m",
    "NGINX_CACHE_MAX": "128m",
    **UNLIMITED,
}


def site(folder: Path, *, port: int, web: int, static: Path, **variables: str) -> str:
    """What belongs into an http block: nginx at this port, and the site behind it at another of this machine.

    Its media, and all that nginx writes, are in `folder`; the folder of the cache itself, nginx makes.
    """
    ours = {
        "resolver 127.0.0.11 valid=10s;": "",
        "server web:8000 resolve;": f"server 127.0.0.1:{web};",  # Debian's nginx can't look names up again
        "listen 80 ": f"listen 127.0.0.1:{port} ",
        "/srv/static/": f"{static}/",
        "/srv/media/": f"{folder}/media/",
        "/var/cache/nginx/": f"{folder}/",
        **{f"${{{name}}}": value for name, value in {**DEFAULTS, **variables}.items()},
    }
    filled = TEMPLATE.read_text()
    for theirs, replacement in ours.items():
        if theirs not in filled:
            raise ValueError(f"{TEMPLATE.name} has no {theirs}")
        filled = filled.replace(theirs, replacement)
    return filled
