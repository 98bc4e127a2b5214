from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles import slugs

if TYPE_CHECKING:
    from articles.models.article import Article


class SlugTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__({"slug": _("This address is taken by another article, or was once.")})


class SlugHistoryManager(models.Manager["SlugHistory"]):
    def free(self, article: "Article") -> str:
        """The first slug for its title that no other article has or had. Another may still be quicker to claim it."""
        wanted = slugs.make(article.title)
        taken = set(self.alike(wanted).exclude(article=article.pk).values_list("slug", flat=True))
        return next(slug for slug in slugs.candidates(wanted) if slug not in taken and article.can_stand_at(slug))

    def alike(self, slug: str) -> models.QuerySet["SlugHistory"]:
        """All that it would have to differ from, with a number at its end or without."""
        return self.filter(slug__startswith=slug[: slugs.MAX_LENGTH - 10])

    def claim(self, slug: str, article: "Article", *, new: bool) -> None:
        """Note the slug as this article's for good. Raises IntegrityError where it is, or was, another's."""
        if new or not self.filter(slug=slug, article=article).exists():
            self.create(slug=slug, article=article)


class SlugHistory(models.Model):
    """Every slug that an article has or had. An earlier one redirects for good.

    The present one is here too, so that the database itself keeps two articles from ever sharing an address.
    """

    slug = models.CharField(max_length=slugs.MAX_LENGTH, unique=True)
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="slugs")
    since = models.DateTimeField(auto_now_add=True)

    objects = SlugHistoryManager()

    class Meta:
        verbose_name_plural = _("slug history")

    def __str__(self) -> str:
        return self.slug
