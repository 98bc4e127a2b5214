from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from articles import publishing
from articles.management.progress import progress
from articles.media import renditions
from articles.models import Article, Image
from articles.models.article import ArticleQuerySet


class Command(BaseCommand):
    help = (
        "Make anew what is made when articles are saved and pictures uploaded, where an earlier version made it. Costs "
        "two queries when nothing is to do; stopped, it goes on from there the next time."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        pictures = Image.objects.outdated(renditions.VERSION)
        self._each(pictures, "picture", renditions.make_again, quietly=not verbosity)
        articles = ArticleQuerySet(Article).outdated()
        self._each(articles, "article", publishing.render_again, quietly=not verbosity)

    def _each(self, rows: QuerySet[Any], what: str, make: Callable[[int], None], *, quietly: bool) -> None:
        outdated = list(rows.order_by("pk").values_list("pk", flat=True))
        for pk in outdated if quietly else progress(outdated, unit=what):
            try:
                make(pk)
            except (OSError, ValidationError) as fault:  # its file is gone; it can't be rendered any more
                reason = " ".join(fault.messages) if isinstance(fault, ValidationError) else fault
                self.stderr.write(f"The {what} {pk} stays as it was: {reason}")
