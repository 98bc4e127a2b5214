from io import BytesIO

import PIL.Image
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.roles import Role
from articles.media import uploads
from articles.models import Image
from articles.tests.factories import ArticleFactory, UserFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return UserFactory(role=Role.CONTRIBUTOR)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_of_each_kind_comes_in_with_its_size(kind, writer):
    image = uploads.store(picture(8, 6, kind), by=writer, alt="Teal", name="../a/b.png")
    assert (image.width, image.height, image.alt, image.original_name) == (8, 6, "Teal", "b.png")
    assert PIL.Image.open(image.file).format == kind


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg onload=alert(1)>", b"GIF89a", picture().read()[:40]])
def test_what_is_no_picture_is_refused(data, writer):
    with pytest.raises(ValidationError):
        uploads.store(BytesIO(data), by=writer)


def test_a_file_past_the_limit_is_refused(writer, settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(ValidationError, match="10 bytes"):
        uploads.store(picture(), by=writer)


def test_where_it_was_taken_is_not_kept_and_it_stands_upright(writer):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"  # a place
    image = uploads.store(picture(8, 6, "JPEG", exif=exif), by=writer)
    stored = PIL.Image.open(image.file)
    assert not stored.getexif()
    assert stored.size == (image.width, image.height) == (6, 8)


def test_the_same_picture_is_kept_once(writer):
    assert uploads.store(picture(), by=writer) == uploads.store(picture(), by=writer)


def test_deleting_a_picture_deletes_its_file(writer, django_capture_on_commit_callbacks):
    image = uploads.store(picture(5, 5), by=writer)
    storage, name = image.file.storage, image.file.name
    with django_capture_on_commit_callbacks(execute=True):
        uploads.remove(image, by=writer)
    assert not Image.objects.exists()
    assert not storage.exists(name)


def test_a_writer_can_not_delete_a_picture_that_an_article_shows(writer):
    image = uploads.store(picture(), by=writer)
    ArticleFactory(content=f"Look at this: ![it]({image.url})")
    with pytest.raises(PermissionDenied):
        uploads.remove(image, by=writer)


def test_a_reader_uploads_nothing():
    with pytest.raises(PermissionDenied):
        uploads.store(picture(), by=UserFactory())
