"""How gunicorn is told to run the site."""

import gc
import runpy

import pytest
from django.conf import settings
from gunicorn.config import Config

pytestmark = pytest.mark.once


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("signal.pthread_sigmask", lambda *_: None)
    return runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))


def test_what_is_loaded_before_the_workers_start_is_kept_out_of_the_collector_s_way(told):
    config = Config()
    config.set("pre_fork", told["pre_fork"])  # refuses what it could not call
    before = gc.get_freeze_count()
    try:
        config.pre_fork(None, None)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
