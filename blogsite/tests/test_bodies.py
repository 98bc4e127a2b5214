"""The test client strips bodies itself, so the application is asked as a server asks it."""

import pytest
from django.core.files.storage import default_storage
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from articles.tests.factories import picture


def ask(method, path):
    """The body's length as it is and as its head says."""
    head = {}
    environ = RequestFactory().generic(method, path).environ
    response = WSGIHandler()(environ, lambda status, headers: head.update(headers))
    return len(b"".join(response)), int(head["Content-Length"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nothing-here/", "/feeds/rss.xml", "/api/v1/articles", "picture"])
def test_head_is_answered_as_get_is_without_the_body(path):
    if path == "picture":
        path = f"/media/{default_storage.save('head.png', picture())}"
    sent, length = ask("GET", path)
    assert sent == length
    assert ask("HEAD", path) == (0, length)
