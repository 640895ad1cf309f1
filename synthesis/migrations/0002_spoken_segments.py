from django.db import migrations, models
from django.db.models import F


def speak_as_written(apps, schema_editor):
    """Let generations that are interrupted go on: what they have was spoken from the text as it stands."""
    apps.get_model("synthesis", "Segment").objects.using(schema_editor.connection.alias).update(spoken=F("text"))


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0001_initial")]

    operations = [
        migrations.AddField(
            "segment",
            "spoken",
            models.TextField(blank=True, help_text="As the engine gets it: see synthesis.scripts"),
        ),
        migrations.AddField(
            "segment",
            "pause_before",
            models.FloatField(default=0.0, help_text="Seconds of silence before the first"),
        ),
        migrations.AlterField("segment", "text", models.TextField(help_text="As it is written")),
        migrations.RunPython(speak_as_written, migrations.RunPython.noop),
    ]
