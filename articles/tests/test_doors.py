"""The product's table "Who may do what", walked cell by cell through the site, the API and the admin.

A cell says which articles a role may do something to. Each attempt is made as a program or a browser would make it,
and what counts is what became of the article, or whether its words were shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.api.tokens import sign_in
from accounts.models import User
from accounts.roles import Role
from articles import publishing
from articles.media import uploads
from articles.models import Article, Image, Series, SiteSettings, Tag, Webhook
from articles.tests.admin.browser import fields
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture
from articles.tests.table import MAY, NONE, READER, TABLE, WHOLE

pytestmark = pytest.mark.django_db

CONTENT = "Words enough for an article."
LATER = timezone.now() + timedelta(days=30)


def as_program(user: User, method: str, path: str, data: dict[str, object] | None = None) -> HttpResponse:
    body = {} if data is None else {"data": data, "content_type": "application/json"}
    ask: Callable[..., HttpResponse] = getattr(program(user), method.lower())
    return ask(f"/api/v1/{path}", **body)


def program(user: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {sign_in(user).access_token}"})


def at_desk(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def desk(noun: str, page: str, *args: object) -> str:
    return reverse(f"admin:{'accounts' if noun == 'user' else 'articles'}_{noun}_{page}", args=args)


def fill_in(user: User, address: str, **typed: object) -> None:
    """Open a form of the admin, type this over what stands there, and send it, offered or not."""
    browser = at_desk(user)
    page = browser.get(address)
    browser.post(address, (fields(page) if page.status_code == 200 else {}) | typed)


def act(user: User, action: str, article: Article) -> None:
    at_desk(user).post(desk("article", "changelist"), {"action": action, "_selected_action": [article.pk]})


def change(article: Article) -> str:
    return desk("article", "change", article.pk)


def shown(response, article: Article) -> bool:
    return response.status_code == 200 and article.title in response.text


# verb: door: how one tries. "see" and "see revisions" answer whether they saw; of the others the traces are looked at.
ATTEMPTS: dict[str, dict[str, Callable[[User, Article], Any]]] = {
    "see": {
        "site": lambda user, article: shown(at_desk(user).get(article.get_absolute_url()), article),
        "markdown": lambda user, article: shown(at_desk(user).get(f"/articles/{article.slug}.md"), article),
        "api": lambda user, article: shown(as_program(user, "GET", f"articles/{article.pk}"), article),
        "api list": lambda user, article: shown(as_program(user, "GET", "articles/"), article),
        "admin": lambda user, article: shown(at_desk(user).get(change(article)), article),
    },
    "see revisions": {
        "api": lambda user, article: as_program(user, "GET", f"articles/{article.pk}/revisions/1").status_code == 200,
        "admin": lambda user, article: at_desk(user).get(desk("article", "revision", article.pk, 1)).status_code == 200,
    },
    "change": {
        "api": lambda user, article: as_program(user, "PATCH", f"articles/{article.pk}", {"title": "Done"}),
        "admin": lambda user, article: fill_in(user, change(article), title="Done"),
    },
    "delete": {
        "api": lambda user, article: as_program(user, "DELETE", f"articles/{article.pk}"),
        "admin": lambda user, article: at_desk(user).post(desk("article", "delete", article.pk), {"post": "yes"}),
        "admin list": lambda user, article: at_desk(user).post(
            desk("article", "changelist"),
            {"action": "delete_selected", "_selected_action": [article.pk], "post": "yes"},
        ),
    },
    "publish": {
        "api": lambda user, article: as_program(user, "PATCH", f"articles/{article.pk}", {"published": True}),
        "admin": lambda user, article: act(user, "publish", article),
        "admin form": lambda user, article: fill_in(user, change(article), _publish="1"),
    },
    "withdraw": {
        "api": lambda user, article: as_program(user, "PATCH", f"articles/{article.pk}", {"published": False}),
        "admin": lambda user, article: act(user, "withdraw", article),
        "admin form": lambda user, article: fill_in(user, change(article), _withdraw="1"),
    },
    "schedule": {
        "api": lambda user, article: as_program(
            user, "PATCH", f"articles/{article.pk}", {"published_at": LATER.isoformat()}
        ),
        "admin": lambda user, article: fill_in(user, change(article), published_at=LATER.strftime("%Y-%m-%dT%H:%M:%S")),
    },
    "restore": {
        "api": lambda user, article: as_program(user, "POST", f"articles/{article.pk}/revisions/1/restore"),
        "admin": lambda user, article: at_desk(user).post(desk("article", "restore", article.pk, 1)),
    },
    "tag": {
        "api": lambda user, article: as_program(user, "PATCH", f"articles/{article.pk}", {"tags": ["Done"]}),
        "admin": lambda user, article: fill_in(user, change(article), tags=[TagFactory.create().pk]),
    },
    "put in a series": {
        "admin": lambda user, article: fill_in(
            user, change(article), series=SeriesFactory.create().pk, series_position=1
        ),
    },
}
# verb: what the article is like when it was done
TRACES: dict[str, Callable[[Article], bool]] = {
    "change": lambda article: article.title == "Done",
    "publish": lambda article: article.is_live,
    "withdraw": lambda article: article.state == "draft",
    "schedule": lambda article: article.published_at is not None and article.published_at > LATER - timedelta(days=1),
    "restore": lambda article: article.title == "First",
    "tag": lambda article: article.tags.exists(),
    "put in a series": lambda article: article.series is not None,
}
# what can't be told from the article, as it was so before
ALREADY = {"publish": {"live"}, "withdraw": {"draft"}}

CELLS = [
    pytest.param(verb, door, role, id=f"{role or 'Reader'}: {verb} ({door})")
    for verb, row in TABLE.items()
    for door in ATTEMPTS[verb]
    for role in row
]


def an_article(whose: str, state: str, author: User, editor: User) -> Article:
    """With two revisions, the first titled First."""
    published_at = {"draft": None, "scheduled": timezone.now() + timedelta(days=1)}.get(state, timezone.now())
    article = publishing.create(by=editor, author=author, title="First", content=CONTENT, published_at=published_at)
    return publishing.revise(article, by=editor, title=f"The {state} of {whose}")


@dataclass
class Stage:
    """Somebody of no role yet, and articles of theirs and of another in every state."""

    user: User
    articles: dict[tuple[str, str], Article]


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), transaction.atomic():
        editor, other = UserFactory.create(role=Role.EDITOR), UserFactory.create(role=Role.AUTHOR)
        user = UserFactory.create()
        authors = {"own": user, "other": other}
        yield Stage(user, {cell: an_article(*cell, authors[cell[0]], editor) for cell in sorted(WHOLE)})
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(stage: Stage) -> Iterator[None]:
    """Instead of pytest-django's: whatever a test does, the next finds the stage as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("verb", "door", "role"), CELLS)
