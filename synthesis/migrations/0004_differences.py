from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0003_pronunciations")]

    operations = [
        migrations.AddField(
            "generation",
            "differences",
            models.JSONField(blank=True, default=list, help_text="Where that differs: voices.text.word_errors"),
        )
    ]
