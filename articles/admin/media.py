"""The media library: pictures are uploaded here, described, and found again."""

from functools import partial
from itertools import chain
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles import access
from articles.admin.desk import DeskAdmin, DeskForm, ShowsArticles, each_left, who
from articles.media import uploads
from articles.models import Article, Image, Page
from articles.models.article import ArticleQuerySet


class UploadForm(DeskForm[Image]):
    """Whether the file is a picture is said by uploads.store, not by the form."""

    picture = forms.FileField(
        label=_("File"),
        help_text=_("JPEG, PNG, GIF, WebP or AVIF. What the camera noted in it, such as the place, is taken out."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp,image/avif"}),
    )

    class Meta:
        model = Image
        fields = ["alt"]


@admin.register(Image)
class ImageAdmin(ShowsArticles[Image], DeskAdmin[Image]):
    list_display = ["thumbnail", "name", "dimensions", "uploaded_by", "uses", "created_at"]
    list_display_links = ["thumbnail", "name"]
    list_filter = [("uploaded_by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["uploaded_by"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    search_fields = ["alt", "original_name"]
    readonly_fields = ["preview", "address", "dimensions", "original_name", "uploaded_by", "created_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        if obj is None:
            return access.writes(who(request))
        return who(request).has_perm("articles.delete_image", obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        uses = Count("covered", distinct=True) + Count("shown_in", distinct=True)
        counted = super().get_queryset(request).annotate(uses=uses)
        return counted.order_by("-created_at", "-pk")  # counting drops the model's own order

    # What is shown

    @admin.display(description="")
    def thumbnail(self, image: Image) -> SafeString:
        return format_html('<img class="desk-thumbnail" src="{}" alt="{}" loading="lazy">', image.thumbnail, image.alt)

    @admin.display(description=_("picture"))
    def preview(self, image: Image) -> SafeString:
        return format_html('<img class="desk-preview" src="{}" alt="{}">', image.url, image.alt)

    @admin.display(description=_("description"), ordering="alt")
    def name(self, image: Image) -> str:
        return str(image)

    @admin.display(description=_("size"), ordering="width")
    def dimensions(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=_("for an article"))
    def address(self, image: Image) -> SafeString:
        return format_html("<code>![{}]({})</code>", image.alt, image.url)

    @admin.display(description=_("uses"), ordering="uses")
    def uses(self, image: Any) -> int:
        return int(image.uses)

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        return ["preview", "alt", *self.readonly_fields[1:]] if obj else ["picture", "alt"]

    def articles_of(self, obj: Image) -> ArticleQuerySet:
        return _used_in(obj).newest()

    # Uploading

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change, **(kwargs if obj else {**kwargs, "form": UploadForm, "fields": ["alt"]})
        )

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Image:
        if change:
            return form.save(commit=False)  # type: ignore[no-any-return]
        began, file = timezone.now(), form.cleaned_data["picture"]
        try:
            image = uploads.store(file, by=who(request), alt=form.cleaned_data["alt"], name=file.name)
        except ValidationError as refusal:
            raise ValidationError({"picture": refusal}) from None
        if image.created_at < began:
            self.message_user(request, _("This picture is in the library already; here it is."), messages.WARNING)
        return image

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A picture has no related rows to set here; uploading has saved all there is."""

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Names the articles that would lose a picture. They themselves stay."""
        names: list[Any] = []
        for image in objs:
            names.append(str(image))
            if articles := [
                _("still shown by “%(article)s”, which stays") % {"article": each}
                for each in chain(_used_in(image), _used_in(image, Page))
            ]:
                names.append(articles)
        refused = {self.opts.verbose_name for image in objs if not self.has_delete_permission(request, image)}
        return names, {self.opts.verbose_name_plural: len(objs)}, refused, []

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        each_left([obj], partial(uploads.remove, by=who(request)))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        with transaction.atomic():
            each_left(queryset.order_by("pk"), partial(uploads.remove, by=who(request)))


def _used_in(image: Image, model: type[Article] = Article) -> ArticleQuerySet:
    return model.objects.filter(Q(cover=image) | Q(images=image)).distinct()
