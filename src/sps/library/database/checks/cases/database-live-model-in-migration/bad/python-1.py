from django.db import migrations

from shop.models import Order


def fill(apps, schema_editor):
    Order.objects.filter(currency="").update(currency="EUR")


class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
