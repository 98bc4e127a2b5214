"""What goes out, and what may come in."""

from collections.abc import Collection
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from articles import access, markup, slugs
from articles.models import Article, Image, Revision, Series, Tag
from articles.models.article import CONTENT_MAX_LENGTH, CONTENT_MIN_LENGTH
from articles.models.taxonomy import UNSTORABLE
from blogsite.rest import Flag, Text, shown

TAGS_AT_MOST = 100


class Address(serializers.URLField):
    """An absolute address, from a path of this site."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, path: str) -> str:
        address: str = self.context["request"].build_absolute_uri(path)
        return address


class BylineSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="display_name")
    url = serializers.SerializerMethodField(help_text="Their page.")

    class Meta:
        model = User
        fields = ["id", "username", "name", "url"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, author: User) -> str:
        path = reverse("articles:author", args=[author.username])
        address: str = self.context["request"].build_absolute_uri(path)
        return address


class AuthorSerializer(BylineSerializer):
    bio = serializers.CharField(read_only=True)
    website = serializers.URLField(allow_blank=True)
    avatar = serializers.ImageField(allow_null=True)
    article_count = serializers.IntegerField(help_text="Live ones.")

    class Meta(BylineSerializer.Meta):
        fields = [*BylineSerializer.Meta.fields, "bio", "website", "avatar", "article_count"]


class TagSerializer(serializers.ModelSerializer[Tag]):
    url = Address(source="get_absolute_url", help_text="Its page.")
    article_count = serializers.IntegerField(help_text="Live ones.", read_only=True)

    class Meta:
        model = Tag
        fields = ["id", "name", "slug", "description", "url", "article_count"]
        read_only_fields = fields


class CoverSerializer(serializers.ModelSerializer[Image]):
    url = Address()

    class Meta:
        model = Image
        fields = ["id", "url", "alt", "width", "height"]
        read_only_fields = fields


class ImageSerializer(CoverSerializer):
    class Meta(CoverSerializer.Meta):
        fields = [*CoverSerializer.Meta.fields, "original_name", "created_at"]


@extend_schema_field(OpenApiTypes.BINARY)
class File(serializers.FileField):
    """Coming in: drf-spectacular takes one for the address of a file going out."""


class ImageInput(serializers.Serializer[Image]):
    file = File(write_only=True, help_text="JPEG, PNG, GIF, WebP or AVIF.")
    alt = Text(max_length=500, required=False, allow_blank=True, help_text="What it shows, for those who can't see it.")


class ArticleSerializer(serializers.ModelSerializer[Article]):
    """An article as answered."""

    published = serializers.SerializerMethodField(help_text="Whether there is a date, be it to come.")
    summary = serializers.CharField(
        source="excerpt", read_only=True, help_text="Made from the content where none is set."
    )
    status = serializers.ChoiceField(source="state", choices=Article.State.choices)
    tags: Any = serializers.SlugRelatedField("name", many=True, read_only=True)
    cover = CoverSerializer(allow_null=True)
    author = BylineSerializer()
    url = Address(source="get_absolute_url", help_text="Its page.")
    canonical_url = serializers.URLField(allow_blank=True, help_text="Where it first appeared, if elsewhere.")
    language = serializers.CharField(allow_blank=True, help_text="A code such as `de`. Empty: the site's.")
    translation_of = serializers.SerializerMethodField(
        help_text="The id of the article that it says in another language, as far as you may see that."
    )
    series: Any = serializers.SlugRelatedField("slug", read_only=True, allow_null=True, help_text="A series' slug.")
    series_position = serializers.IntegerField(allow_null=True, help_text="Its place there.")

    class Meta:
        model = Article
        fields = [
            "id",
            "title",
            "content",
            "published",
            "author_id",
            "created_at",
            "updated_at",
            "slug",
            "summary",
            "content_html",
            "status",
            "published_at",
            "tags",
            "cover",
            "author",
            "url",
            "canonical_url",
            "language",
            "translation_of",
            "series",
            "series_position",
            "word_count",
            "reading_minutes",
            "version",
        ]
        read_only_fields = fields

    def __init__(self, *args: Any, only: Collection[str] = (), **kwargs: Any) -> None:
        self.only = only
        super().__init__(*args, **kwargs)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        return {name: field for name, field in fields.items() if name in self.only} if self.only else fields

    def get_published(self, article: Article) -> bool:
        return article.published_at is not None

    def get_translation_of(self, article: Article) -> int | None:
        return article.translation_of.pk if article.translation_of else None


class FoundSerializer(ArticleSerializer):
    """An article that a search has found."""

    score = serializers.FloatField(
        read_only=True, help_text="Larger is better. Of use for comparing within one answer alone."
    )
    highlight = serializers.CharField(
        read_only=True,
        help_text="The part of the text that shows most of what was asked for, as HTML that is safe to show: escaped, "
        "with `<mark>` around each match and no other tag.",
    )

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "score", "highlight"]
        read_only_fields = fields


class CoverId(serializers.IntegerField):
    """Of a cover as it is answered, too: what was read may be sent back whole."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, dict):
            data = data.get("id")
        return super().to_internal_value(data)


