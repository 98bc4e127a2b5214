"""Rows for tests. Articles are made by the model alone, with no revision; the verbs are in articles.publishing."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import factory
import PIL.Image
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from articles.models import Article, Series, Tag

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    """`UserFactory(role=Role.EDITOR)`; without a role, a reader."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence("user{}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    name = factory.LazyAttribute(lambda user: user.username.title())

    @factory.post_generation
    def password(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        if extracted:
            self.set_password(extracted)
            self.save(update_fields=["password"])

    @factory.post_generation
    def role(self, create: bool, extracted: Role | None, **kwargs: Any) -> None:
        if extracted:
            roles.assign(self, extracted)


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence("Tag {}".format)


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = Series

    title = factory.Sequence("Series {}".format)


class ArticleFactory(DjangoModelFactory):
    """A draft; `live=True` and `scheduled=True` are the other two states."""

    class Meta:
        model = Article
        skip_postgeneration_save = True

    class Params:
        live = factory.Trait(published_at=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1)))
        scheduled = factory.Trait(published_at=factory.LazyFunction(lambda: timezone.now() + timedelta(days=1)))

    title = factory.Sequence("Article number {}".format)
    content = "A paragraph that is long enough to be an article."
    author = factory.SubFactory(UserFactory)

    @factory.post_generation
    def tags(self, create: bool, extracted: list[Tag] | None, **kwargs: Any) -> None:
        if extracted:
            self.tags.set(extracted)


def picture(width: int = 8, height: int = 6, kind: str = "PNG", **options: Any) -> SimpleUploadedFile:
    """A picture as a browser would send it."""
    out = BytesIO()
    PIL.Image.new("RGB", (width, height), "teal").save(out, kind, **options)
    return SimpleUploadedFile(f"picture.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")
