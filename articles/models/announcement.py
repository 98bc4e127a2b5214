from django.db import models

# Where the feeds lie: under the front page, and under the pages of each tag, author and series
FEEDS = {"rss": "feeds/rss.xml", "atom": "feeds/atom.xml", "json": "feeds/feed.json"}


class Announcement(models.Model):
    """A change that the hub has not been told of, or is to be told of when its moment has come."""

    due_at = models.DateTimeField(db_index=True)
    of = models.JSONField(help_text="Whose feeds it changes: lists such as ['site', 0] and ['tag', 3].")

    def __str__(self) -> str:
        return f"{self.due_at:%Y-%m-%d %H:%M} {self.of}"
