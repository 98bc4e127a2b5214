import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from articles.importers.markdown_files import Import
from articles.models import Article, Image, ImportedFile, Page, Redirect, Revision, Series, SiteSettings
from articles.tests.factories import ArticleFactory, UserFactory, picture

POST = """---
title: The hour between tides
date: 2019-03-04 18:05 +0100
authors: [Ines Halloran, Tomasz Brandt]
tags: [Sea, Craft]
description: Twice a day the harbour stops.
series: Tides
series_position: 2
aliases: [/2019/03/tides.html]
permalink: /sea/tides/
canonical_url: https://example.com/tides
layout: post
---

There is a quarter of an hour in which the harbour cannot make up its mind.
"""


def test_a_post_brings_all_that_an_article_has_a_place_for(blog):
    blog.write("tides.md", POST)
    ledger = blog.bring()
    article = Article.objects.get()
    assert (article.title, article.slug) == ("The hour between tides", "tides")
    assert article.content == "There is a quarter of an hour in which the harbour cannot make up its mind."
    assert article.summary == "Twice a day the harbour stops."
    assert article.published_at == article.created_at == datetime(2019, 3, 4, 17, 5, tzinfo=UTC)
    assert [tag.name for tag in article.tags.all()] == ["Craft", "Sea"]
    assert (str(article.series), article.series_position) == ("Tides", 2)
    assert article.canonical_url == "https://example.com/tides"
    assert {redirect.path for redirect in article.redirects.all()} == {"/sea/tides", "/2019/03/tides.html"}
    assert article.revisions.get().by == blog.by
    assert ledger.notes.co_authors == [{"file": "tides.md", "names": "Tomasz Brandt"}]
    assert ledger.notes.fields_left_behind == {"layout": 1}


def test_authors_become_closed_accounts_at_a_domain_that_is_none(blog):
    blog.write("tides.md", POST)
    blog.bring()
    author = Article.objects.get().author
    assert (author.name, author.username, author.email) == (
        "Ines Halloran",
        "ines-halloran",
        "ines-halloran@imported.invalid",
    )
    assert not author.is_active
    assert not author.has_usable_password()


@pytest.mark.parametrize(
    "known", [{"name": "INES halloran"}, {"username": "Ines.H", "name": "x"}], ids=["name", "username"]
)
def test_authors_with_an_account_are_known_whatever_the_case(blog, known):
    ines = UserFactory(**known)
    blog.write(
        "tides.md", POST.replace("[Ines Halloran, Tomasz Brandt]", "ines.h" if "username" in known else "Ines Halloran")
    )
    blog.bring()
    assert Article.objects.get().author == ines


def test_authors_whose_names_make_the_same_user_name_stay_two(blog):
    for number, name in enumerate(["Ana María", "Ana Maria", "森 明里", "林"]):
        blog.write(f"{number}.md", f"---\ntitle: Post {number}\nauthor: {name}\n---\n\nLong enough to be one.")
    blog.bring()
    assert {user.username for user in User.objects.filter(is_active=False)} == {
        "ana-maria",
        "ana-maria-2",
        "author",
        "author-2",
    }


def test_who_brings_the_posts_signs_those_without_an_author(blog):
    blog.write("plain.md", "# Low tide\n\nThe weed hangs straight down.")
    blog.bring()
    assert Article.objects.get().author == blog.by


def test_the_second_time_nothing_is_written(blog, django_assert_num_queries):
    blog.write("tides.md", POST)
    blog.bring()
    with django_assert_num_queries(2):  # the site's settings, and what was imported
        ledger = blog.bring()
    assert ledger.unchanged == 1
    assert Revision.objects.count() == 1


def test_a_changed_file_becomes_a_revision_and_keeps_its_address(blog):
    blog.write("tides.md", POST)
    blog.bring()
    blog.write("tides.md", POST.replace("The hour", "An hour").replace("permalink: /sea/tides/", "slug: new"))
    ledger = blog.bring()
    article = Article.objects.get()
    assert ledger.updated == 1
    assert (article.title, article.slug, article.version) == ("An hour between tides", "tides", 2)
    assert blog.bring().unchanged == 1


def test_an_article_deleted_here_comes_back_while_its_file_is_there(blog):
    blog.write("tides.md", POST)
    blog.bring()
    Article.objects.get().delete()
    assert blog.bring().created == 1


