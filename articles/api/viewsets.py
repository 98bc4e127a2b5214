"""The door for programs: each view asks access which rows there are, says one verb of publishing, and answers."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from drf_spectacular.utils import OpenApiResponse, extend_schema_view
from rest_framework import mixins, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import idempotency
from accounts.models import User
from articles import access, publishing
from articles.api import serializers
from articles.api.filters import ArticleFilter
from articles.api.paging import BIGINT, PAGED, Keyset
from articles.api.reading import Pages, of_written, one
from articles.api.views import FIELDS, ArticleView
from articles.media import uploads
from articles.models import Article, Image, Revision, SlugHistory, Tag, with_articles
from articles.slugs import SlugConverter
from blogsite import etags
from blogsite.parsers import UploadParser
from blogsite.prepared import Prepared, Slot
from blogsite.rest import ApiView, described, place

M = TypeVar("M", bound=Model)

ID = r"[0-9]{1,18}"
NAME = r"[^/\x00]+"  # no database takes a NUL
GONE = OpenApiResponse(description="Done; nothing to say.")
ARTICLE = place("id", "The id, or the slug, be it an earlier one.", "a-street-is-a-clock")
REVISION = place("number", "Its number, as the list of revisions has it: the first is 1.", 1, int)
PICTURE = place("id", "The picture's id.", 7, int)
TAG = place("slug", "The tag's slug.", "cities")
AUTHOR = place("username", "The author's user name, whatever the case.", "ines")


class InUse(APIException):
    """403 and not 409: editors may delete it all the same."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = "An article shows this picture: take it out there first, or ask an editor."


@cache
def whole(by: str) -> Prepared[Article]:
    """An article that is to be changed, with what it refers to, whoever may see it."""
    field: Any = Article._meta.pk if by == "pk" else SlugHistory._meta.get_field("slug")
    articles = Article.objects.select_related("author", "cover", "series").defer("toc", "content_html")
    return Prepared(lambda: articles.filter(**{by: Slot("name", field)}).order_by())


def found(rows: QuerySet[M], where: Q, called: str = "") -> M:
    row = rows.filter(where).first()
    if row is None:
        raise NotFound(f"{called or rows.model.__name__} not found")
    return row


