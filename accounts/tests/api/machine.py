"""Random sequences of what people do, each in a transaction that is rolled back, under a clock that it moves itself."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

BEGINNING = datetime(2031, 5, 6, 12, tzinfo=UTC)


class Example(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.clock = time_machine.travel(BEGINNING, tick=False)
        self.traveller = self.clock.start()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def move_clock(self, by: timedelta) -> None:
        self.now += by
        self.traveller.move_to(self.now)


def run(machine: type[Example], *, examples: int, steps: int) -> None:
    """Few and always the same ones, as this is run with every change. With HYPOTHESIS_PROFILE=long: many, and others
    each time.
    """
    few = settings(max_examples=examples, stateful_step_count=steps, derandomize=True, report_multiple_bugs=False)
    many = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(machine, settings=settings() if many else few)
