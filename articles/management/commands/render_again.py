from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from articles import publishing
from articles.management.progress import progress
from articles.media import renditions
from articles.models import Article
from articles.models.article import ArticleQuerySet


class Command(BaseCommand):
    help = (
        "Make anew what is made when articles are saved and pictures uploaded, where an earlier version made it or the "
        "copy of a picture is lost. Costs two queries when nothing is to do; stopped, it goes on from there the next "
        "time."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        self._each(renditions.wanting(), "picture", renditions.make_again, quietly=not verbosity)
        articles = ArticleQuerySet(Article).outdated().order_by("pk").values_list("pk", flat=True)
        self._each(list(articles), "article", publishing.render_again, quietly=not verbosity)

    def _each(self, pks: list[int], what: str, make: Callable[[int], None], *, quietly: bool) -> None:
        for pk in pks if quietly else progress(pks, unit=what):
            try:
                make(pk)
            except (OSError, ValidationError) as fault:  # its file is gone; it can't be rendered any more
                reason = " ".join(fault.messages) if isinstance(fault, ValidationError) else fault
                self.stderr.write(f"The {what} {pk} stays as it was: {reason}")