def test_two_folders_may_have_files_of_the_same_name(blog):
    blog.write("tides.md", POST)
    assert blog.bring(source="one").created == 1
    assert blog.bring(source="two").created == 1
    assert {article.slug for article in Article.objects.all()} == {"tides", "tides-2"}


def test_a_dry_run_says_the_same_and_leaves_nothing(blog):
    blog.write("tides.md", POST + "\n![Low tide](low.png) ![](fake.png)")
    blog.write("low.png", picture().read())
    blog.write("fake.png", "no picture at all")
    blog.write("waves.md", POST)
    blog.write("broken.md", "---\n")
    dry = blog.bring(dry_run=True)
    assert not any(model.objects.exists() for model in (Article, Image, ImportedFile, Redirect, Series))
    assert User.objects.get() == blog.by
    assert dry == blog.bring()


def test_drafts_stay_drafts_and_keep_their_date(blog):
    blog.write("a.md", "---\ntitle: A\ndate: 2019-03-04\ndraft: true\n---\n\nLong enough to be one.")
    blog.bring()
    article = Article.objects.get()
    assert article.published_at is None
    assert article.created_at == datetime(2019, 3, 4, tzinfo=UTC)


@time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC), tick=False)
def test_posts_of_the_future_are_scheduled(blog):
    blog.write("a.md", "---\ntitle: A\ndate: 2020-03-04\n---\n\nLong enough to be one.")
    blog.bring()
    article = Article.objects.get()
    assert article.state == "scheduled"
    assert article.created_at == datetime(2020, 1, 1, tzinfo=UTC)


