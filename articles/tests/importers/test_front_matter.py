import pytest

from articles.importers import front_matter
from articles.importers.front_matter import Fields, Malformed


def fields_of(text: str) -> Fields:
    fields, _rest = front_matter.split(text)
    assert fields is not None
    return fields


def test_a_text_without_front_matter_is_left_whole():
    text = "# Hello\n\n---\n\nA line above is a rule, no front matter.\n"
    assert front_matter.split(text) == (None, text)


@pytest.mark.parametrize(
    "text",
    ["---\ntitle: Tides\n---\nText\n", "---\ntitle: Tides\n...\nText\n", '+++\ntitle = "Tides"\n+++\nText\n'],
    ids=["yaml", "yaml with dots", "toml"],
)
def test_front_matter_of_each_kind_is_taken_off(text):
    fields, rest = front_matter.split(text)
    assert (fields.text("title"), rest) == ("Tides", "Text\n")


@pytest.mark.parametrize("written", ["1.10", "yes", "2014-05-06", "0o17", "12:30", "1_000"])
def test_yaml_titles_stay_as_written(written):
    assert fields_of(f"---\ntitle: {written}\n---\n").text("title") == written


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_yaml_null_is_nothing(nothing):
    assert fields_of(f"---\nimage: {nothing}\n---\n").picture("image") == ("", "")


def test_zolas_nested_tables_are_read_like_the_rest():
    fields = fields_of('+++\n[taxonomies]\ntags = ["a"]\n[extra]\nauthor = "Ines"\nteam = "Harbour"\n+++\n')
    assert fields.words("tags") == ["a"]
    assert fields.names("author") == ["Ines"]
    assert fields.unasked == ["extra.team"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[Sea, sea, Craft]", ["Sea", "Craft"]),
        ("sea craft", ["sea", "craft"]),
        ("deep sea, craft", ["deep sea", "craft"]),
        ('["deep sea", craft]', ["deep sea", "craft"]),
        ("", []),
    ],
)
def test_tags_are_a_list_or_one_text(written, read):
    assert fields_of(f"---\ntags: {written}\n---\n").words("tags") == read


def test_authors_may_be_mappings_with_a_name():
    text = "---\nauthors:\n- name: Ines Halloran\n  url: https://example.com\n- Tomasz\n---\n"
    assert fields_of(text).names("authors") == ["Ines Halloran", "Tomasz"]


def test_hugos_cover_says_what_it_shows():
    text = "---\ncover:\n  image: tide.png\n  alt: Low tide\n---\n"
    assert fields_of(text).picture("image", "cover") == ("tide.png", "Low tide")


def test_html_is_taken_out_of_plain_fields():
    assert fields_of("---\nexcerpt: A <a href='/x'>link</a> &amp; more\n---\n").plain("excerpt") == "A link & more"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        ("Ça".encode("cp1252"), "not UTF-8"),
        ("Hello".encode("utf-16"), "not UTF-8"),
        (b"# Hello\0", "NUL"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_the_reason(data, reason):
    with pytest.raises(Malformed, match=reason):
        front_matter.decode(data)


def test_a_byte_order_mark_and_the_line_ends_of_windows_go():
    assert front_matter.decode(b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\n") == "---\ntitle: A\n---\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitle: Tides\n\nText\n", "opens with --- and is never closed"),
        ('+++\ntitle = "Tides"\n', r"opens with \+\+\+ and is never closed"),
        ("---\ntitle: [a\n---\n", "not valid YAML: .* in line 3"),
        ("---\n- a\n---\n", "not a list of fields"),
        ("---\n? [a]\n: b\n---\n", "not valid YAML"),
        ("---\n" + "[" * 5000 + "\n---\n", "not valid YAML"),
        ("+++\ntitle = Tides\n+++\n", r"not valid TOML: .*line 1"),
        ('---\ntitle: "a\\0b"\n---\n', "NUL"),
        ('---\ntitle: "a\\ud800b"\n---\n', "not valid YAML|half an emoji"),
    ],
)
def test_broken_front_matter_is_refused_with_the_reason(text, reason):
    with pytest.raises(Malformed, match=reason):
        fields_of(text).text("title")
