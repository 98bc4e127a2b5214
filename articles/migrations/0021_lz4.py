from django.db import migrations

# Of a list of articles most of the database's work is to unpack their texts; of a search, their words.
COLUMNS = {"articles_article": ["content", "content_html"], "articles_entry": ["content", "head", "words"]}
IS_THERE = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def pack(apps, schema_editor, method="lz4"):
    """What is written from now on. What is there already is packed anew when it is next saved."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(IS_THERE)
        if cursor.fetchone() != (True,):  # PostgreSQL before 14, or built without it
            return
        for table, columns in COLUMNS.items():
            changes = ", ".join(f"ALTER COLUMN {column} SET COMPRESSION {method}" for column in columns)
            cursor.execute(f"ALTER TABLE {table} {changes}")


def unpack(apps, schema_editor):
    pack(apps, schema_editor, "default")


class Migration(migrations.Migration):

    dependencies = [("articles", "0020_tallies")]

    operations = [migrations.RunPython(pack, unpack)]
