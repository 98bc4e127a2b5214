"""What each process knows of the number, and how soon."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from time import monotonic, sleep

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from articles.caching import version
from articles.caching.version import SURE, Asked, File, Known, Shared
from articles.models import Article
from articles.tests.factories import ArticleFactory, TagFactory
from blogsite.tests.workers import database

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's way")
sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's way")
rows = pytest.mark.django_db(transaction=True)
NOTHING = Known(0, 0, 0)


@pytest.fixture
def shared(tmp_path):
    return Shared(tmp_path / "version")


@pytest.mark.once
class TestShared:
    def test_what_one_learns_all_know(self, shared):
        now = monotonic()
        shared.learn(NOTHING, now, 7, 1)
        assert Shared(shared.path).read() == (Known(0, 7, 1), now, 0.0)

    def test_an_answer_that_comes_late_takes_nothing_back(self, shared):
        before, early = shared.read()[0], monotonic()
        shared.learn(before, monotonic(), 8, 0)
        assert shared.learn(before, early, 7, 0) == Known(0, 8, 0)

    def test_a_database_that_was_put_back_begins_an_epoch_once_whoever_notices(self, shared):
        before = shared.learn(NOTHING, monotonic(), 8, 0)
        assert shared.learn(before, monotonic(), 5, 0) == Known(1, 5, 0)
        assert shared.learn(before, monotonic(), 5, 0) == Known(1, 5, 0)

    def test_nothing_that_was_asked_before_a_doubt_dispels_it(self, shared):
        asked = monotonic()
        shared.doubt()
        shared.learn(NOTHING, asked, 7, 0)
        assert monotonic() - shared.read()[1] >= SURE
        asked = monotonic()
        shared.learn(NOTHING, asked, 7, 0)
        assert shared.read()[1] == asked

    def test_what_was_written_before_the_machine_was_started_again_is_not_believed(self, shared):
        later = monotonic() + 3600
        shared._write(Known(0, 7, 0), later, later, later)
        assert not shared.is_away()
        asked = monotonic()
        shared.learn(Known(0, 7, 0), asked, 7, 0)
        assert shared.read()[1] == asked

    def test_who_has_it_goes_on_with_it_where_it_was_cleared_away(self, shared):
        shared.path.unlink()
        assert shared.learn(NOTHING, monotonic(), 7, 0) == Known(0, 7, 0)

    def test_a_number_is_read_whole(self):
        assert Shared.LAYOUT.format.startswith("@")  # the others are written byte by byte


def test_a_forked_process_begins_to_listen_anew():
    version._serving.on = True
    try:
        child = os.fork()
        if not child:
            os._exit(int(version._serving.on))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        version._serving.on = False


@pytest.mark.once
class TestRemembered:
    @pytest.fixture
    def known(self, monkeypatch):
        """What is known, to be changed."""
        states = [version.State(Known(0, 1, 0), 0.0)]
        monkeypatch.setattr(version, "current", lambda: states[-1])
        monkeypatch.setattr(version._serving, "on", True)
        return states

    @pytest.fixture
    def value(self):
        loads = []
        return version.remembered(lambda: loads.append(None) or len(loads))

    @pytest.mark.django_db(transaction=True)
    def test_it_is_read_again_once_something_has_changed(self, known, value):
        assert [value(), value()] == [1, 1]
        known.append(version.State(Known(0, 2, 0), 0.0))
        assert [value(), value()] == [2, 2]

    @pytest.mark.django_db(transaction=True)
    def test_what_is_read_while_the_number_is_not_certain_is_not_remembered(self, known, value):
        known.append(version.State(Known(0, 1, 0), 3.0))
        assert [value(), value()] == [1, 2]

    @pytest.mark.django_db(transaction=True)
    def test_within_a_transaction_it_is_read_each_time(self, known, value):
        with transaction.atomic():
            assert [value(), value()] == [1, 2]

    def test_where_no_reader_is_answered_it_is_read_each_time(self, value):
        assert [value(), value()] == [1, 2]


@rows
@sqlite
class TestFile:
    @pytest.fixture
    def file(self):
        return File(connection.settings_dict["NAME"])

    def test_each_commit_is_known_at_once(self, file):
        before = file.state()
        ArticleFactory(live=True)
        after = file.state()
        assert (before.age, after.age) == (0.0, 0.0)
        assert after.known.number > before.known.number

    def test_what_another_process_commits_is_known_at_once(self, file):
        before = file.state().known
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as other:
            other.execute("UPDATE articles_version SET number = number + 1")
            other.commit()
        assert file.state().known.number == before.number + 1

    def test_what_is_taken_back_or_not_committed_yet_is_not_known(self, file):
        before = file.state()
        with transaction.atomic():
            ArticleFactory(live=True)
            assert file.state() == before
            transaction.set_rollback(True)
        assert file.state() == before

    def test_nothing_is_asked_where_nothing_was_written(self, file):
        file.state()
        asked = []
        file._connection.set_trace_callback(asked.append)
        file.state()
        assert asked == ["PRAGMA data_version"]

    def test_a_file_that_is_put_back_never_comes_to_the_same_number_by_another_way(self, file, tmp_path):
        with closing(sqlite3.connect(tmp_path / "copy")) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
            article = ArticleFactory(live=True)
            first = file.state().known
            copy.backup(connection.connection)
        Article.objects.filter(pk=article.pk).delete()
        ArticleFactory(live=True)
        assert file.state().known.number != first.number


@pytest.mark.once
def test_a_file_that_is_missing_is_not_made_and_its_number_is_as_old_as_can_be(tmp_path):
    state = File(str(tmp_path / "missing")).state()
    assert state.age > 0
    assert not (tmp_path / "missing").exists()


@pytest.fixture
def known(tmp_path, monkeypatch):
    """What the site's processes on this machine have in common."""
    shared = Shared(tmp_path / "version")
    monkeypatch.setattr(version, "_shared", lambda: shared)
    return shared


