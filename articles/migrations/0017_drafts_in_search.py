from django.db import migrations

from articles.models.entry import NEVER
from articles.search import index


def enter_drafts(apps, schema_editor):
    Article, Entry = apps.get_model("articles", "Article"), apps.get_model("articles", "Entry")
    drafts = Article.objects.filter(published_at=None).select_related("author").defer("content")
    for article in drafts.iterator():
        index.entry(article, article.tags.all(), Entry).save(force_insert=True)


def leave_them_out(apps, schema_editor):
    apps.get_model("articles", "Entry").objects.filter(published_at=NEVER).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0016_shown'),
    ]

    operations = [migrations.RunPython(enter_drafts, leave_them_out)]
