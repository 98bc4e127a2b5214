import os
import re
import socket

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.staticfiles.finders import get_finder
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from articles.management.commands import serve

User = get_user_model()


@pytest.fixture
def _prepared(monkeypatch):
    """Stops short of what takes long, and of becoming gunicorn."""
    monkeypatch.setattr(serve.Command, "prepare", lambda self: None)
    monkeypatch.setattr(serve, "run_gunicorn", lambda door: door.close())


def test_a_port_in_use_is_one_clear_line_before_any_work_is_done():
    with socket.create_server((serve.HOST, 0)) as other:  # pytest-django forbids the database here
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            call_command("serve", port=str(port))
    assert stopped.value.code == f"Port {port} is in use: choose another with make serve PORT=8000."


@pytest.mark.parametrize("port", ["70000", "-1", "http", ""])
def test_a_port_that_is_none_is_one_clear_line(port):
    with pytest.raises(SystemExit) as stopped:
        call_command("serve", f"--port={port}")
    assert (
        stopped.value.code == f"Port {port!r} is no number from 0 to 65535: choose another with make serve PORT=8000."
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_prepared")
def test_of_any_port_the_one_that_was_taken_is_said(capsys, monkeypatch):
    taken = []
    monkeypatch.setattr(serve, "run_gunicorn", lambda door: taken.append(door.getsockname()[1]) or door.close())
    call_command("serve", port="0")
    assert f"http://127.0.0.1:{taken[0]}/\n" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.usefixtures("_prepared")
def test_addresses_are_said_each_time_and_the_password_once(capsys, settings):
    call_command("serve", port="0")
    first = capsys.readouterr().out
    call_command("serve", port="0")
    second = capsys.readouterr().out
    for said in (first, second):
        site = re.search(r"The site   (http://127\.0\.0\.1:[1-9]\d+/)\n", said)[1]
        assert f"{site}{settings.ADMIN_URL}\n" in said
        assert f"{site}docs\n" in said
    assert "with the password" in first
    assert "password" not in second


@pytest.mark.django_db
def test_the_administrator_made_first_may_do_everything():
    name, password = serve.new_administrator()
    assert name == "admin"
    assert len(password) >= 16
    assert authenticate(username=name, password=password).is_superuser


@pytest.mark.django_db
def test_an_account_that_has_the_name_already_is_left_alone():
    User.objects.create_user("Admin", "somebody@example.org", "their own words")
    name, _ = serve.new_administrator()
    assert name == "admin2"
    assert authenticate(username="Admin", password="their own words")


@pytest.mark.django_db
def test_a_site_without_an_active_administrator_gets_one():
    User.objects.create_superuser("ada", "ada@example.org", "words", is_active=False)
    assert serve.new_administrator() is not None


@pytest.mark.django_db
def test_who_deletes_the_demo_does_not_get_it_back():
    assert serve.is_untouched()
    serve.new_administrator()
    assert not serve.is_untouched()


def test_static_files_are_collected_again_only_when_one_has_changed(settings, tmp_path):
    file = tmp_path / "a.css"
    file.write_text("a")
    settings.STATICFILES_DIRS = [tmp_path]
    get_finder.cache_clear()
    before = serve.state_of_static_files()
    assert serve.state_of_static_files() == before
    os.utime(file, (1, 1))
    changed = serve.state_of_static_files()
    assert changed != before
    (tmp_path / "b.css").write_text("b")
    assert serve.state_of_static_files() not in {before, changed}


@pytest.mark.usefixtures("_prepared")
@pytest.mark.parametrize(
    ("trouble", "line"),
    [
        (OSError(28, "No space left on device", "/data/a.css"), "No space left on device: /data/a.css"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (CommandError("no demo"), "no demo"),
    ],
)
def test_trouble_on_the_way_is_one_clear_line(monkeypatch, trouble, line):
    def fail(self):
        raise trouble

    monkeypatch.setattr(serve.Command, "prepare", fail)
    with pytest.raises(SystemExit) as stopped:
        call_command("serve", port="0")
    assert stopped.value.code == line


@pytest.mark.usefixtures("_prepared")
def test_trouble_with_the_database_is_one_line_that_names_its_file(monkeypatch):
    def fail(self):
        raise DatabaseError("no connection\n\tIs the server running?")

    monkeypatch.setattr(serve.Command, "prepare", fail)
    monkeypatch.setattr(serve, "reach_database", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        call_command("serve", port="0")
    file = f": {connection.settings_dict['NAME']}" if connection.vendor == "sqlite" else ""
    assert stopped.value.code == f"no connection{file}"
