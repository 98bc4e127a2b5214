"""The contract of the service that this API replaces, in the words of its document: a client of it notices nothing."""

import pytest
from django.utils.dateparse import parse_datetime

from accounts.roles import Role
from accounts.tests.api.clients import API, bearing, stranger
from articles.tests.api import inherited_client
from articles.tests.factories import ArticleFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
INHERITED = {"id", "title", "content", "published", "author_id", "created_at", "updated_at"}


@pytest.fixture
def user():
    return UserFactory(role=Role.AUTHOR, password=PASSWORD)


@pytest.fixture
def auth_token(user):
    response = stranger().post(f"{API}/auth/login", {"username": user.username, "password": PASSWORD})
    assert response.status_code == 200
    assert response.json()["token_type"] == "bearer"
    return response.json()["access_token"]


@pytest.fixture
def client(auth_token):
    return bearing(auth_token)


def test_create_article(client, user):
    response = client.post(
        f"{API}/articles/",
        {"title": "Test Article", "content": "This is test content", "published": True},
        format="json",
    )
    assert response.status_code == 201
    data = response.json()
    assert data.keys() >= INHERITED
    assert data["title"] == "Test Article"
    assert data["content"] == "This is test content"
    assert data["published"] is True
    assert data["author_id"] == user.pk
    assert isinstance(data["id"], int)
    for name in ("created_at", "updated_at"):
        assert data[name].endswith("Z")
        assert parse_datetime(data[name])


def test_published_is_false_by_default(client):
    response = client.post(f"{API}/articles/", {"title": "T", "content": "0123456789"}, format="json")
    assert response.json()["published"] is False


def test_the_author_is_who_is_logged_in_whatever_is_sent(client, user):
    given = {"title": "T", "content": "0123456789", "author_id": user.pk + 1, "id": 77, "no_such_field": {}}
    data = client.post(f"{API}/articles/", given, format="json").json()
    assert (data["author_id"], data["id"] == 77) == (user.pk, False)


def test_list_articles_is_a_bare_array_newest_first():
    older, newer = ArticleFactory(live=True), ArticleFactory(live=True)
    response = stranger().get(f"{API}/articles/")
    assert response.status_code == 200
    assert [article["id"] for article in response.json()] == [newer.pk, older.pk]
    assert response.json()[0].keys() >= INHERITED


def test_skip_and_limit():
    ids = [article.pk for article in ArticleFactory.create_batch(3, live=True)]
    response = stranger().get(f"{API}/articles/?skip=1&limit=1")
    assert [article["id"] for article in response.json()] == [ids[1]]


def test_get_article_not_found():
    response = stranger().get(f"{API}/articles/999")
    assert response.status_code == 404
    assert response.json() == {"detail": "Article not found"}


@pytest.mark.parametrize("method", ["patch", "put"])
def test_only_the_fields_sent_change(client, user, method):
    article = ArticleFactory(author=user, content="What it said before.")
    response = getattr(client, method)(f"{API}/articles/{article.pk}", {"title": "New"}, format="json")
    assert response.status_code == 200
    data = response.json()
    assert (data["title"], data["content"], data["published"]) == ("New", "What it said before.", False)
    assert parse_datetime(data["updated_at"]) > article.updated_at
    assert parse_datetime(data["created_at"]) == article.created_at


def test_somebody_elses_article_may_not_be_changed_or_deleted(client):
    article = ArticleFactory(live=True)
    for response in (
        client.patch(f"{API}/articles/{article.pk}", {"title": "Mine"}, format="json"),
        client.delete(f"{API}/articles/{article.pk}"),
    ):
        assert response.status_code == 403
        assert response.json() == {"detail": "Not authorized"}


def test_what_is_not_there_can_be_neither_changed_nor_deleted(client):
    for response in (
        client.patch(f"{API}/articles/999", {"title": "Mine"}, format="json"),
        client.delete(f"{API}/articles/999"),
    ):
        assert response.status_code == 404
        assert response.json() == {"detail": "Article not found"}


def test_delete_article(client, user):
    article = ArticleFactory(author=user)
    response = client.delete(f"{API}/articles/{article.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"{API}/articles/{article.pk}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "   "), ("title", "x" * 201), ("title", None), ("content", "too short"), ("content", 5)],
)
def test_what_was_invalid_is_so_by_the_name_of_its_field(client, field, value):
    given = {"title": "T", "content": "0123456789", field: value}
    response = client.post(f"{API}/articles/", given, format="json")
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert all(isinstance(message, str) for message in response.json()[field])


def test_the_limits_themselves_are_valid_and_content_is_kept_to_the_letter(client):
    given = {"title": f"  {'x' * 200}\n", "content": "\n  12345\n\n"}
    data = client.post(f"{API}/articles/", given, format="json").json()
    assert (data["title"], data["content"]) == ("x" * 200, "\n  12345\n\n")


def test_login_with_a_wrong_password():
    response = stranger().post(f"{API}/auth/login", {"username": "nobody", "password": "wrong"})
    assert response.status_code == 401
    assert response.json() == {"detail": "Incorrect username or password"}
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_bad_token():
    response = bearing("nonsense").post(f"{API}/articles/", {}, format="json")
    assert response.status_code == 401
    assert response.json() == {"detail": "Could not validate credentials"}
    assert response["WWW-Authenticate"] == "Bearer"


def test_an_account_takes_its_articles_with_it(user, auth_token):
    article = ArticleFactory(author=user, live=True)
    user.delete()
    assert stranger().get(f"{API}/articles/{article.pk}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_program_written_for_it_works_with_only_its_base_url_changed(live_server):
    for username in ("ada", "bea"):
        UserFactory(username=username, role=Role.AUTHOR, password=inherited_client.PASSWORD)
    inherited_client.main(f"{live_server.url}{API}")
