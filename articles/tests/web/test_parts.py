"""Parts of pages that are made once."""

import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import mark_safe

from articles.models import SiteSettings

pytestmark = pytest.mark.once
COUNT = '{% load parts %}{% part "articles/parts/count.html" total=total %}'


@pytest.fixture
def show(monkeypatch):
    engine = engines["django"]
    monkeypatch.setitem(engine.engine.__dict__, "parts", {})

    def show(source, **context):
        return engine.from_string(source).render(context)

    return show


def remembered():
    return engines["django"].engine.__dict__["parts"]


def test_a_part_is_made_once_for_the_same_values(show):
    assert "3 articles" in show(COUNT, total=3)
    [key] = remembered()
    remembered()[key] = "made before"
    assert show(COUNT, total=3) == "made before"
    assert "4 articles" in show(COUNT, total=4)


def test_it_is_another_one_in_another_language(show):
    show(COUNT, total=3)
    with translation.override("de"):
        assert "3 Artikel" in show(COUNT, total=3)


def test_it_is_handed_nothing_else(show):
    assert "Bees" not in show('{% load parts %}{% part "articles/parts/feeds.html" page="/" %}', title="Bees")


def test_what_is_equal_and_not_the_same_is_told_apart(show):
    title = '{% load parts %}{% part "articles/parts/feeds.html" title=title %}'
    assert "&lt;b&gt;" in show(title, title="<b>")
    assert "<b>" in show(title, title=mark_safe("<b>"))


def test_the_day_that_a_part_shows_is_never_yesterday(show, time_machine):
    time_machine.move_to("2026-03-01 23:59:59Z", tick=False)
    show(COUNT, total=3)
    time_machine.move_to("2026-03-02 00:00:00Z", tick=False)
    show(COUNT, total=3)
    assert len(remembered()) == 2


def test_what_is_remembered_is_bounded(show):
    for total in range(1100):
        show(COUNT, total=total)
    assert len(remembered()) <= 1000


def test_the_masthead_changes_with_what_the_settings_say(show):
    masthead = '{% load parts %}{% part "articles/parts/masthead.html" site=site here="articles:tags" path="" %}'
    page = {"title": "About", "address": "/about/", "language": "", "published_at": "2020-01-01T00:00:00+00:00"}
    assert "Bees" in show(masthead, site=SiteSettings(title="Bees"))
    assert "Wasps" in show(masthead, site=SiteSettings(title="Wasps"))
    assert "About" in show(masthead, site=SiteSettings(title="Bees", menu=[page]))
    assert "About" not in show(
        masthead, site=SiteSettings(title="Bees", menu=[{**page, "published_at": "2999-01-01T00:00:00+00:00"}])
    )
