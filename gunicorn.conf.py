"""How gunicorn runs the site, by `make serve` and in the container alike."""

import gc
import os
import signal
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")
# Ctrl-C while it loads stops it without a traceback; once loaded, gunicorn has its own way.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # blocked by `manage.py serve`
try:
    workers = settings.WEB_WORKERS
    threads = settings.WEB_THREADS
    loglevel = settings.LOG_LEVEL.lower()
except ImproperlyConfigured as error:
    sys.exit(f"blogsite can't start: {error}")

wsgi_app = "blogsite.wsgi"
worker_class = "gthread"
preload_app = True  # one copy in memory, one sentence when it can't load
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  the heartbeat must not wait for a disk
timeout = 60
graceful_timeout = 20
forwarded_allow_ips = ""  # PROXIES says whether headers are believed; gunicorn would believe all of this machine
limit_request_line = 8190  # as long as nginx lets one be: a search in Chinese takes nine bytes a character
keepalive = 75  # longer than nginx keeps an idle connection
control_socket_disable = True


def pre_fork(_server: object, _worker: object) -> None:
    """What is loaded stays: the collector need not look through it again, which would also copy it into each worker."""
    gc.freeze()
