from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles import access, markup
from articles.models.media import Image, Shown, files_at
from articles.models.site import languages
from articles.models.slug_history import SlugHistory, SlugTaken
from articles.models.taxonomy import Series, Tag, slug_field, validate_text
from articles.paths import path_to
from articles.tidy import Picture
from blogsite.prepared import Prepared, Slot

WORDS_A_MINUTE = 238  # silent reading of English non-fiction: Brysbaert, Journal of Memory and Language 109 (2019)
CONTENT_MIN_LENGTH = 10  # characters; inherited from the service it replaces
CONTENT_MAX_LENGTH = 300_000  # characters, a book of 50,000 words; far beyond it, some texts take minutes to render
RESERVED = {"export"}  # under the API's articles/, where a slug serves as id
MADE = {"content_html", "excerpt", "word_count", "toc", "rendered_by"}  # at each save of the text
CONTENTS_MIN_WORDS, CONTENTS_MIN_HEADINGS = 800, 3  # of an article that gets a table of contents
YEARS = range(1001, 2999)  # an archive's address has a year of four digits, and at the calendar's ends no zone has one

OF_AUTHOR = ("author__username", "author__name")
OF_COVER = tuple(f"cover__{name}" for name in ("file", "alt", "width", "height", "widths"))
IN_LIST = ("title", "slug", "excerpt", "word_count", "published_at", "language", "kind")
ON_PAGE = (*IN_LIST, "summary", "content_html", "toc", "canonical_url", "translation_of", "updated_at", "revised_at")

M = TypeVar("M", bound=models.Model)

models.TextField.register_lookup(Length)


FEW = 200  # ids that are named one by one


