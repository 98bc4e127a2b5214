"""Which articles of those that one may see. No filter shows what the viewset's own queryset has not."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django_filters import CharFilter, ChoiceFilter, Filter, FilterSet, TypedChoiceFilter
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field

from articles.models import Article, Tag
from articles.models.article import ArticleQuerySet
from articles.search.query import matching
from articles.search.question import MAX_LENGTH
from blogsite.rest import NOT_BLANK

TAGS_AT_MOST = 10  # each is a query and a join
Filed = Article.tags.through


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    def to_python(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().to_python(value)
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(Filter):  # type: ignore[misc]
    field_class = MomentField


class ManyField(forms.Field):
    """The values of a parameter that is given several times."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[str]:
        if len(value or []) > TAGS_AT_MOST:
            raise forms.ValidationError(f"Give at most {TAGS_AT_MOST}.")
        return [forms.CharField().clean(item) for item in value or []]


class AllTagsFilter(Filter):  # type: ignore[misc]
    field_class = ManyField

    def filter(self, articles: ArticleQuerySet, slugs: list[str]) -> ArticleQuerySet:
        # by their ids: the database knows how many articles one tag has, and not how many that of a name
        tags = dict(Tag.objects.filter(slug__in=slugs).values_list("slug", "pk")) if slugs else {}
        for slug in slugs:
            articles = articles.among(Filed.objects.filter(tag=tags.get(slug, 0)).values("article"))
        return articles


class Form(forms.Form):
    def clean(self) -> None:
        """An empty text filters nothing. An empty date or choice is a mistake, and would show what nobody asked for."""
        for name, field in self.fields.items():
            if self.data.get(name) == "" and isinstance(field, MomentField | forms.ChoiceField):
                self.add_error(name, "Give a value, or leave it out.")


def shown(kind: type[Filter], description: str, example: Any, *, schema: dict[str, Any], **options: Any) -> Filter:
    """A filter, and how the OpenAPI document shows it."""
    shown_as = extend_schema_field({**schema, "description": description, "examples": [example]})
    return shown_as(kind(label=description, **options))


TEXT = {"type": "string"}
CHOICE = {"type": "string", "enum": Article.State.values}
MOMENT = {"type": "string", "format": "date-time"}
SLUGS = {"type": "array", "items": {"type": "string", "pattern": NOT_BLANK}, "maxItems": TAGS_AT_MOST}
SINCE, UNTIL = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00+01:00"


class ArticleFilter(FilterSet):  # type: ignore[misc]
    author = shown(CharFilter, "The author's user name.", "ines", schema=TEXT, method="by_author")
    tag = shown(
        AllTagsFilter,
        "A tag's slug. May be given several times: the articles that have all of them.",
        ["cities", "code"],
        schema=SLUGS,
    )
    status = shown(
        ChoiceFilter,
        "The state, as far as you may see articles in it.",
        "live",
        schema=CHOICE,
        choices=Article.State.choices,
        method="in_state",
    )
    published = shown(
        TypedChoiceFilter,
        "Whether there is a date of publication, be it to come.",
        True,
        schema={"type": "boolean"},
        choices=[("true", "yes"), ("false", "no")],
        coerce=lambda value: value == "true",
        method="with_date",
    )
    q = shown(
        CharFilter,
        "Words, read as `/search` reads them. Whatever has them is found, drafts too, in the order of the list.",
        "harbour tide",
        schema={**TEXT, "maxLength": MAX_LENGTH},
        max_length=MAX_LENGTH,
        method="about",
    )
    created_after = shown(
        MomentFilter, "Made at this moment or later.", SINCE, schema=MOMENT, field_name="created_at", lookup_expr="gte"
    )
    created_before = shown(
        MomentFilter, "Made before this moment.", UNTIL, schema=MOMENT, field_name="created_at", lookup_expr="lt"
    )
    published_after = shown(
        MomentFilter,
        "Live at this moment or later.",
        SINCE,
        schema=MOMENT,
        field_name="published_at",
        lookup_expr="gte",
    )
    published_before = shown(
        MomentFilter, "Live before this moment.", UNTIL, schema=MOMENT, field_name="published_at", lookup_expr="lt"
    )

    class Meta:
        model = Article
        fields: list[str] = []
        form = Form

    def by_author(self, articles: ArticleQuerySet, name: str, username: str) -> ArticleQuerySet:
        return articles.filter(author__username__lower=username.lower())

    def in_state(self, articles: ArticleQuerySet, name: str, state: str) -> ArticleQuerySet:
        return articles.in_state(state)

    def with_date(self, articles: ArticleQuerySet, name: str, published: bool) -> ArticleQuerySet:
        return articles.filter(published_at__isnull=not published)

    def about(self, articles: ArticleQuerySet, name: str, text: str) -> ArticleQuerySet:
        return articles.among(matching(text).values("article"))
