from io import BytesIO

import PIL.Image
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import ImageCms

from accounts.roles import Role
from articles.media import renditions, uploads
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return UserFactory(role=Role.CONTRIBUTOR)


def photo(width, height, kind="JPEG", mode="RGB", **options):
    """Something with so much in it that no copy is larger."""
    out = BytesIO()
    PIL.Image.effect_noise((width, height), 60).convert(mode).save(out, kind, **{"quality": 95, **options})
    return BytesIO(out.getvalue())


def copies(image):
    found = [PIL.Image.open(default_storage.open(name)) for name in image.copies]
    return [(copy.format, copy.size) for copy in found]


def test_an_uploaded_picture_has_copies_for_smaller_screens(writer):
    image = uploads.store(photo(1200, 600), by=writer)
    assert image.widths == [320, 640, 960, 1200]
    assert copies(image) == [("WEBP", (320, 160)), ("WEBP", (640, 320)), ("WEBP", (960, 480)), ("WEBP", (1200, 600))]


def test_the_widest_copy_is_no_wider_than_any_page(writer):
    image = uploads.store(photo(2500, 100), by=writer)
    assert (image.widths[-1], image.srcset_type) == (1920, "image/webp")


def test_a_picture_that_is_webp_is_its_own_widest(writer):
    image = uploads.store(photo(400, 300, "WEBP"), by=writer)
    assert image.widths == [320]
    assert image.srcset == f"/media/images/{image.digest}-320.webp 320w, {image.url} 400w"
    assert image.srcset_type == "image/webp"


def test_a_picture_smaller_than_any_copy_as_wide_is_its_own_widest(writer):
    image = uploads.store(photo(1200, 600, quality=50), by=writer)
    assert 320 in image.widths
    assert 1200 not in image.widths
    assert image.srcset.endswith(f", {image.url} 1200w")
    assert image.srcset_type == ""


def test_an_animation_has_none(writer):
    frames = [PIL.Image.effect_noise((700, 300), noise) for noise in (60, 70)]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    image = uploads.store(BytesIO(out.getvalue()), by=writer)
    assert (image.widths, image.srcset, image.thumbnail) == ([], "", image.url)


@pytest.mark.parametrize(
    ("width", "height", "options"),
    [
        (500, 30_000, {"quality": 1}),  # higher than a WebP can be
        (300, 300, {"quality": 5}),
        (700, 700, {"kind": "PNG", "mode": "I;16"}),
    ],
)
def test_what_can_not_be_webp_or_would_be_no_smaller_has_none(width, height, options, writer):
    assert uploads.store(photo(width, height, **options), by=writer).widths == []


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("JPEG", "CMYK"), ("GIF", "P")])
def test_pictures_of_every_mode_have_some(kind, mode, writer):
    assert uploads.store(photo(700, 700, kind, mode), by=writer).widths


def test_what_is_transparent_stays_so(writer):
    picture = PIL.Image.effect_noise((400, 400), 60).convert("RGBA")
    picture.putalpha(PIL.Image.radial_gradient("L").resize((400, 400)))
    out = BytesIO()
    picture.save(out, "PNG")
    image = uploads.store(BytesIO(out.getvalue()), by=writer)
    assert PIL.Image.open(default_storage.open(image.copies[0])).mode == "RGBA"


@pytest.mark.parametrize("profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"none"])
def test_no_copy_carries_a_profile(profile, writer):
    image = uploads.store(photo(400, 400, icc_profile=profile), by=writer)
    assert "icc_profile" in PIL.Image.open(image.file).info
    assert not PIL.Image.open(default_storage.open(image.copies[0])).info.get("icc_profile")


def test_deleting_a_picture_deletes_its_copies(writer, django_capture_on_commit_callbacks):
    image = uploads.store(photo(700, 701), by=writer)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.remove(image, by=writer)
    assert not [name for name in image.copies if default_storage.exists(name)]


def test_what_an_interrupted_upload_left_is_replaced(writer):
    data = photo(700, 702).read()
    image = uploads.store(BytesIO(data), by=writer)
    image.delete()
    default_storage.delete(image.copies[0])
    default_storage.save(image.copies[0], BytesIO(b"half of"))
    again = uploads.store(BytesIO(data), by=writer)
    assert again.copies == image.copies
    assert copies(again)[0] == ("WEBP", (320, 321))


@pytest.fixture
def earlier(writer):
    """A picture uploaded before there were copies, and an article that shows it."""
    image = uploads.store(photo(700, 703), by=writer)
    for name in image.copies:
        default_storage.delete(name)
    Image.objects.update(widths=[], made_by=0)
    return image, ArticleFactory(content=f"Look: ![a]({image.url})")


def test_a_picture_uploaded_before_gets_its_copies_and_articles_show_them(earlier):
    image, article = earlier
    call_command("render_again")
    image.refresh_from_db()
    article.refresh_from_db()
    assert copies(image)[-1] == ("WEBP", (700, 703))
    assert image.made_by == renditions.VERSION


def test_a_copy_that_the_storage_lost_is_made_again_and_no_article_rendered(writer, django_assert_num_queries):
    image = uploads.store(photo(700, 704), by=writer)
    ArticleFactory(content=f"Look: ![a]({image.url})")
    there = copies(image)
    default_storage.delete(image.copies[0])
    call_command("render_again")
    assert copies(image) == there
    with django_assert_num_queries(2):
        call_command("render_again")


def test_a_picture_whose_file_is_gone_keeps_nobody_up(earlier, capsys):
    image, article = earlier
    default_storage.delete(image.file.name)
    Article.objects.update(rendered_by=0)
    call_command("render_again")
    article.refresh_from_db()
    assert article.rendered_by
    assert f"The picture {image.pk} stays as it was: " in capsys.readouterr().err
