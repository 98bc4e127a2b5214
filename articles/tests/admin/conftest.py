from itertools import cycle, islice

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from articles.media import uploads
from articles.models import Image, Redirect
from articles.tests.admin.browser import fields
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture


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
    """Fill a list: rows("tag", 99)."""

    def make(noun, count):
        match noun:
            case "article":
                for _ in range(count):
                    ArticleFactory(live=True, tags=[TagFactory()], series=SeriesFactory())
            case "tag":
                ArticleFactory(live=True, tags=TagFactory.create_batch(count))
            case "series":
                ArticleFactory(series=SeriesFactory.create_batch(count)[0])
            case "user":
                for role in islice(cycle(Role), count):
                    ArticleFactory(author=UserFactory(role=role))
            case "redirect":
                for article in ArticleFactory.create_batch(count):
                    Redirect.objects.create(path=f"/old/{article.pk}", article=article)
            case "image":
                for number in range(count):
                    image = uploads.store(picture(8, 8 + Image.objects.count()), by=UserFactory(role=Role.AUTHOR))
                    ArticleFactory(cover=image, title=f"With picture {number}")

    return make
