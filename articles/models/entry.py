from datetime import UTC, datetime

from django.db import models

from articles.models.article import Article

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
NEVER = datetime(3000, 1, 1, tzinfo=UTC)  # of a draft: later than any date that an article may have
PLACES_A_SECOND = 1 << 26  # articles published in the same second stand in the order of their ids


class Entry(models.Model):
    """What the search knows of an article: of a draft too, for those who may see it. Written by articles.search.index
    alone.

    The words are folded: each database's own full text only has to split them at the spaces. Its index is made by the
    migration: in SQLite the table articles_entry_words, kept by triggers that are lost when a migration alters this
    table; in PostgreSQL the columns `head` (title, names, summary) and `words` (all), which it generates.
    """

    place = models.BigIntegerField(primary_key=True, help_text="Larger is newer: when it is published, then its id.")
    article = models.OneToOneField(Article, models.CASCADE, related_name="entry")
    published_at = models.DateTimeField()
    title = models.TextField()
    names = models.TextField(help_text="Of its tags and its author.")
    summary = models.TextField()
    content = models.TextField()

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def place_at(moment: datetime, pk: int = PLACES_A_SECOND - 1) -> int:
        """Where an article of this moment and id stands; without an id, the last place of that second."""
        return int((moment - BEGINNING).total_seconds()) * PLACES_A_SECOND + pk % PLACES_A_SECOND
