from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.RenameIndex("order", "a_idx", "b_idx"),
        migrations.AddField("order", "total", models.BigIntegerField(null=True)),
    ]