@pytest.fixture
def asked(known):
    """One that answers readers. Nobody listens."""
    source = Asked(known, always=False)
    source.state()
    yield source
    if source._connection:
        source._connection.close()


@rows
@postgresql
class TestAsked:
    """The tests' own connection stands for another process: it has only the few bytes in common with the one asked."""

    def test_what_was_heard_a_moment_ago_is_not_asked_for_again(self, asked, monkeypatch):
        monkeypatch.setattr(asked, "_ask", pytest.fail)
        assert asked.state().age == 0

    def test_what_was_heard_longer_ago_is_asked_for(self, asked, known):
        number, heard, _ = known.read()
        with psycopg.connect(**parameters()) as other:
            other.execute("UPDATE articles_version SET number = number + 1 WHERE shard = 0")
        known._write(number, heard - SURE, 0.0, 0.0)
        assert asked.state().known.number == number.number + 1

    def test_strictly_it_is_asked_for_each_time(self, asked, known):
        before = asked.state().known
        with psycopg.connect(**parameters()) as other:
            other.execute("UPDATE articles_version SET number = number + 1 WHERE shard = 0")
        assert asked.state().known == before
        strict = Asked(known, always=True)
        assert strict.state().known.number == before.number + 1
        strict._connection.close()

    def test_a_commit_is_known_at_once(self, asked):
        before = asked.state().known
        ArticleFactory(live=True)
        assert asked.state().known.number > before.number

    def test_a_change_in_autocommit_is_known_at_once(self, asked):
        ArticleFactory(live=True)
        before = asked.state().known
        Article.objects.update(title="Another")
        assert asked.state().known.number == before.number + 1

    def test_what_is_taken_back_to_a_savepoint_leaves_what_follows_known(self, asked):
        article, before = ArticleFactory(live=True), asked.state().known
        with transaction.atomic():
            with transaction.atomic():
                Article.objects.update(title="Never")
                transaction.set_rollback(True)
            transaction.set_rollback(False)
            Article.objects.filter(pk=article.pk).update(title="Now")
        assert asked.state().known.number == before.number + 1

    def test_what_is_taken_back_altogether_is_not_known(self, asked):
        ArticleFactory(live=True)
        before = asked.state()
        with transaction.atomic():
            Article.objects.update(title="Never")
            transaction.set_rollback(True)
        assert asked.state() == before

    def test_where_the_database_dies_right_after_a_commit_it_is_asked_before_anything_is_answered(
        self, asked, monkeypatch
    ):
        ArticleFactory(live=True)
        before = asked.state().known
        with monkeypatch.context() as broken:
            broken.setattr(version, "ASK", "SELECT nothing")
            Article.objects.update(title="Another")  # and nobody who saves is told
        assert asked.state().known.number == before.number + 1

    def test_a_write_that_nobody_was_listening_to_outweighs_an_answer_that_is_under_way(self, asked, known):
        number, heard, _ = known.read()
        known._write(number, heard - SURE, 0.0, 0.0)
        began = monotonic()
        ArticleFactory(live=True)
        known.learn(number, began, number.number, number.taken_away)
        assert asked.state().known.number > number.number

    def test_a_connection_that_was_cut_is_made_anew_unnoticed(self, asked, known):
        number, heard, _ = known.read()
        cut(asked._connection.info.backend_pid)
        known._write(number, heard - SURE, 0.0, 0.0)
        assert asked.state().age == 0

    def test_a_database_that_stands_still_is_waited_for_no_longer_than_patience_lasts(self, asked, known, monkeypatch):
        number, heard, _ = known.read()
        known._write(number, heard - SURE, 0.0, 0.0)
        monkeypatch.setattr(version, "PATIENCE", 0.05)
        monkeypatch.setattr(version, "ASK", "SELECT 1, 1 FROM pg_sleep(2)")
        began = monotonic()
        assert asked.state().age >= SURE
        assert monotonic() - began < 1
        assert known.is_away()

    def test_while_a_copy_is_read_in_and_its_rows_are_missing_that_is_an_answer_too(self, asked, known, monkeypatch):
        ArticleFactory(live=True)
        number, heard, _ = known.read()
        known._write(number, heard - SURE, 0.0, 0.0)
        monkeypatch.setattr(version, "ASK", f"{version.ASK} WHERE false")
        assert asked.state().known == Known(number.epoch + 1, 0, 0)

    def test_a_database_that_does_not_answer_is_asked_once_in_a_while(self, asked, known, monkeypatch):
        def refused():
            tried.append(None)
            raise psycopg.OperationalError

        tried = []
        number, heard, _ = known.read()
        known._write(number, heard - SURE, 0.0, 0.0)
        asked._connection.close()
        monkeypatch.setattr(version, "connect", refused)
        ages = [asked.state().age for _ in range(5)]
        assert len(tried) == 1
        assert min(ages) >= SURE


