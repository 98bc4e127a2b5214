"""Whatever lies in the folder, an import ends, and its ledger adds up."""

import tempfile
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from articles.importers.markdown_files import Import
from articles.models import Article, ImportedFile
from articles.tests.factories import UserFactory

PIECES = st.sampled_from(
    [
        *"-+[]{}()!#&*?|>%@`\"'\\,:~<=\n\t\0\r ",
        *("---\n", "+++\n", "title: ", "title = ", '"""', "null", "date: ", "2014-13-45", "9999-12-31T23:59:59+14:00"),
        *(
            "authors:\n- ",
            "tags: ",
            "series: ",
            "image: ",
            "path: ",
            "slug: ",
            "aliases: [",
            "&a ",
            "*a",
            "<<: ",
            "!!python/name:os.system ",
        ),
        *(
            "[a](",
            "![](",
            "../",
            "/etc/passwd",
            "%00",
            "%ff",
            "{{ ",
            "{% ",
            "[^1]: ",
            "[x]: ",
            "<img src=",
            "# ",
            "```\n",
            "\ufeff",
            "日本",
            "🌊",
        ),
        *("A text that is long enough to be an article. ", "a" * 300),
    ]
)
CONTENT = st.binary(max_size=200) | st.lists(PIECES, max_size=30).map("".join).map(str.encode)
HEADED = st.tuples(st.sampled_from(["---\n{}\n---\n", "+++\n{}\n+++\n"]), st.lists(PIECES, max_size=20), CONTENT).map(
    lambda parts: parts[0].replace("{}", "title: T\n" + "".join(parts[1])).encode() + parts[2]
)
NAMES = st.sampled_from(
    ["a.md", "b.md", "sub/a.md", "2014-03-12-a.md", "2014-99-99-a.md", "index.md", "_index.md", "!!!.md", "1.MD"]
)


@pytest.mark.django_db
@given(files=st.dictionaries(NAMES, CONTENT | HEADED, max_size=5))
@example(files={"a.md": b"---\ntitle: &a [*a]\n---\n" + b"x" * 20})
@example(files={"a.md": b'---\ntitle: T\naliases: ["/%00", "/", "?p=1"]\n---\n[a](%00) ![b](%00.png) and some more.'})
@example(files={"a.md": b"# [" * 2000})
@example(files={"a.md": b"> " * 3000 + b"[a](b.md)"})
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_folder_stops_an_import(files):
    editor = UserFactory.create(role=Role.EDITOR)
    with tempfile.TemporaryDirectory() as root:
        for name, content in files.items():
            file = Path(root, name)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        first = Import(Path(root), by=editor).run()
        second = Import(Path(root), by=editor).run()
        source = Path(root).name
    assert first.files == len(files) == first.created + len(first.skipped)
    assert (second.unchanged, second.skipped) == (first.created, first.skipped)
    assert (
        ImportedFile.objects.filter(source=source).count()
        == Article.objects.filter(imported_files__source=source).count()
        == first.created
    )
    assert all(entry["reason"] for entry in first.skipped)


@pytest.mark.parametrize("opening", ["{{", "{%", "<!--", "<a ", "[", "<img a='"])
def test_what_is_opened_over_and_over_and_never_closed_takes_no_longer_than_other_text(opening, blog):
    blog.write("a.md", "# Title\n\n" + opening * 20_000 + "[a](b.md)")
    began = process_time()
    blog.bring()
    assert process_time() - began < 3  # seconds; reading it anew from each of them would take many
