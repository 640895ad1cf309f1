from django.db import migrations


def begin_anew(apps, schema_editor):
    """Delete the parts of generations that were interrupted: they are spoken anew, each as a take that is kept."""
    apps.get_model("synthesis", "Segment").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0004_differences")]

    operations = [migrations.RunPython(begin_anew, migrations.RunPython.noop)]