def test_dates_without_a_zone_are_in_the_sites(blog):
    SiteSettings.objects.create(time_zone="Asia/Tokyo")
    blog.write("a.md", "---\ntitle: A\ndate: 2019-03-04 09:00\n---\n\nLong enough to be one.")
    blog.bring()
    assert Article.objects.get().published_at == datetime(2019, 3, 4, 9, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_posts_of_one_name_get_addresses_in_the_order_of_their_files(blog):
    ArticleFactory(title="Rust", slug="rust-1-0")
    for number in (1, 0):
        blog.write(
            f"Rust-1.0@{number}.md",
            f'+++\ntitle = "T{number}"\npath = "201{number}/01/01/Rust-1.0"\n+++\nLong enough text.',
        )
    blog.bring()
    assert dict(ImportedFile.objects.values_list("path", "article__slug")) == {
        "Rust-1.0@0.md": "rust-1-0-2",
        "Rust-1.0@1.md": "rust-1-0-3",
    }


def test_pictures_beside_a_post_come_along_once(blog):
    blog.write(
        "sea/tides/index.md",
        '---\ntitle: T\ncover:\n  image: low.png\n  alt: Low tide\n---\n\n![](low.png) <img src="/sea/again.png">',
    )
    blog.write("sea/tides/low.png", picture().read())
    blog.write("sea/again.png", picture().read())
    ledger = blog.bring()
    image, article = Image.objects.get(), Article.objects.get()
    assert article.content == f'![]({image.url}) <img src="{image.url}">'
    assert article.cover == image
    assert image.uploaded_by == blog.by
    assert ledger.notes.pictures_found == 3


def test_pictures_that_are_missing_or_none_are_named_and_the_post_comes_in(blog):
    blog.write(
        "a.md", "---\ntitle: A\nimage: gone.jpg\n---\n\n![](fake.png) ![](drawing.svg) ![](https://example.com/x.png)"
    )
    blog.write("fake.png", "no picture at all")
    blog.write("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    ledger = blog.bring()
    assert ledger.created == 1
    assert [entry["target"] for entry in ledger.notes.pictures_not_found] == ["fake.png", "drawing.svg", "gone.jpg"]
    assert "![](fake.png) ![](drawing.svg)" in Article.objects.get().content


@pytest.mark.parametrize(
    "target", ["../secret.png", "/../secret.png", "%2e%2e/secret.png", "link.png", "a/../../secret.png"]
)
def test_nothing_outside_of_the_folder_is_ever_read(blog, target):
    secret = blog.root.parent / "secret.png"
    secret.write_bytes(picture().read())
    (blog.root / "link.png").symlink_to(secret)
    blog.write("a.md", f"# A picture\n\n![stolen]({target})")
    ledger = blog.bring()
    assert not Image.objects.exists()
    assert [entry["target"] for entry in ledger.notes.pictures_not_found] == [target]


def test_a_post_that_is_a_link_out_of_the_folder_is_skipped(blog):
    outside = blog.root.parent / "secret.md"
    outside.write_text("# Secret\n\nNot for everybody.")
    (blog.root / "a.md").symlink_to(outside)
    (blog.root / "b.md").symlink_to("nowhere.md")
    ledger = blog.bring()
    assert [entry["file"] for entry in ledger.skipped] == ["a.md", "b.md"]
    assert "out of the folder" in ledger.skipped[0]["reason"]


@pytest.mark.parametrize(
    "target",
    [
        "b.md",
        "./b.md",
        "../sea/b.md",
        "@/sea/b.md",
        "/sea/b.md",
        "b",
        "/old/b",
        "/old/b/",
        "/old/b.html",
        "../../old/b/",
    ],
)
def test_links_to_posts_that_come_later_lead_to_their_new_address(blog, target):
    blog.write("sea/a.md", f"---\ntitle: A\n---\n\nSee [the other one]({target}#part).")
    blog.write(
        "sea/b.md", "---\ntitle: B\npermalink: /old/b/\nslug: bee\naliases: [old/b.html]\n---\n\nLong enough text."
    )
    ledger = blog.bring()
    address = reverse("articles:article", args=["bee"])
    assert Article.objects.get(title="A").content == f"See [the other one]({address}#part)."
    assert ledger.notes.links_not_found == []


def test_links_that_lead_nowhere_are_named_and_stay(blog):
    blog.write("a.md", "# Title\n\n[a](gone.md) [b](/about/) [c]({{ x }}) [d](?q=1) [e](tel:1)")
    ledger = blog.bring()
    assert [entry["target"] for entry in ledger.notes.links_not_found] == ["gone.md", "/about/"]
    assert "[a](gone.md)" in Article.objects.get().content


def test_links_to_a_post_that_is_skipped_are_named_and_work_once_it_is_mended(blog):
    blog.write("a.md", "# Title\n\nLong enough, see [the other](b.md).")
    blog.write("b.md", "# Other\n\nShort.")
    assert blog.bring().notes.links_not_found == [{"file": "a.md", "target": "b.md", "reason": "its post was skipped"}]
    blog.write("b.md", "# Other\n\nNow it is long enough.")
    blog.bring()
    address = Article.objects.get(title="Other").get_absolute_url()
    assert f"[the other]({address})" in Article.objects.get(title="Title").content


def test_an_old_address_leads_to_the_first_that_claims_it(blog):
    for name in "ab":
        blog.write(f"{name}.md", f"---\ntitle: {name}\naliases: [/same]\n---\n\nLong enough to be one.")
    ledger = blog.bring()
    assert Redirect.objects.get(path="/same").article.slug == "a"
    assert ledger.notes.addresses_not_kept == [{"file": "b.md", "address": "/same", "reason": "another article has it"}]


@pytest.mark.parametrize(
    "address",
    ["/", "/admin", "/feeds/rss.xml", "/tags/", "/media/a.html", "/api/a", "/favicon.ico", "/caf%00", f"/{'a' * 600}"],
)
def test_old_addresses_that_can_never_lead_on_are_named(blog, address):
    blog.write("a.md", f'---\ntitle: A\naliases: ["{address}", /old]\n---\n\nLong enough to be one.')
    ledger = blog.bring()
    assert {redirect.path for redirect in Redirect.objects.all()} == {"/a", "/old"}
    assert len(ledger.notes.addresses_not_kept) == 1


def test_a_long_summary_is_shortened_and_noted(blog):
    blog.write("a.md", f"---\ntitle: A\nsummary: {'word ' * 100}\n---\n\nLong enough to be one.")
    ledger = blog.bring()
    assert Article.objects.get().summary.endswith("…")
    assert ledger.notes.summaries_shortened == [{"file": "a.md", "characters": 499}]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.md", "", "empty"),
        ("a.md", b"\xff\xfe", "not UTF-8"),
        ("a.md", "---\ntitle: A\ndate: soon\n---\n\nLong enough to be one.", "“soon” cannot be read"),
        ("a.md", f"---\ntitle: {'a' * 201}\n---\n\nLong enough to be one.", "title: .*200"),
        ("a.md", "---\ntitle: A\n---\n\nShort.", "content: .*10"),
        ("a.md", f"---\ntitle: A\nauthor: {'a' * 101}\n---\n\nLong enough to be one.", "name: .*100"),
        ("a.md", f"---\ntitle: A\ntags: [{'a' * 101}]\n---\n\nLong enough to be one.", "name: .*100"),
        ("a.md", "---\ntitle: A\ncanonical_url: nowhere\n---\n\nLong enough to be one.", "canonical_url: .*valid URL"),
        ("_index.md", "+++\ntitle = 'Notes'\n+++\n", "index of a section"),
        (f"{'/'.join(['long'] * 101)}/a.md", "# A title\n\nLong enough to be one.", "longer than 500"),
    ],
)
def test_what_cannot_come_in_is_named_with_its_reason_and_the_rest_goes_on(blog, name, content, reason):
    blog.write(name, content)
    blog.write("good.md", POST)
    ledger = blog.bring()
    (skipped,) = ledger.skipped
    assert skipped["file"] == name
    assert re.search(reason, skipped["reason"])
    assert Article.objects.get().slug == "tides"
    assert not User.objects.filter(name__startswith="aaa").exists()


