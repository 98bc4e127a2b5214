"""The settings that tests run under: a local site's, made quick. No test reads the `.env` of the machine it runs on."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis

os.environ["ENV_FILE"] = os.devnull

from blogsite import env  # noqa: E402
from blogsite.settings import *  # noqa: E402, F403
from blogsite.settings import DATABASES, STORAGES  # noqa: E402

# A busy machine is no failure.
hypothesis.settings.register_profile("blogsite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile(
    "long", hypothesis.settings.get_profile("blogsite"), max_examples=200, stateful_step_count=100
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "blogsite"))

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
_folder = TemporaryDirectory(prefix="blogsite-tests-")  # removed when the process ends
MEDIA_ROOT, STATIC_ROOT = Path(_folder.name, "media"), Path(_folder.name, "static")
STATIC_ROOT.mkdir()
REDIS_URL = ""  # what tests count, they count for themselves
COUNTERS_FILE = Path(_folder.name, "counters")
WRITES_PER_ACCOUNT = WRITES_PER_TOKEN = WRITES_PER_ADDRESS = 60_000  # in a minute that may stand still for many tests
if DATABASES["default"]["ENGINE"] == env.POSTGRESQL:
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # nothing here has to outlive a power cut
    # a connection for every thread of a test and for the test itself, and time to make it on a busy machine
    DATABASES["default"]["OPTIONS"]["pool"] |= {"max_size": 24, "timeout": 60}
