import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('synthesis', '0008_takes_of_generations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='generation',
            name='takes',
            field=models.UUIDField(default=uuid.uuid4, help_text='Takes of one text have it in common'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.UniqueConstraint(condition=models.Q(('is_picked', True)), fields=('takes',), name='generation_one_take_picked'),
        ),
    ]
