"""The rules by themselves: that they answer the same about one article and about all. The table is in test_doors.py."""

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from accounts.roles import Role, assign, role_of
from articles import access
from articles.models import Article
from articles.tests.factories import ArticleFactory, UserFactory

ROLES = [None, *Role]
STATES = [{}, {"scheduled": True}, {"live": True}]


class Rules(TestCase):
    people: list[User]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = [UserFactory.create(role=role) for role in ROLES]
        for person in cls.people:
            for state in STATES:
                ArticleFactory(author=person, **state)

    @given(st.integers(0, len(ROLES) - 1), st.sampled_from(sorted(access.ARTICLE_RULES)))
    def test_a_rule_answers_the_same_about_one_article_as_about_all(self, number: int, permission: str) -> None:
        person = self.people[number]
        allowed = set(Article.objects.filter(access.ARTICLE_RULES[permission](person)))
        for article in Article.objects.all():
            assert person.has_perm(permission, article) == (article in allowed)
            assert access.holds(access.ARTICLE_RULES[permission](person), article) == (article in allowed)

    def test_the_state_that_is_shown_and_the_state_that_is_asked_for_agree(self) -> None:
        for state, articles in {
            "live": Article.objects.live(),
            "scheduled": Article.objects.scheduled(),
            "draft": Article.objects.drafts(),
        }.items():
            assert set(articles) == {article for article in Article.objects.all() if article.state == state}


@pytest.mark.django_db
def test_a_stranger_may_see_what_is_live_and_do_nothing():
    for state in STATES:
        ArticleFactory(**state)
    stranger = AnonymousUser()
    assert [article.state for article in Article.objects.viewable_by(stranger)] == ["live"]
    changes = [f"articles.{verb}_article" for verb in ("change", "delete", "publish")]
    assert not any(stranger.has_perm(change, article) for change in changes for article in Article.objects.all())


@pytest.mark.django_db
def test_whoever_lost_their_role_lost_their_drafts():
    writer = UserFactory(role=Role.AUTHOR)
    draft = ArticleFactory(author=writer)
    assign(writer, None)
    writer = type(writer).objects.get(pk=writer.pk)
    assert (role_of(writer), writer.is_staff) == (None, False)
    assert not writer.has_perm("articles.view_article", draft)


@pytest.mark.django_db
def test_an_inactive_account_may_do_nothing():
    editor = UserFactory(role=Role.EDITOR, is_active=False)
    assert not editor.has_perm("articles.change_article", ArticleFactory(author=editor))


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_a_role_is_taken_on_and_is_the_only_one(role):
    person = UserFactory(role=Role.EDITOR)
    assign(person, role)
    assert role_of(person) == role
    assert person.groups.count() == 1
