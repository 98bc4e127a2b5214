import os

import pytest

from benchmarks.bench import processes
from benchmarks.bench.processes import Process

pytestmark = pytest.mark.once
POSTMASTER, OURS, THEIRS, HELPER, WRITER = 1, 2, 3, 4, 5


def family(ours=0.0, theirs=0.0, helper=0.0, writer=0.0, ended=0.0):
    backend = "postgres: 15/main: somebody {} 127.0.0.1(40000) idle"
    return {
        POSTMASTER: Process(0, 0.0, ended, "/usr/lib/postgresql/15/bin/postgres -D /var/lib"),
        OURS: Process(POSTMASTER, ours, 0.0, backend.format("bench")),
        THEIRS: Process(POSTMASTER, theirs, 0.0, backend.format("shop")),
        HELPER: Process(POSTMASTER, helper, 0.0, f"postgres: 15/main: parallel worker for PID {THEIRS}"),
        WRITER: Process(POSTMASTER, writer, 0.0, "postgres: 15/main: walwriter"),
    }


def test_the_name_of_a_process_may_have_anything_in_it():
    stat = "42 (a) b (c) S 7 42 42 0 -1 4194560 900 0 0 0 150 50 30 20 20 0 1 0 100 0 0"
    assert processes.parse(stat) == Process(7, 2.0 * 100 / processes.TICKS, 0.5 * 100 / processes.TICKS)


def test_the_time_that_threads_ran_is_finer_than_that_of_their_process():
    stat = "42 (a) S 7 42 42 0 -1 4194560 900 0 0 0 0 0 0 0 20 0 1 0 100 0 0"
    assert processes.parse(stat, ran=0.004).own == 0.004


def test_what_a_tree_took_has_its_children_in_it_those_that_have_ended_too():
    before = {1: Process(0, 1.0, 0.0), 2: Process(1, 2.0, 0.0), 9: Process(0, 5.0, 0.0)}
    after = {1: Process(0, 1.5, 3.0), 9: Process(0, 9.0, 0.0)}  # 2 took another second and ended
    assert processes.spent(before, after, [1]) == 1.5


def test_what_postgresql_does_for_other_databases_is_not_counted():
    before, after = family(), family(ours=1.0, theirs=4.0, helper=2.0, writer=0.5)
    assert processes.spent_on("bench", before, after, POSTMASTER) == 1.5


def test_a_backend_that_ended_meanwhile_is_counted():
    after = family(ended=0.75)
    del after[OURS]
    assert processes.spent_on("bench", family(), after, POSTMASTER) == 0.75


def test_this_process_is_found_with_its_memory():
    assert os.getpid() in processes.tree(processes.now(), [os.getppid()])
    assert processes.memory([os.getpid()])[os.getpid()] > 1


def test_a_process_that_is_gone_has_ended():
    assert processes.ended(2**31 - 1)
    assert not processes.ended(os.getpid())
