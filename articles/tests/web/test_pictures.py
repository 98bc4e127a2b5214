import re
from io import BytesIO

import PIL.Image
import pytest

from articles.media import uploads
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db


def store(quality):
    out = BytesIO()
    PIL.Image.effect_noise((700, 500), 60).save(out, "JPEG", quality=quality)
    return uploads.store(BytesIO(out.getvalue()), by=UserFactory(is_superuser=True), alt="A boat")


@pytest.fixture
def photo():
    return store(quality=95)


def test_a_cover_comes_in_the_file_that_fits_and_before_everything_else(client, photo):
    page = client.get(ArticleFactory(live=True, cover=photo).get_absolute_url()).text
    source, image = re.search(r"(<source[^>]*>)\s*(<img[^>]*>)\s*</picture>", page).groups()
    assert f'type="image/webp" srcset="{photo.srcset}" sizes="' in source
    assert f'src="{photo.url}" alt="A boat" width="700" height="500" fetchpriority="high"' in image
    assert "lazy" not in image


def test_every_file_that_a_page_offers_is_there(client, photo):
    page = client.get(ArticleFactory(live=True, cover=photo, content=f"![A boat]({photo.url})").get_absolute_url()).text
    offered = set(re.findall(r"(/media/\S+) \d+w", page))
    assert len(offered) == len(photo.widths) > 1
    assert {client.get(address).headers["Content-Type"] for address in offered} == {"image/webp"}


def test_no_type_is_said_of_files_of_two_types(client):
    photo = store(quality=50)  # its copy as wide would be larger, so it stands for itself
    page = client.get(ArticleFactory(live=True, cover=photo, content=f"![A boat]({photo.url})").get_absolute_url()).text
    assert page.count(f'<source srcset="{photo.srcset}" sizes=') == 2
    assert f"{photo.url} 700w" in photo.srcset


def test_in_a_list_only_the_first_picture_does_not_wait(client, photo):
    author = UserFactory()
    for _number in range(3):
        ArticleFactory(live=True, cover=photo, author=author)
    for path in ("/", f"/authors/{author.username}/"):
        page = client.get(path, follow=True).text
        images = re.findall(r'<img[^>]*src="/media[^>]*>', page)
        assert ["lazy" in image for image in images] == [False, True, True]
        assert page.count("<picture>") == len(images)
