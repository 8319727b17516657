from django.db import migrations
from ..models import Team


def fill(apps, schema_editor):
    for team in Team.objects.all():
        team.save()


class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
