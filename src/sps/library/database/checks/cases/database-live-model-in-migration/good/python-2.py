from django.db import migrations, models
from shop.models import default_slug


def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    Order.objects.update(slug=default_slug())


class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
