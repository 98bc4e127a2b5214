import django.db.models.deletion
from django.db import migrations, models

KEEP = """
    INSERT INTO articles_shown (article_id, image_id)
    SELECT shows.article_id, image.file FROM articles_article_images shows
    JOIN articles_image image ON image.id = shows.image_id
"""
BRING_BACK = """
    INSERT INTO articles_article_images (article_id, image_id)
    SELECT shows.article_id, image.id FROM articles_shown shows
    JOIN articles_image image ON image.file = shows.image_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0015_webhook_served_by_one"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "article",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="articles.article"),
                ),
                (
                    "image",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="articles.image",
                        to_field="file",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("article", "image"), name="shown_once")],
            },
        ),
        migrations.RunSQL(KEEP, BRING_BACK),
        migrations.RemoveField(
            model_name="article",
            name="images",
        ),
        migrations.AddField(
            model_name="article",
            name="images",
            field=models.ManyToManyField(
                editable=False, related_name="shown_in", through="articles.Shown", to="articles.image"
            ),
        ),
    ]
