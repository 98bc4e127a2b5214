"""Which slug is free, however many articles have the same title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import slugs
from articles.models import Article, SlugHistory
from articles.tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db


def take(numbers):
    """Let another article have these numbers of one title, 1 being the title alone."""
    article = Article.objects.first() or ArticleFactory(title="Other", slug="other")
    SlugHistory.objects.exclude(slug="other").delete()
    made = (slugs.numbered("same", number) if number > 1 else "same" for number in numbers)
    SlugHistory.objects.bulk_create(SlugHistory(slug=slug, article=article) for slug in made)


def free():
    return SlugHistory.objects.free(Article(title="Same"))


@pytest.mark.parametrize(
    ("numbers", "slug"),
    [
        ([], "same"),
        ([2, 3], "same"),
        ([1], "same-2"),
        ([1, 2, 4], "same-3"),
        (range(1, 16), "same-16"),
        (range(1, 17), "same-17"),
        (range(1, 1001), "same-1001"),
    ],
)
def test_the_first_number_that_nobody_has(numbers, slug):
    take(numbers)
    assert free() == slug


@given(count=st.integers(1, 300), gaps=st.sets(st.integers(2, 300), max_size=5))
def test_it_is_free_and_the_one_before_it_is_not(count, gaps):
    numbers = set(range(1, count + 1)) - gaps
    take(numbers)
    number = int(free().removeprefix("same-"))
    assert number not in numbers
    assert number - 1 in numbers


def test_it_takes_the_same_few_queries_however_many_have_the_title(django_assert_max_num_queries):
    take(range(1, 3001))
    with django_assert_max_num_queries(4):
        assert free() == "same-3001"


def test_an_earlier_slug_of_its_own_is_free():
    take([1, 2])
    assert SlugHistory.objects.free(Article(pk=Article.objects.get().pk, title="Same")) == "same"
