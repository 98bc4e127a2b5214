"""Rows for tests. Articles are made by the model alone, with no revision; the verbs are in articles.publishing."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import PIL.Image
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from accounts import roles
from accounts.models import User
from articles.models import Article, Page, Series, Tag

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    """`UserFactory(role=Role.EDITOR)`; without a role, a reader."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence("user{}".format)
    email = LazyAttribute(lambda user: f"{user.username}@example.com")
    name = LazyAttribute(lambda user: user.username.title())

    @post_generation
    def password(self, create, extracted, **kwargs):
        if extracted:
            self.set_password(extracted)
            self.save(update_fields=["password"])

    @post_generation
    def role(self, create, extracted, **kwargs):
        if extracted:
            roles.assign(self, extracted)


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = Sequence("Tag {}".format)


class SeriesFactory(DjangoModelFactory[Series]):
    class Meta:
        model = Series

    title = Sequence("Series {}".format)


class ArticleFactory(DjangoModelFactory[Article]):
    """A draft; `live=True` and `scheduled=True` are the other two states."""

    class Meta:
        model = Article
        skip_postgeneration_save = True

    class Params:
        live = Trait(published_at=LazyFunction(lambda: timezone.now() - timedelta(hours=1)))
        scheduled = Trait(published_at=LazyFunction(lambda: timezone.now() + timedelta(days=1)))

    title = Sequence("Article number {}".format)
    content = "A paragraph that is long enough to be an article."
    author = SubFactory(UserFactory)

    @post_generation
    def tags(self, create, extracted, **kwargs):
        if extracted:
            self.tags.set(extracted)


class PageFactory(ArticleFactory):
    class Meta:
        model = Page
        skip_postgeneration_save = True

    title = Sequence("Page number {}".format)


def picture(width: int = 8, height: int = 6, kind: str = "PNG", **options: Any) -> SimpleUploadedFile:
    """A picture as a browser would send it."""
    out = BytesIO()
    PIL.Image.new("RGB", (width, height), "teal").save(out, kind, **options)
    return SimpleUploadedFile(f"picture.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")