@extend_schema_view(
    list=described(
        "List articles", serializers.ArticleSerializer(many=True), parameters=[FIELDS], operation_id="list_articles"
    ),
    retrieve=described(
        "Read an article", serializers.ArticleSerializer, parameters=[ARTICLE, FIELDS], operation_id="get_article"
    ),
)
class ArticleViewSet(ArticleView, viewsets.ReadOnlyModelViewSet[Article]):
    pagination_class = Pages
    orderings = ["-created_at", "published_at", "updated_at", "title"]
    filterset_class = ArticleFilter
    lookup_url_kwarg = "id"
    lookup_value_regex = NAME
    public = {"list": {*PAGED, *ArticleFilter.base_filters, "fields"}, "retrieve": {"fields"}}

    def named(self) -> tuple[str, Any]:
        """By what it is asked for: its id, or a slug that it has or had."""
        name = SlugConverter().to_python(self.kwargs["id"])
        is_id = name.isascii() and name.isdigit() and len(name) < 20  # a slug is never all digits
        return ("pk", int(name)) if is_id else ("slugs__slug", name)

    def get_object(self) -> Article:
        """As it is before it is changed."""
        by, name = self.named()
        there = [] if by == "pk" and name > BIGINT else whole(by)(name=name)
        article = next(iter(there), None)
        if article is None or not access.holds(access.viewable(self.person), article):
            raise NotFound("Article not found")
        if article.translation_of_id:
            prefetch_related_objects([article], self.original())
        return article

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pages = cast(Pages, self.paginator)
        # what strangers see of all is compiled already
        articles: Any = self.filter_queryset(self.viewable()) if self.is_filtered else SimpleLazyObject(self.viewable)
        pages.paginate_queryset(articles, request, self)
        return pages.get_paginated_response(pages.shown(request, self.person))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        by, name = self.named()
        reading, rows = one(by, name, only=self.only, person=self.person)
        if not rows:
            raise NotFound("Article not found")
        [shown] = reading.shown(rows, request, self.person)
        return etags.tag(Response(shown), reading.pick("version")(rows[0]))

    @described(
        "Write an article",
        serializers.ArticleSerializer,
        403,
        status=201,
        request=serializers.ArticleInput,
        operation_id="create_article",
        parameters=[idempotency.KEY],
    )
    @idempotency.idempotent
    def create(self, request: Request) -> Response:
        self.require("articles.add_article")
        article = publishing.create(by=self.person, **self.given())
        location = request.build_absolute_uri(reverse("api:article-detail", args=[article.pk]))
        return self.answer(article, status=status.HTTP_201_CREATED, headers={"Location": location})

    @described(
        "Change an article",
        serializers.ArticleSerializer,
        403,
        request=serializers.ArticleInput,
        parameters=[ARTICLE, etags.IF_MATCH],
        operation_id="update_article",
    )
    def partial_update(self, request: Request, id: str) -> Response:
        """Only the fields sent are changed."""
        article = self.get_object()
        self.require("articles.change_article", article)
        version = etags.expected_version(request, article.version)
        given = self.given(article)
        return self.answer(publishing.revise(article, by=self.person, expected_version=version, **given))

    @described(
        "Change an article (as PATCH does)",
        serializers.ArticleSerializer,
        403,
        request=serializers.ArticleInput(partial=True),
        parameters=[ARTICLE, etags.IF_MATCH],
        operation_id="put_article",
    )
    def update(self, request: Request, id: str) -> Response:
        """Only the fields sent are changed."""
        return cast(Response, self.partial_update(request, id))

    @described(
        "Delete an article", GONE, 403, status=204, parameters=[ARTICLE, etags.IF_MATCH], operation_id="delete_article"
    )
    def destroy(self, request: Request, id: str) -> Response:
        article = self.get_object()
        version = etags.expected_version(request, article.version)
        publishing.remove(article, by=self.person, expected_version=version)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @described(
        "List an article's revisions",
        serializers.RevisionSerializer(many=True),
        403,
        parameters=[ARTICLE],
        filters=False,
        operation_id="list_revisions",
    )
    @action(
        detail=True,
        permission_classes=[permissions.IsAuthenticated],
        pagination_class=Keyset,
        orderings=["-number"],
        filter_backends=[],
    )
    def revisions(self, request: Request, id: str) -> Response:
        page: Any = self.paginate_queryset(cast(Any, self.history().select_related("by").defer("state")))
        shown = serializers.RevisionSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    @described(
        "Read an earlier state of an article",
        serializers.WholeRevisionSerializer,
        403,
        parameters=[ARTICLE, REVISION],
        operation_id="get_revision",
    )
    @action(detail=True, permission_classes=[permissions.IsAuthenticated], url_path=f"revisions/(?P<number>{ID})")
    def revision(self, request: Request, id: str, number: str) -> Response:
        revision = found(self.history().select_related("by"), Q(number=number))
        shown = serializers.WholeRevisionSerializer(revision, context=self.get_serializer_context())
        return Response(shown.data)

    @described(
        "Bring an earlier state back",
        serializers.ArticleSerializer,
        403,
        parameters=[ARTICLE, REVISION, etags.IF_MATCH, idempotency.KEY],
        request=None,
        operation_id="restore_revision",
    )
    @action(
        detail=True,
        methods=["post"],
        permission_classes=[permissions.IsAuthenticated],
        url_path=f"revisions/(?P<number>{ID})/restore",
    )
    @idempotency.idempotent
    def restore(self, request: Request, id: str, number: str) -> Response:
        """Its title, content, summary, cover and canonical URL, as a new revision."""
        article = self.get_object()
        version = etags.expected_version(request, article.version)
        restored = publishing.restore(article, by=self.person, number=int(number), expected_version=version)
        return self.answer(restored)

    def history(self) -> QuerySet[Revision]:
        article = self.get_object()
        self.require("articles.view_revision", article)
        return article.revisions.all()

    def ahead(self) -> AbstractContextManager[None]:
        """The text that comes is rendered before a transaction begins, for whoever may write one."""
        sent = self.request.data
        if not isinstance(sent, Mapping) or not self.person.has_perm("articles.add_article"):
            return nullcontext()
        return publishing.ahead(sent.get("content"))

    def require(self, permission: str, article: Article | None = None) -> None:
        """The verbs ask again. Asked first, nobody is told by what is wrong with a body what there is to refer to."""
        if article is None:
            allowed = self.person.has_perm(permission)
        else:
            allowed = access.holds(access.ARTICLE_RULES[permission](self.person), article)
        if not allowed:
            raise PermissionDenied

    def given(self, article: Article | None = None) -> dict[str, Any]:
        context = self.get_serializer_context()
        given = serializers.ArticleInput(article, data=self.request.data, partial=article is not None, context=context)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def answer(self, article: Article, **kwargs: Any) -> Response:
        reading = of_written(frozenset(self.only))
        [shown] = reading.shown([reading.row(article)], self.request, self.person)
        return etags.tag(Response(shown, **kwargs), article.version)

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case publishing.Conflict():
                exc = etags.PreconditionFailed("article")
            case ObjectDoesNotExist():  # deleted by somebody else since we looked, or a number that never was
                exc = NotFound(f"{type(exc).__qualname__.partition('.')[0]} not found")
        return super().handle_exception(exc)


