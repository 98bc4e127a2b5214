from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_has_failed_to_log_in_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
