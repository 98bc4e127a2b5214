import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.roles import Role
from articles import publishing
from articles.models import SiteSettings
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
CONTENT = "Words enough for an article.\n\nAnd a second line."


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def article(editor):
    """Live, and never changed since."""
    with time_machine.travel(NOON):
        draft = publishing.create(by=editor, title="Hello", content=CONTENT.replace("Words", "Secrets"))
        publishing.revise(draft, by=editor, content=CONTENT)
        return publishing.publish(draft, by=editor)


def history(client, article, number=None):
    """The page as a stranger gets it."""
    return client.get(f"/articles/{article.slug}/history/" + (f"{number}/" if number else ""))


def compared(answer):
    return re.findall(r'<a [^>]*href="[^"]*/history/(\d+)/', answer.text)


def words(answer, tag):
    found = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
    return [" ".join(re.sub("<bdi.*?</bdi>|<[^>]+>", "", text).split()) for text in found]


def test_one_that_never_changed_has_one_version_and_nothing_to_compare(client, article):
    answer = history(client, article)
    assert "There is one published version of this article." in answer.text
    assert "March 15, 2026, noon" in answer.text
    assert compared(answer) == []
    assert [history(client, article, number).status_code for number in (1, 2, 3)] == [301] * 3


def test_a_page_past_its_end_leads_to_the_last_and_what_is_no_page_to_none(client, article):
    path = f"{article.get_absolute_url()}history/"
    assert client.get(f"{path}?page=99")["Location"] == path
    assert client.get(f"{path}?page=some").status_code == 404


def test_it_shows_what_changed_between_published_versions(client, article, editor):
    with time_machine.travel(NOON + timedelta(days=2)):
        publishing.revise(article, by=editor, title="Hello <you>", content=CONTENT.replace("second", "third"))
        publishing.revise(article, by=editor, summary="In short.", note="It had *none*.")
    assert compared(history(client, article)) == ["3", "2"]
    assert "It had *none*." in history(client, article).text
    assert "There are 3 published versions" in history(client, article).text
    answer = history(client, article, 2)
    assert "March 17, 2026, noon" in answer.text
    assert words(answer, "del") == ["Hello", "And a second line."]
    assert words(answer, "ins") == ["Hello &lt;you&gt;", "And a third line."]
    assert words(history(client, article, 3), "ins") == ["In short."]
    assert "It had *none*." in history(client, article, 3).text


def test_what_is_said_of_a_line_to_those_who_listen_does_not_turn_its_direction(client, article, editor):
    """dir="auto" goes by the first letter, of a <bdi> aside: on an Arabic site an English line stays English."""
    publishing.revise(article, by=editor, title="Other")
    assert '<p dir="auto"><bdi class="unseen">Added: </bdi>' in history(client, article, 2).text


def test_one_version_leads_to_the_next(client, article, editor):
    for number in range(3):
        publishing.revise(article, by=editor, title=f"Hello {number}")
    assert compared(history(client, article, 2)) == ["3"]
    assert compared(history(client, article, 3)) == ["4", "2"]
    assert compared(history(client, article, 4)) == ["3"]


def test_it_shows_which_tags_came_and_went(client, article, editor):
    publishing.revise(article, by=editor, tags=["Sea", "Tides"])
    publishing.revise(article, by=editor, tags=["Sea", "Wind & waves"])
    answer = history(client, article, 3)
    assert "Tags</h2>" in answer.text
    assert (words(answer, "del"), words(answer, "ins")) == (["Tides"], ["Wind &amp; waves"])


def test_where_only_other_things_changed_it_says_that_the_words_are_the_same(client, article, editor):
    publishing.revise(article, by=editor, slug="elsewhere")
    article.refresh_from_db()
    assert "The words are the same" in history(client, article, 2).text


