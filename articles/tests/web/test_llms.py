import re

import pytest
from markdown_it import MarkdownIt

from articles.models import SiteSettings
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory
from articles.web import llms

pytestmark = pytest.mark.django_db


def test_it_says_what_the_site_is_and_where_its_texts_lie(client):
    SiteSettings(title="Hives", description="On\nbees.").save()
    series, tag = SeriesFactory(title="Garden", description="A year."), TagFactory(name="Bees")
    ArticleFactory(title="Old", summary="What was.", published_at="2026-03-14T12:00Z", tags=[tag], series=series)
    ArticleFactory(title="New 茶", summary="What is.", published_at="2026-03-15T12:00Z", tags=[tag])
    answer = client.get("/llms.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == (
        "# Hives\n\n"
        "> On bees.\n\n"
        "## Newest articles\n\n"
        "- [New 茶](http://testserver/articles/new-%E8%8C%B6.md): What is.\n"
        "- [Old](http://testserver/articles/old.md): What was.\n\n"
        "## Series\n\n"
        "- [Garden](http://testserver/series/garden/): A year.\n\n"
        "## Tags\n\n"
        "- [Bees](http://testserver/tags/bees/): 2 articles\n\n"
        "## Optional\n\n"
        "- [All articles by date](http://testserver/archive/)\n"
        "- [RSS](http://testserver/feeds/rss.xml)\n"
    )


def test_all_that_it_names_is_there(client):
    ArticleFactory(live=True, tags=[TagFactory()], series=SeriesFactory())
    addresses = re.findall(r"\]\(http://testserver(.+?)\)", client.get("/llms.txt").text)
    assert len(addresses) == 5
    assert {client.get(address).status_code for address in addresses} == {200}


def test_no_title_is_taken_for_more_than_text(client):
    title = "# A `b` [c](d) *e* _f_ <g> \\h"
    ArticleFactory(live=True, title=title, summary="x\n\n## y")
    html = MarkdownIt("commonmark").render(client.get("/llms.txt").text)
    assert html.count("<h2>") == 2
    assert "># A `b` [c](d) *e* _f_ &lt;g&gt; \\h</a>: x ## y</li>" in html


def test_it_stays_short(client, monkeypatch):
    monkeypatch.setattr(llms, "NEWEST", 2)
    monkeypatch.setattr(llms, "LISTED", 1)
    for number in range(3):
        ArticleFactory(live=True, tags=[TagFactory(name=f"T{number}"), TagFactory()], series=SeriesFactory())
    text = client.get("/llms.txt").text
    assert [text.count(kind) for kind in ("/articles/", "/tags/", "/series/")] == [2, 1, 1]


def test_the_tags_most_used_are_the_ones_that_are_named(client, monkeypatch):
    monkeypatch.setattr(llms, "LISTED", 1)
    rare, common = TagFactory(name="A rare one"), TagFactory(name="Bees")
    ArticleFactory(live=True, tags=[rare, common])
    ArticleFactory(live=True, tags=[common])
    ArticleFactory.create_batch(3, tags=[rare])
    text = client.get("/llms.txt").text
    assert "[Bees]" in text
    assert "rare" not in text


@pytest.mark.parametrize("articles", [1, 20])
def test_it_takes_the_same_few_queries_however_many_articles(client, django_assert_num_queries, articles):
    for _ in range(articles):
        ArticleFactory(live=True, tags=[TagFactory()], series=SeriesFactory())
    with django_assert_num_queries(5):
        assert client.get("/llms.txt").status_code == 200


def test_what_a_program_has_already_is_not_sent_again(client):
    seen = client.get("/llms.txt")
    assert client.get("/llms.txt", headers={"If-None-Match": seen["ETag"]}).status_code == 304
