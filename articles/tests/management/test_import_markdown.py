import json

import PIL.Image
import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from articles.models import Article, Image
from articles.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "blog"
    folder.mkdir()
    (folder / "tides.md").write_text("# Low tide\n\nThe weed hangs [straight](gone.md) down.")
    return folder


@pytest.fixture
def administrator():
    return UserFactory(username="boss", is_superuser=True)


def test_it_says_what_became_of_every_file(folder, administrator, capsys):
    call_command("import_markdown", folder)
    said = capsys.readouterr()
    assert "1 files in " in said.out
    assert "     1 created\n" in said.out
    assert "tides.md: gone.md" in said.out
    assert "1 of 1 files" in said.err


def test_it_ends_with_an_error_status_when_something_was_skipped(folder, administrator, capsys):
    (folder / "broken.md").write_text("---\ntitle: [\n---\n")
    with pytest.raises(SystemExit) as end:
        call_command("import_markdown", folder)
    assert end.value.code == 1
    assert "broken.md: its front matter is not valid YAML" in capsys.readouterr().out
    assert Article.objects.count() == 1


def test_the_report_holds_the_whole_ledger(folder, administrator, tmp_path):
    (folder / "_index.md").write_text("+++\n+++\n")
    with pytest.raises(SystemExit):
        call_command("import_markdown", folder, report=tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["files"] == report["created"] + report["updated"] + report["unchanged"] + len(report["skipped"]) == 2
    assert report["skipped"] == [{"file": "_index.md", "reason": "it is the index of a section, and no post"}]
    assert report["links_not_found"] == [{"file": "tides.md", "target": "gone.md", "reason": "no post was there"}]


def test_a_dry_run_changes_nothing(folder, administrator, capsys):
    call_command("import_markdown", folder, dry_run=True)
    assert not Article.objects.exists()
    assert "nothing was changed" in capsys.readouterr().out


def test_an_editor_may_be_named(folder, administrator):
    editor = UserFactory(username="Ines", role=Role.EDITOR)
    call_command("import_markdown", folder, by="ines")
    assert Article.objects.get().author == editor


def test_it_says_who_is_missing(folder):
    UserFactory(username="tomasz", role=Role.AUTHOR)
    UserFactory(username="gone", is_superuser=True, is_active=False)
    for by, reason in [
        (None, "no administrator yet"),
        ("nobody", "no active account of the name nobody"),
        ("gone", "no active account of the name gone"),
        ("tomasz", "may not change everybody's articles"),
    ]:
        with pytest.raises(CommandError, match=reason):
            call_command("import_markdown", folder, by=by)


def test_it_says_when_a_folder_is_missing(folder, administrator, tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        call_command("import_markdown", tmp_path / "nowhere")
    with pytest.raises(CommandError, match="for the report"):
        call_command("import_markdown", folder, report=tmp_path / "nowhere" / "report.json")
    assert not Article.objects.exists()


def test_ctrl_c_says_how_to_go_on(folder, administrator, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("articles.publishing.create", interrupted)
    with pytest.raises(CommandError, match="Run it again") as stopped:
        call_command("import_markdown", folder)
    assert stopped.value.returncode == 130


def test_a_terminal_sees_a_progress_bar(folder, administrator, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    call_command("import_markdown", folder)
    assert "100%|" in capsys.readouterr().err


def test_pictures_that_came_with_posts_have_their_copies_when_it_ends(folder, administrator):
    (folder / "tides.md").write_text("# Low tide\n\n![The weed](weed.jpg) hangs straight down.")
    PIL.Image.effect_noise((700, 500), 60).save(folder / "weed.jpg")
    call_command("import_markdown", folder)
    assert Image.objects.get().widths == [320, 640]
    assert "-320.webp 320w" in Article.objects.get().content_html
