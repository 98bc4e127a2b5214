from collections.abc import Iterator

import pytest

from accounts.tests.api.clients import forget_failures


@pytest.fixture(autouse=True)
def _nobody_has_failed_to_log_in_yet() -> Iterator[None]:
    forget_failures()
    yield
    forget_failures()
