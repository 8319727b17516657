from django.db import migrations, models

# django.db.backends.postgresql


class Migration(migrations.Migration):
    operations = [migrations.AddIndex("order", models.Index(fields=["user"], name="order_user"))]
