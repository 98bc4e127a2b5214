from django.conf import settings
from django.db import models


class ImportedFile(models.Model):
    """Which file an article came from, so that an import can be repeated and changes nothing the second time."""

    source = models.CharField(max_length=200, help_text="The name of the import, by default its folder's.")
    path = models.CharField(max_length=500, help_text="The file's path inside the folder.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was imported, in hex.")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="imported_files")

    class Meta:
        constraints = [models.UniqueConstraint("source", "path", name="imported_file_unique")]

    def __str__(self) -> str:
        return f"{self.source}: {self.path}"


class ImportedRow(models.Model):
    """What a row of another service's database has become here, and still is known to have been once it is deleted."""

    class Table(models.TextChoices):
        USERS = "users"
        ARTICLES = "articles"

    source = models.CharField(max_length=200, help_text="The name of the import, by default its database's.")
    table = models.CharField(max_length=10, choices=Table)
    number = models.BigIntegerField(help_text="Its id there.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was imported, in hex.")
    fingerprint = models.CharField(
        max_length=64, help_text="What it was here then; if it is another now, it was changed here."
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="imported_rows")
    article = models.ForeignKey("articles.Article", models.SET_NULL, null=True, related_name="imported_rows")

    class Meta:
        constraints = [models.UniqueConstraint("source", "table", "number", name="imported_row_unique")]

    def __str__(self) -> str:
        return f"{self.source}: {self.table} {self.number}"
