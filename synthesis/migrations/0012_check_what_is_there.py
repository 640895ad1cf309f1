from django.db import migrations


def forwards(apps, schema_editor):
    """Speech from before there were checks is listened to as well, after all else."""
    Generation, Check = apps.get_model("synthesis", "Generation"), apps.get_model("synthesis", "Check")
    unheard = Generation.objects.filter(state="completed", check_job=None).values_list("pk", flat=True)
    Check.objects.bulk_create([Check(generation_id=pk, priority=-20) for pk in unheard], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0011_takes_and_measures")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