@postgresql
def test_a_folder_that_nothing_can_be_written_in_refuses_to_start(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "missing"
    version._shared.cache_clear()
    try:
        with pytest.raises(ImproperlyConfigured, match=str(tmp_path)):
            version.check()
    finally:
        version._shared.cache_clear()


def parameters():
    found = dict(connection.get_connection_params())
    return {name: found[name] for name in ("dbname", "user", "password", "host", "port") if found.get(name)}


def cut(pid):
    with psycopg.connect(**parameters()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


LISTENER = """
import sys
import django
django.setup()
from articles.caching import version
version.serve()
for line in sys.stdin:
    state = version.current()
    print(state.known.number, state.age, flush=True)
"""
A_NOTICE = 0.4  # seconds: less than between two questions, so it was a notice that came


class Process:
    """One that answers readers, on a machine that has this DATA_DIR."""

    def __init__(self, folder):
        names = {
            "DJANGO_SETTINGS_MODULE": "blogsite.tests.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database(),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTENER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **names},
        )

    def ask(self):
        print(file=self.process.stdin, flush=True)
        number, age = self.process.stdout.readline().split()
        assert float(age) == 0
        return int(number)

    def lag(self, number):
        """Seconds until it knows this number."""
        began = monotonic()
        while self.ask() != number and monotonic() - began < 10:
            pass
        return monotonic() - began

    def end(self):
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture(scope="class")
def started(tmp_path_factory, django_db_setup):
    """Two of another machine than this one."""
    folder = tmp_path_factory.mktemp("machine")
    both = [Process(folder), Process(folder)]
    yield both
    for each in both:
        each.end()


@pytest.fixture
def processes(started, transactional_db):
    """The first of them listens."""
    started[0].ask()
    while not listening():
        sleep(0.01)
    return started


def change():
    """By a hand at the database's own prompt, on a third machine. Tells the number."""
    with psycopg.connect(**parameters()) as other:
        other.execute("UPDATE articles_article SET title = title || '.'")
    with connection.cursor() as cursor:
        cursor.execute(version.ASK)
        return cursor.fetchone()[0]


def listening():
    """The backends that listen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() AND wait_event = 'ClientRead' AND query LIKE %s",
            ["%articles_version"],
        )
        return [pid for (pid,) in cursor.fetchall()]


@postgresql
class TestTwoMachines:
    def test_what_one_changes_the_other_knows_within_milliseconds(self, processes):
        ArticleFactory(live=True)
        for each in processes:
            each.lag(change())
        lags = [each.lag(change()) for _ in range(3) for each in processes]
        assert max(lags) < A_NOTICE

    def test_rows_that_are_copied_in_are_noticed_too(self, processes):
        article, tag = ArticleFactory(live=True), TagFactory()
        copy = "COPY articles_article_tags (article_id, tag_id) FROM STDIN"
        with psycopg.connect(**parameters()) as other, other.cursor() as cursor, cursor.copy(copy) as lines:
            lines.write_row((article.pk, tag.pk))
        with connection.cursor() as cursor:
            cursor.execute(version.ASK)
            number = cursor.fetchone()[0]
        assert processes[1].lag(number) < A_NOTICE

    def test_a_connection_that_is_cut_costs_a_second_at_most(self, processes):
        ArticleFactory(live=True)
        processes[0].lag(change())
        for pid in listening():
            cut(pid)
        assert max(each.lag(change()) for each in processes) <= SURE

    def test_another_takes_over_where_the_one_that_listens_is_killed(self, processes):
        ArticleFactory(live=True)
        processes[1].ask()
        processes[0].end()
        assert processes[1].lag(change()) <= SURE
        assert processes[1].lag(change()) < A_NOTICE