@extend_schema_view(
    list=described("List the tags of live articles", serializers.TagSerializer(many=True), operation_id="list_tags"),
    retrieve=described("Read a tag", serializers.TagSerializer, parameters=[TAG], operation_id="get_tag"),
)
class TagViewSet(ApiView, viewsets.ReadOnlyModelViewSet[Tag]):
    queryset = Tag.objects.none()
    serializer_class = serializers.TagSerializer
    pagination_class = Keyset
    orderings = ["name"]
    public = {"list": PAGED, "retrieve": set[str]()}
    filter_backends = []
    lookup_field = "slug"
    lookup_value_regex = NAME

    def get_queryset(self) -> QuerySet[Tag]:
        return Tag.objects.in_use()

    def get_object(self) -> Tag:
        return found(self.get_queryset(), Q(slug=SlugConverter().to_python(self.kwargs["slug"])))


@extend_schema_view(
    list=described(
        "List the authors of live articles", serializers.AuthorSerializer(many=True), operation_id="list_authors"
    ),
    retrieve=described("Read an author", serializers.AuthorSerializer, parameters=[AUTHOR], operation_id="get_author"),
)
class AuthorViewSet(ApiView, viewsets.ReadOnlyModelViewSet[User]):
    queryset = User.objects.none()
    serializer_class = serializers.AuthorSerializer
    pagination_class = Keyset
    orderings = ["username"]
    public = {"list": PAGED, "retrieve": set[str]()}
    filter_backends = []
    lookup_field = "username"
    lookup_value_regex = NAME

    def get_queryset(self) -> QuerySet[User]:
        return with_articles(User.objects.all())

    def get_object(self) -> User:
        return found(self.get_queryset(), Q(username__lower=self.kwargs["username"].lower()), called="Author")


@extend_schema_view(
    list=described(
        "List the pictures of the media library",
        serializers.ImageSerializer(many=True),
        403,
        operation_id="list_images",
    ),
    retrieve=described(
        "Read about a picture", serializers.ImageSerializer, 403, parameters=[PICTURE], operation_id="get_image"
    ),
)
class ImageViewSet(ApiView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Image]):
    queryset = Image.objects.none()
    serializer_class = serializers.ImageSerializer
    permission_classes = [permissions.IsAuthenticated]
    parser_classes = [UploadParser]
    pagination_class = Keyset
    orderings = ["-created_at"]
    filter_backends = []
    lookup_value_regex = ID

    def get_queryset(self) -> QuerySet[Image]:
        if not self.request.user.has_perm("articles.view_image"):
            raise PermissionDenied
        return Image.objects.all()

    def get_object(self) -> Image:
        return found(self.get_queryset(), Q(pk=int(self.kwargs["pk"])))

    @described(
        "Upload a picture",
        serializers.ImageSerializer,
        403,
        status=201,
        request=serializers.ImageInput,
        operation_id="upload_image",
        parameters=[idempotency.KEY],
    )
    @idempotency.idempotent
    def create(self, request: Request) -> Response:
        """Its metadata is removed. A picture that the library has already is answered as it is there."""
        given = serializers.ImageInput(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        try:
            image = uploads.store(
                file, by=cast(User, request.user), alt=given.validated_data.get("alt", ""), name=file.name
            )
        except DjangoValidationError as error:
            raise ValidationError({"file": error.messages}) from None
        location = request.build_absolute_uri(reverse("api:image-detail", args=[image.pk]))
        return Response(self.get_serializer(image).data, status.HTTP_201_CREATED, headers={"Location": location})

    @described(
        "Delete a picture", GONE, 403, status=204, parameters=[PICTURE, etags.IF_MATCH], operation_id="delete_image"
    )
    @transaction.atomic
    def destroy(self, request: Request, pk: str) -> Response:
        """Your own, that no article shows; an editor's right is to delete any."""
        image = found(self.get_queryset().select_for_update(), Q(pk=int(pk)))
        etags.require(request, self.get_serializer(image).data, "picture")
        try:
            uploads.remove(image, by=cast(User, request.user))
        except uploads.InUse:
            raise InUse from None
        return Response(status=status.HTTP_204_NO_CONTENT)
