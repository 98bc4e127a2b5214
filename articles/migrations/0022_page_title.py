from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('articles', '0021_lz4'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='article',
            index=models.Index(
                condition=models.Q(('kind', 'page')), fields=['title', 'id'], name='page_title'
            ),
        ),
    ]
