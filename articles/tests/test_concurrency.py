"""Several at the same time, on a real database with real transactions."""

from io import BytesIO
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from articles import publishing
from articles.media import uploads
from articles.models import Article, Image, Redirect, Tag, ledger
from articles.search.query import search
from articles.tests.factories import UserFactory, picture
from blogsite.tests.threads import MANY, at_once, while_unsaved

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Words enough for an article."


def test_articles_of_one_title_never_share_an_address():
    author = UserFactory(role=Role.AUTHOR)
    made = at_once(lambda _: publishing.create(by=author, title="Same", content=WORDS).slug)
    assert sorted(made) == sorted(["same", *(f"same-{number}" for number in range(2, MANY + 1))])


def test_changes_to_different_fields_are_all_kept():
    author = UserFactory(role=Role.AUTHOR)
    article = publishing.create(by=author, title="Same", content=WORDS)
    fields = [{"title": "New"}, {"content": "New words for it."}, {"summary": "New"}, {"tags": ["new"]}]
    at_once(lambda number: publishing.revise(article, by=author, **fields[number % 4]))
    article.refresh_from_db()
    assert (article.title, article.content, article.summary) == ("New", "New words for it.", "New")
    assert [tag.name for tag in article.tags.all()] == ["new"]
    assert article.version == article.revisions.count() == 5  # each field's second writer changed nothing


def test_of_changes_made_from_one_version_one_is_accepted_and_the_rest_are_told():
    author = UserFactory(role=Role.AUTHOR)
    article = publishing.create(by=author, title="Same", content=WORDS)
    results = at_once(
        lambda number: publishing.revise(article, by=author, expected_version=1, title=f"Title {number}").title
    )
    refused = [result for result in results if isinstance(result, publishing.Conflict)]
    accepted = [result for result in results if isinstance(result, str)]
    assert (len(accepted), len(refused)) == (1, MANY - 1)
    assert Article.objects.get().title == accepted[0]


def test_a_new_tag_used_by_many_at_once_is_made_once():
    author = UserFactory(role=Role.AUTHOR)
    made = at_once(lambda n: publishing.create(by=author, title=f"Title {n}", content=WORDS, tags=["Sea"]).pk)
    assert sorted(made) == sorted(Article.objects.values_list("pk", flat=True))
    assert Tag.objects.get().articles.count() == MANY


def test_merging_tags_takes_nothing_back_that_is_changed_meanwhile():
    by = UserFactory(role=Role.EDITOR)
    articles = [publishing.create(by=by, title=f"Title {n}", content=WORDS, tags=["Wrong"]) for n in range(MANY)]
    wrong, right = Tag.objects.get(name="Wrong"), Tag.objects.named("Right")

    def work(number: int) -> Any:
        if number == 0:
            return publishing.merge([wrong], into=right, by=by)
        return publishing.revise(articles[number], by=by, tags=[f"Tag {number}"]).pk

    merged, *revised = at_once(work)
    assert isinstance(merged, int), merged
    assert revised == [article.pk for article in articles[1:]]
    for number in range(1, MANY):
        assert [tag.name for tag in articles[number].tags.all()] == [f"Tag {number}"]


def test_new_tags_that_many_use_at_once_in_any_order_are_made_once():
    author, names = UserFactory(role=Role.AUTHOR), [f"Tag {number}" for number in range(20)]

    def write(number):
        tags = names[:: 1 if number % 2 else -1]
        return publishing.create(by=author, title=f"Title {number}", content=WORDS, tags=tags).pk

    assert sorted(at_once(write)) == sorted(Article.objects.values_list("pk", flat=True))
    assert {tag.articles.count() for tag in Tag.objects.all()} == {MANY}


def _renamed(tag: Tag) -> None:
    tag.name = "Latter"
    tag.save()


@pytest.mark.parametrize("change", [_renamed, Tag.delete])
def test_an_article_that_is_saved_while_its_tag_changes_is_not_found_by_the_former_name(change):
    author = UserFactory(role=Role.AUTHOR)
    article = publishing.create(by=author, title="Tides", content=WORDS, tags=["Former"], published_at=timezone.now())
    tag = Tag.objects.get()
    while_unsaved(lambda: publishing.revise(article, by=author, content="More words for it."), lambda: change(tag))
    assert len(search("former")) == 0
    assert len(search("latter")) == Tag.objects.count()


def test_an_article_that_is_saved_while_its_author_changes_is_not_found_by_the_former_name():
    author = UserFactory(role=Role.AUTHOR, name="Former")
    article = publishing.create(by=author, title="Tides", content=WORDS, published_at=timezone.now())
    other = User.objects.get()
    other.name = "Latter"
    while_unsaved(lambda: publishing.revise(article, by=author, content="More words for it."), other.save)
    assert (len(search("former")), len(search("latter"))) == (0, 1)


def test_addresses_that_many_leave_at_once_in_any_order_are_all_noted():
    paths = [f"/tags/{number}" for number in range(500)]
    noted = at_once(lambda number: ledger.note(dict.fromkeys(paths[:: 1 if number % 2 else -1])))
    assert noted == [None] * MANY
    assert Redirect.objects.count() == len(paths)


def test_a_picture_that_comes_many_times_at_once_is_kept_once_and_whole():
    by = UserFactory(role=Role.AUTHOR)
    data = picture(700, 500).read()
    stored = at_once(lambda _: uploads.store(BytesIO(data), by=by))
    image = Image.objects.get()
    assert stored == [image] * MANY
    folder = Path(image.file.path).parent
    assert sorted(folder.glob(f"{image.digest}*")) == sorted(folder / Path(name).name for name in _files(image))
    for name in _files(image):
        PIL.Image.open(folder / Path(name).name).load()


def test_a_picture_that_comes_in_again_while_it_is_deleted_is_there_and_whole():
    by = UserFactory(role=Role.AUTHOR)
    data = picture(700, 500).read()
    first = uploads.store(BytesIO(data), by=by)
    while_unsaved(lambda: uploads.remove(first, by=by), lambda: uploads.store(BytesIO(data), by=by))
    image = Image.objects.get()
    assert image.pk != first.pk
    assert all(image.file.storage.exists(name) for name in _files(image))


def test_a_picture_that_two_delete_at_once_goes_once():
    by = UserFactory(role=Role.AUTHOR)
    image = uploads.store(picture(), by=by)
    results = at_once(lambda _: uploads.remove(image, by=by), 2)
    assert sorted(type(result) for result in results if result) == [Image.DoesNotExist]
    assert not image.file.storage.exists(str(image.file))


def _files(image):
    return [str(image.file), *image.copies]
