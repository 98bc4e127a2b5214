from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles import slugs
from blogsite.prepared import Prepared, Slot, insert

if TYPE_CHECKING:
    from articles.models.article import Article


FIRST = 16  # numbers up to here are tried one by one
BETWEEN = 64  # of those beyond, so many are looked at in one query


class SlugTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__({"slug": _("This address is taken by another article, or was once.")})


class SlugHistoryManager(models.Manager["SlugHistory"]):
    def free(self, article: "Article") -> str:
        """A slug for its title that no other article has or had: the title alone, or with the number after one that is
        taken. Another may still be quicker to claim it.

        However many have this title, a few queries find that number. Those who want one wait for each other.
        """
        wanted = slugs.make(article.title)
        if article.can_stand_at(wanted) and not _held(slug=wanted, article=article.pk or 0):
            return wanted
        others = self.exclude(article=article.pk)
        low, numbers = 1, [*range(2, FIRST), *(FIRST << power for power in range(24))]
        while True:
            named = {number: slugs.numbered(wanted, number) for number in numbers}
            taken = set(others.filter(slug__in=named.values()).values_list("slug", flat=True))
            high = next(n for n, slug in named.items() if slug not in taken and article.can_stand_at(slug))
            low = max((number for number in numbers if number < high), default=low)
            if high == low + 1:
                return named[high]
            numbers = [*range(low + 1, high, (high - low) // BETWEEN + 1), high]

    def alike(self, slug: str) -> models.QuerySet["SlugHistory"]:
        """All that it would have to differ from, with a number at its end or without."""
        return self.filter(slug__startswith=slug[: slugs.MAX_LENGTH - 10])

    def claim(self, slug: str, article: "Article", *, new: bool) -> None:
        """Note the slug as this article's for good. Raises IntegrityError where it is, or was, another's."""
        if new or not self.filter(slug=slug, article=article).exists():
            insert(SlugHistory(slug=slug, article=article))


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


# A slug, where another article has or had it; nobody else's to ask for until the transaction ends
_held = Prepared(
    lambda: (
        SlugHistory.objects.exclude(article=Slot("article", SlugHistory._meta.pk))
        .filter(slug=Slot("slug", SlugHistory._meta.get_field("slug")))
        .select_for_update(no_key=True)
        .values_list("slug")
    )
)
