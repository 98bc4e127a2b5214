from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from articles.importers import posts
from articles.importers.front_matter import Malformed
from articles.importers.posts import Post

CHANGED_AT = datetime(2020, 2, 2, tzinfo=UTC)


def read(text: str, path: str = "hello.md") -> Post:
    return posts.read(text.encode(), PurePosixPath(path), changed_at=CHANGED_AT, zone=UTC)


@pytest.mark.parametrize(
    ("path", "head", "name", "addresses"),
    [
        ("a.md", 'path = "2015/05/15/Rust-1.0"', "rust-1.0", ["/2015/05/15/rust-1.0"]),
        ("a.md", 'path = "x/y"\naliases = ["old.html", "/older/"]', "y", ["/x/y", "/old.html", "/older"]),
        ("a.md", 'path = "x/index.html"\naliases = ["/myindex.html/"]', "x", ["/x", "/myindex.html"]),
        ("notes/tides.md", "", "tides", ["/notes/tides"]),
        ("notes/tides/index.md", "", "tides", ["/notes/tides"]),
        ("notes/tides.md", 'slug = "low"', "low", ["/notes/low"]),
    ],
)
def test_zola_says_where_a_post_stood(path, head, name, addresses):
    post = read(f'+++\ntitle = "T"\n{head}\n+++\nText', path)
    assert (post.name, post.addresses) == (name, addresses)


@pytest.mark.parametrize(
    ("path", "head", "name", "addresses"),
    [
        ("2014-03-12-soon.md", "", "soon", ["/2014/03/12/soon", "/2014/03/12/soon.html"]),
        ("_posts/2014-3-2-soon.md", "slug: later", "later", ["/2014/03/02/later", "/2014/03/02/later.html"]),
        ("2014-03-12-soon.md", "permalink: /about/us.html", "us", ["/about/us.html"]),
        ("2014-03-12-soon.md", "permalink: /:year/:title/", "soon", ["/2014/03/12/soon", "/2014/03/12/soon.html"]),
        ("a.md", "url: https://example.com/a%20b/", "a b", ["/a b"]),
        ("a.md", "redirect_from: /old/", "a", ["/a", "/old"]),
    ],
)
def test_jekyll_says_where_a_post_stood(path, head, name, addresses):
    post = read(f"---\ntitle: T\n{head}\n---\nText", path)
    assert (post.name, post.addresses) == (name, addresses)


def test_a_plain_file_was_on_no_site():
    post = read("# Low tide\n\nThe weed hangs straight.\n", "2014-03-12-tide.md")
    assert (post.title, post.content, post.name) == ("Low tide", "The weed hangs straight.", "tide")
    assert (post.date, post.addresses) == (datetime(2014, 3, 12, tzinfo=UTC), [])


def test_a_file_without_any_date_is_as_old_as_its_last_change():
    assert read("# Low tide\n\nText").date == CHANGED_AT


def test_a_date_in_front_matter_goes_before_that_of_the_name():
    assert read("---\ntitle: T\ndate: 2019-01-01\n---\n", "2014-03-12-t.md").date.year == 2019


def test_a_title_in_html_is_read_as_generators_print_it():
    assert read('---\ntitle: "The &ldquo;front door&rdquo; &amp; more"\n---\n').title == "The “front door” & more"


def test_a_heading_of_a_part_gives_the_title_and_stays():
    post = read("It begins without one.\n\n## Then *this*\n\nMore.\n")
    assert (post.title, post.content) == ("Then this", "It begins without one.\n\n## Then *this*\n\nMore.")


def test_an_underlined_heading_is_taken_whole():
    assert read("Low tide\n========\n\nText").content == "Text"


def test_a_hash_in_code_is_no_title():
    with pytest.raises(Malformed, match="no title"):
        read("```\n# a comment\n```\n")


@pytest.mark.parametrize("head", ["draft: true", "published: false", "draft: yes", "draft: maybe"])
def test_drafts_are_drafts(head):
    assert read(f"---\ntitle: T\n{head}\n---\n").is_draft


def test_what_lies_among_jekylls_drafts_is_one():
    assert read("---\ntitle: T\n---\n", "_drafts/t.md").is_draft


def test_tags_and_categories_are_one():
    assert read("---\ntitle: T\ntags: [Sea]\ncategories: [Craft, sea]\n---\n").tags == ["Sea", "Craft"]


def test_template_tags_stay_and_are_counted():
    post = read("---\ntitle: T\n---\n{% include x %} and [a]({{ '/b' | url }})\n")
    assert post.content == "{% include x %} and [a]({{ '/b' | url }})"
    assert post.template_tags == 2


def test_fields_without_a_place_are_named():
    assert read("---\ntitle: T\nlayout: post\nhero: true\nempty:\n---\n").left_behind == ["layout", "hero"]


@pytest.mark.parametrize(
    ("head", "language"),
    [("lang: de", "de"), ("language: de-DE", "de"), ("lang: pt_BR", "pt-br"), ("lang: tlh", ""), ("title: x", "")],
)
def test_its_language_is_one_that_is_known(head, language):
    text = f"---\n{head}\n---\n\n# A title\n\nWords enough.\n".encode()
    post = posts.read(text, PurePosixPath("post.md"), changed_at=datetime(2026, 1, 1, tzinfo=UTC), zone=UTC)
    assert post.language == language
