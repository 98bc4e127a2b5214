from itertools import cycle

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from articles.models import Article, Image, Redirect, Series
from articles.tests.admin.browser import fields
from articles.tests.factories import TagFactory, UserFactory


class Desk(Client):
    """A browser at the desk, signed in with one role."""

    def __init__(self, role):
        super().__init__()
        self.person = UserFactory(role=role)
        self.force_login(self.person)

    def open(self, noun, *args, page="change"):
        return self.get(address(noun, *args, page=page))

    def save(self, thing, **typed):
        """Open its form, type this, and press Save."""
        noun = thing._meta.model_name
        return self.send(noun, fields(self.open(noun, thing.pk)) | typed, thing.pk)

    def add(self, noun, **typed):
        return self.send(noun, fields(self.open(noun, page="add")) | typed, page="add")

    def send(self, noun, data, *args, page="change"):
        return self.post(address(noun, *args, page=page), data)

    def act(self, action, *things, **data):
        """Choose an action for these rows of the list."""
        chosen = {"action": action, "_selected_action": [thing.pk for thing in things], "index": 0}
        return self.post(address(things[0]._meta.model_name, page="changelist"), chosen | data, follow=True)


def address(noun, *args, page):
    app = "accounts" if noun == "user" else "articles"
    return reverse(f"admin:{app}_{noun}_{page}", args=args)


@pytest.fixture
def contributor(db):
    return Desk(Role.CONTRIBUTOR)


@pytest.fixture
def author(db):
    return Desk(Role.AUTHOR)


@pytest.fixture
def editor(db):
    return Desk(Role.EDITOR)


@pytest.fixture
def administrator(db):
    return Desk(Role.ADMINISTRATOR)


@pytest.fixture
def rows(db):
    """Fill a list, each row with all that it could need a query of its own for: rows("tag", 99)."""

    def make(noun, count):
        numbers = [f"{noun}-{User.objects.count()}-{number}" for number in range(count)]
        people = User.objects.bulk_create(User(username=text, email=f"{text}@example.com") for text in numbers)
        for person, role in zip(people, cycle(Role), strict=False):
            person.groups.add(Group.objects.get(name=role))
        Image.objects.bulk_create(
            Image(file=f"{text}.png", digest=text, width=8, height=8, uploaded_by=person)
            for text, person in zip(numbers, people, strict=True)
        )
        articles = Article.objects.bulk_create(
            Article(title=text, slug=text, content=text * 9, word_count=1, author=person, published_at=timezone.now())
            for text, person in zip(numbers, people, strict=True)
        )
        for article, text in zip(articles, numbers, strict=True):
            article.tags.add(TagFactory(name=text))
        Series.objects.bulk_create(Series(title=text, slug=text) for text in numbers)
        Redirect.objects.bulk_create(Redirect(path=f"/{each.slug}", article=each) for each in articles)

    return make
