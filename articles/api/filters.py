"""Which articles of those that one may see. No filter shows what the viewset's own queryset has not."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import Q
from django_filters import CharFilter, ChoiceFilter, Filter, FilterSet, TypedChoiceFilter
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from articles.models import Article
from articles.models.article import ArticleQuerySet

TAGS_AT_MOST = 10  # each is a join
WORDS_AT_MOST, QUERY_MAX_LENGTH = 10, 200  # each word is looked for in every text


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    def to_python(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().to_python(value)
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(Filter):  # type: ignore[misc]
    field_class = MomentField


class ManyField(forms.Field):
    """The values of a parameter that is given several times."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[str]:
        if len(value or []) > TAGS_AT_MOST:
            raise forms.ValidationError(f"Give at most {TAGS_AT_MOST}.")
        return [forms.CharField().clean(item) for item in value or []]


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class AllTagsFilter(Filter):  # type: ignore[misc]
    field_class = ManyField

    def filter(self, articles: ArticleQuerySet, slugs: list[str]) -> ArticleQuerySet:
        for slug in slugs:
            articles = articles.filter(tags__slug=slug)
        return articles


class ArticleFilter(FilterSet):  # type: ignore[misc]
    author = CharFilter(method="by_author", label="The author's user name.")
    tag = AllTagsFilter(label="A tag's slug. May be given several times: the articles that have all of them.")
    status = ChoiceFilter(choices=Article.State.choices, method="in_state", label="As far as you may see them.")
    published = extend_schema_field(OpenApiTypes.BOOL)(
        TypedChoiceFilter(
            choices=[("true", "yes"), ("false", "no")],
            coerce=lambda value: value == "true",
            method="with_date",
            label="Whether there is a date of publication.",
        )
    )
    q = CharFilter(method="about", max_length=QUERY_MAX_LENGTH, label="Words, each in the title or the text.")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte", label="From this moment on.")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt", label="Before this moment.")
    published_after = MomentFilter(field_name="published_at", lookup_expr="gte", label="From this moment on.")
    published_before = MomentFilter(field_name="published_at", lookup_expr="lt", label="Before this moment.")

    class Meta:
        model = Article
        fields: list[str] = []

    def by_author(self, articles: ArticleQuerySet, name: str, username: str) -> ArticleQuerySet:
        return articles.filter(author__username__lower=username.lower())

    def in_state(self, articles: ArticleQuerySet, name: str, state: str) -> ArticleQuerySet:
        return articles.in_state(state)

    def with_date(self, articles: ArticleQuerySet, name: str, published: bool) -> ArticleQuerySet:
        return articles.filter(published_at__isnull=not published)

    def about(self, articles: ArticleQuerySet, name: str, text: str) -> ArticleQuerySet:
        for word in text.split()[:WORDS_AT_MOST]:
            articles = articles.filter(Q(title__icontains=word) | Q(content__icontains=word))
        return articles
