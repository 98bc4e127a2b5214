from django.db import migrations

from articles.caching import raising


def make(apps, schema_editor):
    for statement in raising.make_table(raising.ROWS if schema_editor.connection.vendor == "postgresql" else 1):
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    raising.remove()
    schema_editor.execute(f"DROP TABLE {raising.TABLE}")


class Migration(migrations.Migration):

    dependencies = [("articles", "0017_drafts_in_search")]

    operations = [migrations.RunPython(make, unmake)]
