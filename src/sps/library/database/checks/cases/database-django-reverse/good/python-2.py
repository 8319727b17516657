from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL(sql="CREATE VIEW v AS SELECT 1", reverse_sql="DROP VIEW v"),
    ]
