import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles import slugs


@given(st.text())
def test_any_title_gives_a_slug_that_is_right(title):
    slug = slugs.make(title)
    assert 0 < len(slug) <= slugs.MAX_LENGTH
    assert not slug.isdigit()
    slugs.validate(slug)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("Don’t panic", "dont-panic"),
        ("Café déjà-vu", "cafe-deja-vu"),
        ("日本語のガイド", "日本語のガイド"),
        ("हिन्दी में", "हिन्दी-में"),
        ("Привет, мир", "привет-мир"),
        ("❤️🎉", "article"),
        ("!!!", "article"),
        ("2024", "article-2024"),
        ("a" * 200, "a" * 100),
    ],
)
def test_a_title_in_any_script_keeps_its_letters(title, slug):
    assert slugs.make(title) == slug


def test_a_long_title_is_cut_between_words():
    assert slugs.make("seventeen letters " * 20).endswith("-seventeen")


@given(st.text(min_size=95, max_size=120))
def test_a_numbered_slug_is_right_too(title):
    candidates = slugs.candidates(slugs.make(title))
    first, second = next(candidates), next(candidates)
    assert first != second
    slugs.validate(second)


@pytest.mark.parametrize("slug", ["Hello World", "a/b", "hello.md", "-a", "2024", ""])
def test_a_wrong_slug_is_refused_with_a_right_one(slug):
    with pytest.raises(ValidationError, match=slugs.make(slug)):
        slugs.validate(slug)
