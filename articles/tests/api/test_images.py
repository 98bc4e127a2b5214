"""The media library."""

import pytest

from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles.models import Image
from articles.tests.factories import ArticleFactory, UserFactory, picture

pytestmark = pytest.mark.django_db
IMAGES = f"{API}/images/"


def upload(user, **data):
    return signed_in(user).post(IMAGES, {"file": picture(), **data})


def test_a_picture_comes_in_and_is_found_again():
    contributor = UserFactory(role=Role.CONTRIBUTOR)
    answer = upload(contributor, alt="Teal")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["alt"], shown["width"], shown["height"], shown["original_name"]) == ("Teal", 8, 6, "picture.png")
    assert signed_in(contributor).get(answer["Location"]).json() == shown
    assert signed_in(contributor).get(IMAGES).json() == [shown]
    assert stranger().get(shown["url"]).status_code == 200
    assert upload(contributor).json() == shown


def test_readers_and_strangers_stay_outside():
    reader = UserFactory()
    for answer in (upload(reader), signed_in(reader).get(IMAGES), signed_in(reader).get(f"{IMAGES}1")):
        assert (answer.status_code, answer.json()) == (403, {"detail": "Not authorized"})
    assert stranger().get(IMAGES).status_code == stranger().post(IMAGES).status_code == 401


def test_ones_own_unused_picture_goes_and_one_in_use_stays(author):
    image = upload(author).json()["id"]
    ArticleFactory(cover_id=image)
    refused = signed_in(author).delete(f"{IMAGES}{image}")
    why = "An article shows this picture: take it out there first, or ask an editor."
    assert (refused.status_code, refused.json()) == (403, {"detail": why})
    refused = signed_in(UserFactory(role=Role.AUTHOR)).delete(f"{IMAGES}{image}")
    assert (refused.status_code, refused.json()) == (403, {"detail": "Not authorized"})
    ArticleFactory._meta.model.objects.all().delete()
    assert signed_in(author).delete(f"{IMAGES}{image}/").status_code == 204
    assert not Image.objects.exists()
    answer = signed_in(author).delete(f"{IMAGES}{image}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Image not found"})