def test_a_role_may_do_it_to_exactly_these_articles(stage, verb, door, role):
    roles.assign(stage.user, role)
    done = set()
    asked = {cell for cell in WHOLE if cell[1] not in ALREADY.get(verb, ())}
    for whose, state in sorted(asked):
        article = Article.objects.get(pk=stage.articles[whose, state].pk)
        saw = ATTEMPTS[verb][door](User.objects.get(pk=stage.user.pk), article)
        now = Article.objects.filter(pk=article.pk).first()
        if saw is True if verb.startswith("see") else now is None if verb == "delete" else TRACES[verb](now):
            done.add((whose, state))
    expected = TABLE[verb][role] & asked
    if door == "admin" and role is READER:
        expected = NONE  # readers read on the site
    assert done == expected


def test_a_stranger_sees_what_a_reader_sees(stage):
    stranger = Client()
    for (_, state), article in stage.articles.items():
        expected = state == "live"
        assert shown(stranger.get(article.get_absolute_url()), article) == expected
        assert shown(stranger.get(f"/api/v1/articles/{article.pk}"), article) == expected
        assert stranger.get(change(article)).status_code == 302
        assert stranger.patch(f"/api/v1/articles/{article.pk}", {}).status_code == 401


def a_picture(by: User) -> Image:
    editor = UserFactory.create(role=Role.EDITOR)
    image = uploads.store(picture(4, 4 + Image.objects.count()), by=editor)
    Image.objects.filter(pk=image.pk).update(uploaded_by=by)
    return Image.objects.get(pk=image.pk)


