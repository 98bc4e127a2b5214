"""Articles that say the same in several languages: one of them is the original, the others are its translations."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from articles import access
from articles.models.article import Article, ArticleQuerySet
from articles.models.page import Page
from articles.models.site import SiteSettings


def family(article: Article) -> ArticleQuerySet:
    """All of them, this one included, the original first."""
    original = article.translation_of_id or article.pk
    members: ArticleQuerySet = type(article).objects.filter(Q(pk=original) | Q(translation_of=original))
    return members.order_by(F("translation_of").asc(nulls_first=True), "pk")


def with_translated(articles: ArticleQuerySet, at: datetime | Combinable | None = None) -> ArticleQuerySet:
    """Each with `is_translated`: whether it is a translation, or has one that is live."""
    translations = Article._base_manager.filter(access.live(at=at), translation_of=OuterRef("pk"))
    return articles.annotate(is_translated=Q(translation_of__isnull=False) | Exists(translations))


def families(originals: Collection[int]) -> ArticleQuerySet:
    """The live members of their families, each one's original first."""
    members = Article.objects.live().filter(Q(pk__in=originals) | Q(translation_of__in=originals))
    return members.order_by(F("translation_of").asc(nulls_first=True), "pk")


def settle(article: Article) -> None:
    """Attach it to the original itself, where it says to be a translation of a translation, and see that its family
    has it once and no language twice. Raises ValidationError, by field. Holds the site's settings until the transaction
    ends, so that no two members are settled at once.
    """
    site = SiteSettings.objects.locked()
    if article.translation_of_id:
        article.translation_of = _original(article)
    elif article._state.adding:
        return
    said = {other.language or site.language for other in family(article).exclude(pk=article.pk).only("language")}
    if (article.language or site.language) in said:
        raise ValidationError({"language": _("There is one in this language among its translations already.")})


def _original(article: Article) -> Article:
    model = type(article)
    original = model.objects.filter(pk=article.translation_of_id).select_related("translation_of").first()
    if original is None:
        raise ValidationError({"translation_of": _("There is no such text to translate.")})
    original = original.translation_of or original
    if original.pk == article.pk:
        raise ValidationError({"translation_of": _("Nothing is a translation of itself, nor of its own translation.")})
    if article.pk and model.objects.filter(translation_of=article.pk).exists():
        raise ValidationError({"translation_of": _("This has translations itself. Let them go first.")})
    return original


@receiver(pre_delete, sender=Article)
@receiver(pre_delete, sender=Page)
def _remember_translations(instance: Any, **kwargs: Any) -> None:
    translations = Article._base_manager.filter(translation_of=instance.pk)
    instance._translations = list(translations.values_list("pk", flat=True))


@receiver(post_delete, sender=Article)
@receiver(post_delete, sender=Page)
def _appoint_an_original(instance: Any, **kwargs: Any) -> None:
    """The first of the translations, of those that were not deleted with it; or the others would be strangers."""
    left = Article._base_manager.filter(pk__in=instance._translations).order_by("pk")
    if heir := left.first():
        left.exclude(pk=heir.pk).update(translation_of=heir)
