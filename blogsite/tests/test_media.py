import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404

from blogsite.media import media


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.png").write_bytes(b"\x89PNG picture")
    return "/media/a.png"


def test_a_media_file_is_kept_by_browsers_and_never_acts(client, picture):
    response = client.get(picture)
    assert b"".join(response.streaming_content) == b"\x89PNG picture"
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_browser_that_asks_again_gets_no_body(client, picture):
    modified = client.get(picture).headers["Last-Modified"]
    assert client.get(picture, headers={"if-modified-since": modified}).status_code == 304


def test_media_are_only_read(client, picture):
    assert client.post(picture).status_code == 405
    assert client.head(picture).status_code == 200


@pytest.mark.parametrize("path", ["", "nothing.png", "../settings.py", "..%2fmanage.py", "/etc/passwd"])
@pytest.mark.usefixtures("picture")
def test_nothing_but_the_files_of_the_folder_is_served(rf, path):
    with pytest.raises((Http404, SuspiciousFileOperation)):
        media(rf.get("/"), path)