class ArticleQuerySet(models.QuerySet["Article"]):
    def live(self, at: datetime | Combinable | None = None) -> Self:
        return self.filter(access.live(at=at))

    def scheduled(self) -> Self:
        return self.filter(published_at__gt=timezone.now())

    def drafts(self) -> Self:
        return self.filter(access.draft())

    def in_state(self, state: str) -> Self:
        """The query for what `Article.state` shows. Raises ValueError for what is no state."""
        match Article.State(state):
            case Article.State.DRAFT:
                return self.drafts()
            case Article.State.SCHEDULED:
                return self.scheduled()
            case Article.State.LIVE:
                return self.live()

    def viewable_by(self, user: access.Person) -> Self:
        return self.allowed(user, f"articles.view_{self.noun}")

    def with_history_for(self, user: access.Person) -> Self:
        return self.allowed(user, "articles.view_revision")

    @property
    def noun(self) -> str:
        return str(self.model._meta.model_name)

    def allowed(self, user: access.Person, permission: str) -> Self:
        """Those for which the person has a permission."""
        return self.filter(access.RULES[self.noun][permission](user))

    def among(self, ids: models.QuerySet[Any, Any]) -> Self:
        """Those of these ids, which are the values of a column. Few are named one by one: a database that guesses how
        many there are may walk through a million articles in the order of a list to meet four.
        """
        [name] = ids.query.values_select
        some = list(ids.values_list(name, flat=True).order_by()[: FEW + 1])
        return self.filter(pk__in=some if len(some) <= FEW else ids)

    def outdated(self) -> Self:
        """Those that an earlier version of articles.markup has rendered."""
        return self.filter(rendered_by__lt=markup.VERSION)

    def newest(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def for_listing(self) -> Self:
        """All that a teaser shows, in one query."""
        return self.select_related("author", "cover").only(*IN_LIST, *OF_AUTHOR, *OF_COVER)

    def for_page(self) -> Self:
        """All that an article's own page shows of it but its tags, in one query."""
        related = self.select_related("author", "cover", "series")
        return related.only(*ON_PAGE, *OF_AUTHOR, *OF_COVER, "series__title", "series__slug")

    def for_feed(self) -> Self:
        """All that a feed says of it but its tags, in one query."""
        shown = (*IN_LIST, "content_html", "created_at", "updated_at", *OF_AUTHOR, "author__avatar", "cover__file")
        return self.select_related("author", "cover").only(*shown)

    def for_reading(self) -> Self:
        """All that an article's own page shows of it, in two queries."""
        return self.select_related("author", "cover", "series").prefetch_related("tags").defer("content")


class Kind(models.TextChoices):
    ARTICLE = "article", _("article")
    PAGE = "page", _("page")


class OfKind(models.Manager["Article"]):
    """Articles and standing pages share a table, and no list of one ever holds the other."""

    def __init__(self, kind: Kind = Kind.ARTICLE) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet["Article"]:
        return super().get_queryset().filter(kind=self.kind)


ArticleManager = OfKind.from_queryset(ArticleQuerySet)


class Article(models.Model):
    """One piece of writing: draft, scheduled or live by published_at alone. Changed through articles.publishing."""

    Kind = Kind

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        LIVE = "live", _("Live")

    title = models.CharField(_("title"), max_length=200, validators=[validate_text])
    slug = slug_field(_("Made from the title where left empty. An earlier address goes on leading here."))
    content = models.TextField(
        _("content"),
        validators=[MinLengthValidator(CONTENT_MIN_LENGTH), MaxLengthValidator(CONTENT_MAX_LENGTH), validate_text],
        help_text=_("Markdown."),
    )
    summary = models.CharField(
        _("summary"),
        max_length=markup.EXCERPT_MAX_LENGTH,
        blank=True,
        validators=[validate_text],
        help_text=_("For lists and search engines. Where left empty, the beginning of the text serves."),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="articles", verbose_name=_("author")
    )
    cover = models.ForeignKey(
        Image, models.SET_NULL, null=True, blank=True, related_name="covered", verbose_name=_("cover")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    series = models.ForeignKey(
        Series, models.SET_NULL, null=True, blank=True, related_name="articles", verbose_name=_("series")
    )
    series_position = models.PositiveIntegerField(_("place in the series"), null=True, blank=True)
    published_at = models.DateTimeField(
        _("published"), null=True, blank=True, help_text=_("Empty: a draft. In the future: goes live then, by itself.")
    )
    canonical_url = models.URLField(
        _("first appeared at"), max_length=500, blank=True, help_text=_("The address elsewhere, if it is older.")
    )
    language = models.CharField(
        _("language"), max_length=20, choices=languages, blank=True, help_text=_("Where it is not the site's.")
    )
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("translation of"),
        help_text=_("The article that this one says in another language."),
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ARTICLE, editable=False)
    menu_position = models.PositiveSmallIntegerField(
        _("place in the menu"), null=True, blank=True, help_text=_("Of a page. Empty: it is not in the menu.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False, help_text="One more with each change.")
    revised_at = models.DateTimeField(
        _("revised"), null=True, editable=False, help_text="When a live article last changed in a way that matters."
    )

    # Made at each save, so that no reader waits for them
    content_html = models.TextField(editable=False)
    excerpt = models.CharField(max_length=markup.EXCERPT_MAX_LENGTH, editable=False)
    word_count = models.PositiveIntegerField(editable=False)
    images = models.ManyToManyField(Image, through=Shown, related_name="shown_in", editable=False)
    toc = models.JSONField(default=list, editable=False, help_text="Its headings: [level, id, text] of each.")
    rendered_by = models.PositiveSmallIntegerField(
        default=0,
        db_index=True,
        editable=False,
        help_text="The version of articles.markup that made all this; 0 for none.",
    )

    objects = ArticleManager()
    tags_known: list[Tag] | None = None  # those that it had when a verb let go of it

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("publish_article", "Can publish any article"),
            ("publish_own_article", "Can publish own articles"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id", "kind"], name="article_newest"),  # it alone counts the live
            models.Index(fields=["-created_at", "-id"], name="article_created"),
            models.Index(fields=["updated_at", "id"], name="article_updated"),
            models.Index(fields=["title", "id"], name="article_title"),
            models.Index(fields=["author", "-published_at", "-id", "kind"], name="article_by_author"),
            models.Index(fields=["series", "series_position"], name="article_in_series"),
            # the few that are found by their kind, among a million that are not
            models.Index(fields=["title", "id"], condition=Q(kind="page"), name="page_title"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="article_title_not_empty"),
            models.CheckConstraint(condition=~Q(slug=""), name="article_slug_not_empty"),
            models.CheckConstraint(condition=Q(version__gte=1), name="article_version_from_one"),
            models.CheckConstraint(condition=~Q(translation_of=F("pk")), name="article_not_its_own_translation"),
            models.CheckConstraint(
                condition=Q(content__length__range=(CONTENT_MIN_LENGTH, CONTENT_MAX_LENGTH)),
                name="article_content_length",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic(savepoint=False)
    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save it, and where its words are among the fields, or `rendered_by`, make anew what is made of them."""
        fields = None if update_fields is None else set(update_fields)
        adding = self._state.adding
        if fields is None or fields & {"content", "summary", "rendered_by"}:
            shown = self.render()
            self._save_with_slug(fields and fields | MADE, **kwargs)
            if shown or not adding:
                self._note_shown(shown)
        else:
            self._save_with_slug(fields, **kwargs)

    def get_absolute_url(self) -> str:
        return path_to(f"articles:{self._meta.model_name}", self.slug)

    @property
    def markdown_url(self) -> str:
        return path_to(f"articles:{self._meta.model_name}_markdown", self.slug)

    def can_stand_at(self, slug: str) -> bool:
        """Whether the site has nothing of its own at the addresses that this slug would make."""
        return slug not in RESERVED

    @property
    def state(self) -> State:
        return state_at(self.published_at, timezone.now())

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    @property
    def modified_at(self) -> datetime:
        """When readers last saw a change: going live by the clock is one, whenever it was written."""
        return max(self.updated_at, self.published_at or self.updated_at)

    @property
    def revised_or_published(self) -> datetime | None:
        """The date that is reported to those who ask for one of the text: small changes don't count."""
        return self.revised_at or self.published_at

    @property
    def reading_minutes(self) -> int:
        return reading_minutes(self.word_count)

    @property
    def contents(self) -> list[tuple[markup.Heading, list[markup.Heading]]]:
        """The table of contents: each heading with those below it. Empty for what is short."""
        if self.word_count < CONTENTS_MIN_WORDS or len(self.toc) < CONTENTS_MIN_HEADINGS:
            return []
        sections: list[tuple[markup.Heading, list[markup.Heading]]] = []
        for level, anchor, text in self.toc:
            if level > 2 and sections:
                sections[-1][1].append((level, anchor, text))
            else:
                sections.append(((level, anchor, text), []))
        return sections

    def clean(self) -> None:
        self.title = self.title.strip()
        if not self.title:
            raise ValidationError({"title": _("Give it a title.")})
        if self.slug and not self.can_stand_at(self.slug) and not self._stands_at(self.slug):
            raise ValidationError({"slug": _("Something else of this site has this address already.")})
        if self.published_at and self.published_at.year not in YEARS:
            raise ValidationError({"published_at": _("Give a date between the years 1001 and 2998.")})

    def _stands_at(self, slug: str) -> bool:
        """It has or had this address, from before it was kept for something else."""
        return self.pk is not None and SlugHistory.objects.filter(slug=slug, article=self.pk).exists()

    def render(self) -> set[str]:
        """Make what is MADE of its words. Answers the names of the library's files that they show."""
        document = markup.parse(self.content)
        names = files_at(document.images)
        shown = Image.objects.filter(file__in=names) if names else ()
        self.content_html = document.html(
            {image.url: Picture(image.width, image.height, image.srcset, image.srcset_type) for image in shown}
        )
        self.excerpt = self.summary or document.excerpt
        self.word_count = document.words
        self.toc = document.headings
        self.rendered_by = markup.VERSION
        return names

    def _note_shown(self, names: set[str]) -> None:
        noted = Shown.objects.filter(article=self)
        before = {name for (name,) in _shown_by(article=self.pk)}
        if gone := before - names:
            noted.filter(image_id__in=gone).delete()
        Shown.objects.bulk_create(Shown(article=self, image_id=name) for name in names - before)

    def _save_with_slug(self, fields: set[str] | None, **kwargs: Any) -> None:
        """Save, and claim the slug for good; where there is none, the first that is free for this title."""
        if self.slug:
            return self._save_claiming(fields, **kwargs)
        while True:
            self.slug = SlugHistory.objects.free(self)
            try:
                return self._save_claiming(fields and fields | {"slug"}, **kwargs)
            except SlugTaken:
                self.slug = ""

    def _save_claiming(self, fields: set[str] | None, **kwargs: Any) -> None:
        if fields is not None and "slug" not in fields:
            return super().save(update_fields=fields, **kwargs)
        pk, adding = self.pk, self._state.adding
        try:
            with transaction.atomic():
                super().save(update_fields=fields, **kwargs)
                SlugHistory.objects.claim(self.slug, self, new=adding)
        except IntegrityError:
            self.pk, self._state.adding = pk, adding
            if SlugHistory.objects.filter(slug=self.slug).exclude(article=pk).exists():
                raise SlugTaken from None  # meanwhile, by somebody quicker
            raise


_shown_by = Prepared(lambda: Shown.objects.filter(article=Slot("article", Article._meta.pk)).values_list("image_id"))


def state_at(published_at: datetime | None, now: datetime) -> Article.State:
    if published_at is None:
        return Article.State.DRAFT
    return Article.State.LIVE if published_at <= now else Article.State.SCHEDULED


def reading_minutes(words: int) -> int:
    return max(1, ceil(words / WORDS_A_MINUTE))


def authors() -> models.QuerySet[User]:
    """The people who have a live article."""
    return with_live(User.objects.all(), "author")


def with_live(things: models.QuerySet[M], name: str) -> models.QuerySet[M]:
    """Those that are the `name` of a live article: what drafts alone have is not to be told from nothing."""
    return things.filter(Exists(Article.objects.live().filter(**{name: OuterRef("pk")})))


def with_articles(things: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Those people or series that have live articles, each with its `article_count`: pages count for nothing."""
    from articles.models.tally import Kind, counted  # which knows articles

    kind = Kind.AUTHOR if things.model is User else Kind.SERIES
    found: models.QuerySet[Any] = with_live(things, kind).annotate(article_count=counted(kind))
    return found
