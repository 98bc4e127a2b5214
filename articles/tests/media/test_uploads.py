import struct
from io import BytesIO
from zlib import crc32

import PIL.Image
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL.PngImagePlugin import PngInfo

from accounts.roles import Role
from articles.media import uploads
from articles.models import Image
from articles.tests.factories import ArticleFactory, UserFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return UserFactory(role=Role.CONTRIBUTOR)


def file_of(first, kind, **options):
    out = BytesIO()
    first.save(out, kind, **options)
    return BytesIO(out.getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_file_of_each_kind_comes_in_with_its_size(kind, writer):
    image = uploads.store(picture(8, 6, kind), by=writer, alt="Teal", name="../a/b.png")
    assert (image.width, image.height, image.alt, image.original_name) == (8, 6, "Teal", "b.png")
    assert PIL.Image.open(image.file).format == kind


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg onload=alert(1)>", b"GIF89a", picture().read()[:40]])
def test_what_is_no_picture_is_refused(data, writer):
    with pytest.raises(ValidationError):
        uploads.store(BytesIO(data), by=writer)


def test_an_animation_damaged_behind_its_first_frame_is_refused(writer):
    frames = [PIL.Image.effect_noise((40, 30), 90) for _ in range(3)]
    data = file_of(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"A name").read()
    with pytest.raises(ValidationError):
        uploads.store(BytesIO(data[:-1000]), by=writer)


def test_a_damaged_avif_is_refused(writer):
    data = picture(kind="AVIF").read()
    with pytest.raises(ValidationError):
        uploads.store(BytesIO(data.replace(b"av01", b"av02")), by=writer)


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


def test_no_text_in_a_picture_is_kept(writer):
    """ImageMagick writes a camera's EXIF as such a text."""
    texts = PngInfo()
    texts.add_text("Raw profile type exif", "A place")
    texts.add_itxt("Author", "A name")
    image = uploads.store(picture(kind="PNG", pnginfo=texts), by=writer)
    assert not PIL.Image.open(image.file).info


def test_the_first_of_several_pictures_in_a_jpeg_is_kept(writer):
    """Phones add a second one, for depth or brightness."""
    first, second = PIL.Image.new("RGB", (8, 6), "teal"), PIL.Image.new("RGB", (4, 3))
    image = uploads.store(file_of(first, "MPO", save_all=True, append_images=[second]), by=writer)
    stored = PIL.Image.open(image.file)
    assert (stored.format, stored.size, getattr(stored, "n_frames", 1)) == ("JPEG", (8, 6), 1)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def at_a_place(data, place, more):
    return data[:place] + more + data[place:]


NOTED = {  # of which Pillow says nothing
    "PNG, what made it": ("PNG", 33, chunk(b"caBX", b"A name")),
    "PNG, a date": ("PNG", -12, chunk(b"tIME", b"A name")),
    "JPEG, what made it": ("JPEG", 20, segment(0xEB, b"JP\0\1 A name")),
    "JPEG, a thumbnail": ("JPEG", 20, segment(0xE0, b"JFXX\0\x10 A name")),
    "JPEG, a comment after the picture": ("JPEG", -2, segment(0xFE, b"A name")),
    "WebP, what made it": ("WEBP", None, b"C2PA" + struct.pack("<I", 6) + b"A name"),
    "AVIF, what made it": ("AVIF", None, struct.pack(">I", 14) + b"uuid" + b"A name"),
    "GIF, a comment after the picture": ("GIF", -1, b"\x21\xfe\x06A name\0"),
    "GIF, XMP after the picture": ("GIF", -1, b"\x21\xff\x0bXMP DataXMP\x06A name\0"),
    **{f"{kind}, more behind it": (kind, None, b"A name") for kind in uploads.SUFFIXES},
}


@pytest.mark.parametrize(("kind", "place", "more"), NOTED.values(), ids=NOTED)
def test_nothing_but_the_picture_is_kept(kind, place, more, writer):
    data = picture(kind=kind).read()
    noted = at_a_place(data, len(data) if place is None else place, more)
    image = uploads.store(BytesIO(noted), by=writer)
    assert b"A name" not in image.file.read()
    assert (image.width, image.height) == (8, 6)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in uploads.SUFFIXES),
        ("JPEG", {"progressive": True, "icc_profile": b"A profile"}),
        ("PNG", {"icc_profile": b"A profile"}),
        ("WEBP", {"icc_profile": b"A profile"}),
        *((kind, {"save_all": True, "append_images": [PIL.Image.new("RGB", (8, 6))]}) for kind in ("PNG", "GIF")),
    ],
)
def test_a_file_that_tells_nothing_is_kept_as_it_came(kind, options, writer):
    data = picture(kind=kind, **options).read()
    assert uploads.store(BytesIO(data), by=writer).file.read() == data


def test_an_exif_that_is_none_is_dropped(writer):
    data = at_a_place(picture(kind="PNG").read(), 33, chunk(b"eXIf", b"no EXIF"))
    assert not PIL.Image.open(uploads.store(BytesIO(data), by=writer).file).info


@pytest.mark.parametrize(
    ("kind", "said"), [("GIF", {"comment": b"A name"}), ("WEBP", {"exif": b"A name"}), ("PNG", {"exif": b"A name"})]
)
def test_an_animation_without_its_metadata_runs_as_before(kind, said, writer):
    frames = [PIL.Image.new("RGB", (8, 6), colour) for colour in ("teal", "navy", "olive")]
    made = file_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=[100, 300, 200], **said)
    stored = PIL.Image.open(uploads.store(made, by=writer).file)
    assert not {"comment", "exif"} & stored.info.keys()
    assert uploads._durations(stored) == [100, 300, 200]


def test_an_animation_too_large_to_be_written_anew_is_refused(writer, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_PIXELS", 100)
    frames = [PIL.Image.new("RGB", (8, 6), colour) for colour in ("teal", "navy", "olive")]
    with pytest.raises(ValidationError, match="100 pixels"):
        uploads.store(file_of(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"A"), by=writer)


@pytest.mark.parametrize("side", [8_000, 10_000, 20_000])
def test_a_file_of_too_many_pixels_is_refused_as_such(side, writer):
    with pytest.raises(ValidationError, match="pixels"):
        uploads.store(file_of(PIL.Image.new("1", (side, side)), "PNG"), by=writer)


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


def test_nor_one_that_was_deleted_and_has_come_in_again(writer):
    image = uploads.store(picture(), by=writer)
    article = ArticleFactory(content=f"Look at this: ![it]({image.url})")
    uploads.remove(image, by=UserFactory(role=Role.EDITOR))
    article.save()
    again = uploads.store(picture(), by=writer)
    assert list(again.shown_in.all()) == [article]
    assert list(type(article).objects.outdated()) == [article]
    with pytest.raises(PermissionDenied):
        uploads.remove(again, by=writer)


def test_an_article_shows_a_picture_no_longer_than_its_text_names_it(writer):
    image = uploads.store(picture(), by=writer)
    article = ArticleFactory(content=f"Look at this: ![it]({image.url})")
    article.content = "Nothing to look at any more."
    article.save()
    assert not article.images.exists()
    uploads.remove(image, by=writer)


def test_a_reader_uploads_nothing():
    with pytest.raises(PermissionDenied):
        uploads.store(picture(), by=UserFactory())
