"""Tags and authors, as readers find them."""

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.tests.api.clients import API, signed_in, stranger
from articles.tests.factories import ArticleFactory, PageFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_tag_counts_its_live_articles_and_is_known_by_them_alone(editor):
    shown, hidden = TagFactory(name="Shown", description="About."), TagFactory(name="Hidden")
    ArticleFactory(live=True, tags=[shown])
    ArticleFactory(tags=[shown, hidden])
    for client in (stranger(), signed_in(editor)):
        expected = {
            "id": shown.pk,
            "name": "Shown",
            "slug": "shown",
            "description": "About.",
            "url": "http://testserver/tags/shown/",
            "article_count": 1,
        }
        assert client.get(f"{API}/tags/").json() == [expected]
        assert client.get(f"{API}/tags/shown").json() == expected
        answer = client.get(f"{API}/tags/hidden")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Tag not found"})


def test_an_author_counts_their_live_articles_and_is_known_by_them_alone():
    author, waiting = UserFactory(role=Role.AUTHOR, username="Ada"), UserFactory(role=Role.AUTHOR)
    ArticleFactory(live=True, author=author)
    ArticleFactory(author=author)
    PageFactory(live=True, author=author)
    ArticleFactory(scheduled=True, author=waiting)
    expected = {
        "id": author.pk,
        "username": "Ada",
        "name": author.name,
        "url": "http://testserver/authors/Ada/",
        "bio": "",
        "website": "",
        "avatar": None,
        "article_count": 1,
    }
    assert stranger().get(f"{API}/authors/").json() == [expected]
    assert stranger().get(f"{API}/authors/ada").json() == expected
    answer = stranger().get(f"{API}/authors/{waiting.username}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Author not found"})


def test_an_author_who_left_goes_on_being_named_and_their_address_is_never_told():
    author = ArticleFactory(live=True).author
    User.objects.filter(pk=author.pk).update(is_active=False)
    answer = stranger().get(f"{API}/authors/")
    assert answer.json()[0]["username"] == author.username
    assert author.email not in answer.content.decode()


def test_lists_are_paged_as_articles_are():
    for name in ("a", "b", "c"):
        ArticleFactory(live=True, tags=[TagFactory(name=name)])
    answer = stranger().get(f"{API}/tags/?skip=1&limit=1")
    assert [tag["name"] for tag in answer.json()] == ["b"]
    assert answer["X-Total-Count"] == "3"
    assert 'skip=2>; rel="last"' in answer["Link"]