def test_a_file_whose_name_is_no_text_is_reported(blog):
    Path(os.fsdecode(os.fsencode(blog.root) + b"/caf\xe9.md")).write_text("# A title\n\nLong enough to be one.")
    (skipped,) = blog.bring().skipped
    assert skipped["file"] == "caf\\udce9.md"


def test_a_pipe_is_not_waited_for(blog):
    os.mkfifo(blog.root / "pipe.md")
    assert len(blog.bring().skipped) == 1


def test_a_folder_that_cannot_be_read_is_named(blog, monkeypatch):
    blog.write("shut/a.md", POST)

    def scandir(place, *, real=os.scandir):
        if place.endswith("shut"):
            raise PermissionError(13, "Permission denied", place)
        return real(place)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [entry["file"] for entry in blog.bring().skipped] == ["shut"]


def test_what_is_hidden_is_not_read(blog):
    blog.write(".git/a.md", POST)
    blog.write(".hidden.md", POST)
    assert blog.bring().files == 0


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_cut_off_leaves_no_half_post_and_is_resumed(blog, monkeypatch):
    for number in range(4):
        blog.write(f"{number}.md", f"---\ntitle: Post {number}\naliases: [/{number}]\n---\n\nLong enough. [next](3.md)")
    redirect, calls = Import._redirect, []

    def cut_off(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt  # after the article and before the rest of it
        return redirect(*args)

    monkeypatch.setattr(Import, "_redirect", cut_off)
    with pytest.raises(KeyboardInterrupt):
        blog.bring()
    assert Article.objects.count() == ImportedFile.objects.count() == 2
    ledger = blog.bring()
    assert (ledger.unchanged, ledger.created) == (2, 2)
    address = reverse("articles:article", args=[Article.objects.get(title="Post 3").slug])
    assert Article.objects.filter(content__contains=f"[next]({address})").count() == 4


def test_dates_can_be_moved_all_together(blog):
    blog.write("tides.md", POST)
    blog.bring(later=timedelta(days=365))
    assert Article.objects.get().published_at == datetime(2020, 3, 3, 17, 5, tzinfo=UTC)


def test_it_needs_somebody_who_may_change_every_article(blog):
    blog.write("tides.md", POST)
    with pytest.raises(PermissionDenied):
        Import(blog.root, by=UserFactory(role=Role.AUTHOR)).run()


def test_a_page_comes_in_as_one_and_stays_one(blog):
    blog.write(
        "about.md", "---\ntitle: About\nlayout: page\ntags: [x]\nmenu_position: 2\ndate: 2020-01-01\n---\n\nWho we are."
    )
    blog.write("post.md", "---\ntitle: Post\n---\n\nSee [who](about.md) we are.")
    assert blog.bring().created == 2
    page = Page.objects.get()
    assert (page.slug, page.menu_position, page.is_live) == ("about", 2, True)
    assert "(/about/)" in Article.objects.get().content
    blog.write("about.md", "---\ntitle: About us\ndate: 2020-01-01\n---\n\nWho we are by now.")
    assert blog.bring().updated == 1
    assert Page.objects.get().title == "About us"


def test_a_page_gets_out_of_the_way_of_the_site_s_own(blog):
    blog.write("archive.md", "---\ntitle: Archive\ntype: page\n---\n\nOlder things.")
    blog.bring()
    assert Page.objects.get().slug == "archive-2"