def test_what_was_not_published_can_not_be_reached(client, article, editor):
    """Neither what came before, nor what was written while it was withdrawn or waited, nor what was withdrawn."""
    secrets = ["Taken back", "While withdrawn", "While scheduled"]
    publishing.revise(article, by=editor, title="Taken back", note="A note that is taken back.")
    publishing.withdraw(article, by=editor)
    publishing.revise(article, by=editor, title="While withdrawn")
    publishing.publish(article, by=editor, at=timezone.now() + timedelta(hours=1))
    publishing.revise(article, by=editor, title="While scheduled")
    article = publishing.revise(article, by=editor, title="Fine again")
    assert history(client, article).status_code == 410
    client.force_login(editor)
    assert history(client, article).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        publishing.revise(article, by=editor, title="Finer")
        client.force_login(UserFactory(role=Role.EDITOR))
        answers = [history(client, article, number) for number in [None, *range(1, 20)]]
        answers += [client.get(f"/articles/{article.slug}/history/?{query}") for query in ("page=2", "from=1&to=9")]
        answers.append(client.get(article.get_absolute_url()))
    assert [answer.status_code for answer in answers] == [200, 301, 200] + [301] * 18 + [200] * 2
    assert {answer["Location"] for answer in answers if answer.status_code == 301} == {
        f"{article.get_absolute_url()}history/"
    }
    assert compared(answers[0]) == ["2"]
    assert words(answers[2], "del") == ["Fine again"]
    for secret in ("Secrets", *secrets, "A note that"):
        assert not any(secret in answer.text for answer in answers)


def test_what_was_written_before_a_date_that_is_set_back_later_stays_unseen(client, article, editor):
    publishing.revise(article, by=editor, published_at=NOON - timedelta(days=9))
    publishing.revise(article, by=editor, title="Hello you")
    answers = [history(client, article, number) for number in (None, 2, 3)]
    assert compared(answers[0]) == ["3", "2"]
    assert not any("Secrets" in answer.text for answer in answers)


@pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
def test_before_it_is_live_it_has_none_for_anybody(client, editor, state):
    client.force_login(editor)
    assert history(client, ArticleFactory(author=editor, **state)).status_code == 404


def test_one_that_was_made_without_revisions_has_a_page_too(client):
    assert "There is one published version" in history(client, ArticleFactory(live=True)).text


def test_an_earlier_address_leads_on_at_once(client, article, editor):
    for slug in ("second", "third"):
        publishing.revise(article, by=editor, slug=slug)
    for path in ("", "2/"):
        answer = client.get(f"/articles/hello/history/{path}")
        assert (answer.status_code, answer["Location"]) == (301, f"/articles/third/history/{path}")


def test_who_runs_the_site_can_switch_it_off(client, article, editor):
    publishing.revise(article, by=editor, title="Hello you")
    link = f'href="/articles/{article.slug}/history/"'
    assert link in client.get(article.get_absolute_url()).text
    SiteSettings.objects.create(public_history=False)
    assert link not in client.get(article.get_absolute_url()).text
    assert [history(client, article, number).status_code for number in (None, 2)] == [410, 410]


def test_search_engines_are_not_to_list_it(client, article, editor):
    publishing.revise(article, by=editor, title="Hello you")
    for number in (None, 2):
        assert '<meta name="robots" content="noindex">' in history(client, article, number).text


def test_an_article_leads_to_it_once_it_has_changed(client, article, editor):
    link = f'href="/articles/{article.slug}/history/"'
    assert link not in client.get(article.get_absolute_url()).text
    publishing.revise(article, by=editor, title="Hello you")
    assert link in client.get(article.get_absolute_url()).text


def test_an_article_says_what_was_corrected_the_newest_first(client, article, editor):
    for day, note in enumerate(["It was <Ada>.", "It was Grace."], start=1):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            publishing.revise(article, by=editor, note=note)
    page = client.get(article.get_absolute_url()).text
    notice = re.search('<aside class="corrections".*?</aside>', page, re.DOTALL)[0]
    said = [" ".join(re.sub("<[^>]+>", "", text).split()) for text in re.findall("<p>.*?</p>", notice, re.DOTALL)]
    assert said == ["Corrected on March 17, 2026: It was Grace.", "Corrected on March 16, 2026: It was &lt;Ada&gt;."]
    assert '<time datetime="2026-03-17T12:00:00+00:00">Updated March 17, 2026</time>' in page


def test_what_was_corrected_before_a_withdrawal_is_not_said_any_more(client, article, editor):
    publishing.revise(article, by=editor, note="It was Ada.")
    publishing.publish(publishing.withdraw(article, by=editor), by=editor)
    publishing.revise(article, by=editor, note="It was Grace.")
    page = client.get(article.get_absolute_url()).text
    assert "It was Grace." in page
    assert "It was Ada." not in page


def test_it_takes_the_same_few_queries_however_many_versions(client, article, editor, django_assert_num_queries):
    for count in (1, 9):
        for number in range(count):
            publishing.revise(article, by=editor, title=f"Hello {count}.{number}", note=f"Once {number}.")
        for path, queries in {"": 3, "2/": 4}.items():
            with django_assert_num_queries(queries):
                assert client.get(f"/articles/{article.slug}/history/{path}").status_code == 200
