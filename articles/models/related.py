from django.db import models

from articles.models.article import Article


class Term(models.Model):
    """What an article is about, in one word: a word that tells it from others, #a-tag or @an-author by their ids."""

    MAX_LENGTH = 40

    article = models.ForeignKey(Article, models.CASCADE, related_name="terms", db_index=False)
    name = models.CharField(max_length=MAX_LENGTH)
    weight = models.FloatField(help_text="How much it tells of the article, from 0 to 1.")

    class Meta:
        constraints = [models.UniqueConstraint("article", "name", name="term_unique")]
        indexes = [models.Index(fields=["name", "-weight", "-article"], name="term_strongest")]

    def __str__(self) -> str:
        return self.name


class Related(models.Model):
    """How near two articles are: the nearest are shown below each. Made when one of them is saved."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="nearest")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+")
    score = models.FloatField(help_text="Larger is nearer.")

    class Meta:
        constraints = [models.UniqueConstraint("article", "other", name="related_unique")]
        indexes = [models.Index(fields=["article", "-score"], name="related_nearest")]

    def __str__(self) -> str:
        return f"{self.article_id}~{self.other_id}"


class Unrelated(models.Model):
    """A note that an article has changed, and what is near it has yet to be found. Of one that is deleted meanwhile
    it says nothing any more."""

    article_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.article_id)
