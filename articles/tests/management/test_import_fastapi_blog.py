import json

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from articles.tests.importers.test_fastapi_blog import old  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


def test_it_says_what_became_of_all_rows(old, capsys):  # noqa: F811
    old.article(710, "Low tide")
    call_command("import_fastapi_blog", old.url)
    said = capsys.readouterr()
    assert "1 users and 1 articles in " in said.out
    assert said.out.count("     1 created\n") == 2
    assert "1 of 1 articles" in said.err


def test_it_ends_with_an_error_status_when_something_was_refused_and_the_report_holds_all(old, capsys, tmp_path):  # noqa: F811
    for number in range(710, 722):
        old.article(number, "Short", content="short")
    old.article(730, "Low tide")
    with pytest.raises(SystemExit) as end:
        call_command("import_fastapi_blog", old.url, report=tmp_path / "report.json")
    assert end.value.code == 1
    assert "and 2 more, which --report FILE.json lists" in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text())
    assert len(report["articles"]["refused"]) == 12
    assert Article.objects.count() == 1


def test_a_dry_run_says_so(old, capsys):  # noqa: F811
    call_command("import_fastapi_blog", old.url, dry_run=True)
    assert "nothing was changed" in capsys.readouterr().out


def test_ctrl_c_says_how_to_go_on(old, monkeypatch):  # noqa: F811
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("articles.importers.fastapi_blog.Import.run", interrupted)
    with pytest.raises(CommandError, match="Run it again") as stopped:
        call_command("import_fastapi_blog", old.url)
    assert stopped.value.returncode == 130


def test_it_says_when_the_folder_of_the_report_is_missing(old, tmp_path):  # noqa: F811
    with pytest.raises(CommandError, match="for the report"):
        call_command("import_fastapi_blog", old.url, report=tmp_path / "nowhere" / "report.json")
