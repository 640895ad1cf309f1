import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voices', '0003_recordings_of_clips'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='clip',
            name='original',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='original_name',
        ),
        migrations.RemoveField(
            model_name='voiceprofile',
            name='transcript',
        ),
        migrations.AlterField(
            model_name='clip',
            name='end',
            field=models.FloatField(help_text='Seconds of the recording at which it ends'),
        ),
        migrations.AlterField(
            model_name='clip',
            name='recording',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clips', to='voices.recording'),
        ),
    ]
