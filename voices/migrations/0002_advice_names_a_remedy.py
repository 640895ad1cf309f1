from django.db import migrations, models


def add_remedies(apps, schema_editor):
    """Give advice that was stored as [level, text] an empty remedy."""
    clips = apps.get_model("voices", "Clip").objects.only("advice")
    for clip in clips.iterator():
        clip.advice = [[level, text, *rest] if rest else [level, text, ""] for level, text, *rest in clip.advice]
        clip.save(update_fields=["advice"])


def drop_remedies(apps, schema_editor):
    for clip in apps.get_model("voices", "Clip").objects.only("advice").iterator():
        clip.advice = [each[:2] for each in clip.advice]
        clip.save(update_fields=["advice"])


class Migration(migrations.Migration):
    dependencies = [("voices", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="clip",
            name="advice",
            field=models.JSONField(default=list, help_text="What the measures say: [level, text, remedy]"),
        ),
        migrations.RunPython(add_remedies, drop_remedies),
    ]
