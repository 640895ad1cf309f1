from django.db import migrations
from django.db.models import F


def give_each_its_own(apps, schema_editor):
    """What was made before is the only take of its text."""
    apps.get_model("synthesis", "Generation").objects.update(takes=F("id"))


class Migration(migrations.Migration):

    dependencies = [
        ('synthesis', '0007_checks_takes_samples'),
    ]

    operations = [
        migrations.RunPython(give_each_its_own, migrations.RunPython.noop),
    ]
