from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0008_share_of_time")]

    operations = [
        migrations.AddField(
            "generation",
            "is_favourite",
            models.BooleanField(default=False, help_text="All takes of a text have it in common, as their title"),
        ),
    ]