def deleting(make: Callable[[User], Image], door: str) -> Callable[[User], bool]:
    def attempt(user: User) -> bool:
        image = make(user)
        if door == "api":
            as_program(user, "DELETE", f"images/{image.pk}")
        else:
            at_desk(user).post(desk("image", "delete", image.pk), {"post": "yes"})
        return not Image.objects.filter(pk=image.pk).exists()

    return attempt


def a_used_picture(user: User) -> Image:
    image = a_picture(user)
    ArticleFactory.create(cover=image)
    return image


def anothers_picture(user: User) -> Image:
    return a_picture(UserFactory.create(role=Role.AUTHOR))


def new_article(user: User, door: str, **typed: object) -> Article | None:
    if door == "api":
        as_program(user, "POST", "articles/", {"title": "Done", "content": CONTENT, **typed})
    else:
        fill_in(user, desk("article", "add"), title="Done", content=CONTENT, **typed)
    return Article.objects.filter(title="Done").first()


def is_new_and_live(user: User, door: str, **typed: object) -> bool:
    article = new_article(user, door, **typed)
    return article is not None and article.is_live


def new_picture(user: User, door: str) -> bool:
    if door == "api":
        program(user).post("/api/v1/images/", {"file": picture(), "alt": "Teal"})
    else:
        at_desk(user).post(desk("image", "add"), {"picture": picture(), "alt": "Teal"})
    return Image.objects.exists()


def renames_a_tag(user: User) -> bool:
    tag = TagFactory.create()
    fill_in(user, desk("tag", "change", tag.pk), name="Done")
    return Tag.objects.filter(name="Done").exists()


def changes_an_account(user: User) -> bool:
    other = UserFactory.create(role=Role.AUTHOR)
    fill_in(user, desk("user", "change", other.pk), name="Done")
    return User.objects.filter(name="Done").exists()


def sets_the_site_up(user: User) -> bool:
    SiteSettings().save()
    fill_in(user, desk("sitesettings", "change", SiteSettings.ONLY), title="Done")
    return SiteSettings.load().title == "Done"


def deletes_a_webhook(user: User) -> bool:
    webhook = Webhook.objects.create(url="https://example.org/", events=[])
    at_desk(user).post(desk("webhook", "delete", webhook.pk), {"post": "yes"})
    return not Webhook.objects.exists()


def makes_a_tag(user: User) -> bool:
    fill_in(user, desk("tag", "add"), name="Done")
    return Tag.objects.filter(name="Done").exists()


def makes_a_tag_by_using_it(user: User) -> bool:
    new_article(user, "api", tags=["Done"])
    return Tag.objects.filter(name="Done").exists()


def makes_a_series(user: User) -> bool:
    fill_in(user, desk("series", "add"), title="Done")
    return Series.objects.filter(title="Done").exists()


WAYS: dict[str, dict[str, Callable[[User], bool]]] = {
    "create an article": {
        "api": lambda user: new_article(user, "api") is not None,
        "admin": lambda user: new_article(user, "admin") is not None,
    },
    "create a live article": {
        "api": lambda user: is_new_and_live(user, "api", published=True),
        "admin": lambda user: is_new_and_live(user, "admin", _publish="1"),
    },
    "upload an image": {
        "api": lambda user: new_picture(user, "api"),
        "admin": lambda user: new_picture(user, "admin"),
    },
    "delete their own unused image": {door: deleting(a_picture, door) for door in ("api", "admin")},
    "delete their own used image": {door: deleting(a_used_picture, door) for door in ("api", "admin")},
    "delete another's image": {door: deleting(anothers_picture, door) for door in ("api", "admin")},
    "create a tag": {"api": makes_a_tag_by_using_it, "admin": makes_a_tag},
    "rename a tag": {"admin": renames_a_tag},
    "create a series": {"admin": makes_a_series},
    "manage accounts": {"admin": changes_an_account},
    "manage site settings": {"admin": sets_the_site_up},
    "manage webhooks": {"admin": deletes_a_webhook},
}


@pytest.mark.parametrize(
    ("deed", "door", "role"),
    [
        pytest.param(deed, door, role, id=f"{role or 'Reader'}: {deed} ({door})")
        for deed in MAY
        for door in WAYS[deed]
        for role in (READER, *Role)
    ],
)
def test_exactly_these_roles_may_do_it(deed, door, role):
    user = UserFactory.create(role=role)
    assert WAYS[deed][door](User.objects.get(pk=user.pk)) == (role in MAY[deed])
