from django.db import migrations

from articles.models.redirect import normalize


def spell(apps, schema_editor):
    """Addresses are compared in small letters now. Of two that differ in nothing else, the first stays."""
    rows = apps.get_model("articles", "Redirect").objects.using(schema_editor.connection.alias)
    taken = set(rows.values_list("path", flat=True))
    for pk, path in rows.order_by("pk").values_list("pk", "path"):
        right = normalize(path)
        if right == path:
            continue
        if right in taken:
            rows.filter(pk=pk).delete()
        else:
            rows.filter(pk=pk).update(path=right)
            taken.add(right)


class Migration(migrations.Migration):
    dependencies = [("articles", "0007_search")]
    operations = [migrations.RunPython(spell, migrations.RunPython.noop)]
