import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_tokens_and_answers"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="personaltoken",
            options={
                "ordering": ["-created_at", "-pk"],
                "verbose_name": "personal access token",
                "verbose_name_plural": "personal access tokens",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="stamp",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, help_text="What all its tokens carry: a new one ends them."
            ),
        ),
        migrations.AddField(
            model_name="personaltoken",
            name="stamp",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, help_text="That of its account when it was made."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="session",
            name="expires_at",
            field=models.DateTimeField(
                db_index=True, default=django.utils.timezone.now, editable=False, verbose_name="expires"
            ),
        ),
    ]
