import gzip

import pytest
from django.core.files.storage import default_storage

from articles.tests.factories import ArticleFactory, picture

PACKED = {"Accept-Encoding": "br, gzip"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/feeds/rss.xml", "/api/v1/articles", "/admin/login/"])
def test_what_is_made_for_a_request_travels_packed_to_who_can_unpack_it(client, path):
    ArticleFactory(live=True, content="Many words. " * 50)
    packed, plain = client.get(path, headers=PACKED), client.get(path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    if "login" not in path:  # a form's secret differs each time
        assert gzip.decompress(packed.content) == plain.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/feeds/rss.xml", "/api/v1/articles"])
def test_who_has_a_packed_answer_already_is_told_so(client, path):
    ArticleFactory(live=True)
    tag = client.get(path, headers=PACKED).headers["ETag"]
    assert tag.startswith('W/"')  # the same content, not the same bytes
    assert client.get(path, headers={**PACKED, "If-None-Match": tag}).status_code == 304


def test_pictures_travel_as_they_are(client):
    name = default_storage.save("packed.png", picture(64, 64))
    answer = client.get(f"/media/{name}", headers=PACKED)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Length"]
