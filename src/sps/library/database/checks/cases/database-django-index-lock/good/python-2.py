from django.db import migrations, models

# django.db.backends.postgresql


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Order", fields=[("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("order", models.Index(fields=["id"], name="order_id")),
    ]
