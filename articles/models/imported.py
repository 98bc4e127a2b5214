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