class SeriesSlug(serializers.SlugRelatedField[Series]):
    def to_internal_value(self, data: Any) -> Series:
        if not isinstance(data, str) or UNSTORABLE.search(data):  # PostgreSQL refuses to look for a NUL
            self.fail("invalid")
        article = self.root.instance
        kept = isinstance(article, Article) and article.series and article.series.slug == data
        if not (kept or access.classifies(self.context["request"].user)):
            raise PermissionDenied  # before it would be told which series there are
        return super().to_internal_value(data)


class Original(serializers.PrimaryKeyRelatedField[Article]):
    """An article that one may see: any other there is none."""

    def get_queryset(self) -> QuerySet[Article]:
        return Article.objects.viewable_by(self.context["request"].user)


@shown({"title": "Hello", "content": "Some *Markdown*.", "published": True, "tags": ["API"]})
class ArticleInput(serializers.Serializer[Article]):
    """What a writer sets. A new article needs a title and content, a change nothing."""

    title = Text(max_length=200)
    content = Text(
        min_length=CONTENT_MIN_LENGTH, max_length=CONTENT_MAX_LENGTH, trim_whitespace=False, help_text="Markdown."
    )
    published = Flag(required=False, help_text="`true` dates it now, `false` makes it a draft.")
    slug = Text(max_length=slugs.MAX_LENGTH, required=False, allow_blank=True, help_text="Empty: from the title.")
    summary = Text(
        max_length=markup.EXCERPT_MAX_LENGTH, required=False, allow_blank=True, help_text="Empty: from the content."
    )
    published_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="In the future: it goes live then, by itself. Null: a draft."
    )
    tags = serializers.ListField(
        child=Text(max_length=100), max_length=TAGS_AT_MOST, required=False, help_text="Names; unknown tags are made."
    )
    cover = serializers.PrimaryKeyRelatedField(
        queryset=Image.objects.all(),
        pk_field=CoverId(),
        required=False,
        allow_null=True,
        help_text="A picture's id. A cover as it is answered is taken for its id.",
    )
    canonical_url = serializers.URLField(
        max_length=500, required=False, allow_blank=True, help_text="Where it first appeared, if elsewhere."
    )
    language = serializers.ChoiceField(
        [code for code, _ in settings.LANGUAGES], required=False, allow_blank=True, help_text="Empty: the site's."
    )
    translation_of = Original(
        queryset=Article.objects.none(),
        pk_field=serializers.IntegerField(),
        required=False,
        allow_null=True,
        help_text="The id of an article.",
    )
    series = SeriesSlug(
        "slug", queryset=Series.objects.all(), required=False, allow_null=True, help_text="A series' slug."
    )
    series_position = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True, help_text="Its place there."
    )
    note = Text(
        max_length=500,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="With a change of a live article: tells readers what was corrected, and why.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Of JSON, those that have to be there or are: most are not, and each takes its time."""
        if type(sent := getattr(self, "initial_data", None)) is not dict:
            return super().get_fields()
        there = {name: field for name, field in self._declared_fields.items() if field.required or name in sent}
        return deepcopy(there)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and given.pop("note", ""):
            raise serializers.ValidationError({"note": ["A new article has nothing to correct."]})
        if self._hides_its_original() and given.get("translation_of", self) is None:
            del given["translation_of"]  # what is not shown is not taken away by sending back what was
        if self.instance and not self.instance.summary and given.get("summary") == self.instance.excerpt:
            del given["summary"]  # it is what we answered: were it kept, it would no longer follow the content
        return self._with_one_date(given)

    def _hides_its_original(self) -> bool:
        return bool(self.instance and self.instance.translation_of_id and not self.instance.translation_of)

    def _with_one_date(self, given: dict[str, Any]) -> dict[str, Any]:
        """`published` and `published_at` say the same thing. Where they differ, what is new holds."""
        published, current = given.pop("published", None), self.instance.published_at if self.instance else None
        moment = given.get("published_at", current)
        if published is None or ("published_at" in given and published == bool(moment)):
            return given
        if moment != current:
            raise serializers.ValidationError({"published": ["This contradicts published_at."]})
        if not published:
            return {**given, "published_at": None}
        return {**given, "published_at": current if self.instance and self.instance.is_live else timezone.now()}


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    by = BylineSerializer(allow_null=True)

    class Meta:
        model = Revision
        fields = ["number", "action", "created_at", "by", "note"]
        read_only_fields = fields


class WholeRevisionSerializer(RevisionSerializer):
    state = serializers.DictField(help_text="Every field that a writer can set, as it was.")

    class Meta(RevisionSerializer.Meta):
        fields = [*RevisionSerializer.Meta.fields, "state"]
