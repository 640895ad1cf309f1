from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0009_favourites")]

    operations = [
        migrations.AlterField(
            "listeninglink",
            "ending",
            models.CharField(
                blank=True,
                choices=[
                    ("owner", "turned off by its owner"),
                    ("staff", "turned off by staff"),
                    ("voice", "turned off, as its voice was suspended"),
                ],
                max_length=8,
            ),
        ),
    ]
