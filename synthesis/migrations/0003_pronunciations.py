import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('synthesis', '0002_spoken_segments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PronunciationEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('en-us', 'English (American)'), ('en-gb', 'English (British)'), ('es', 'Spanish'), ('fr', 'French'), ('it', 'Italian'), ('pt', 'Portuguese'), ('pt-br', 'Portuguese (Brazilian)'), ('hi', 'Hindi'), ('de', 'German'), ('ja', 'Japanese'), ('ko', 'Korean'), ('ru', 'Russian'), ('zh', 'Chinese')], help_text='Empty: every one', max_length=8)),
                ('word', models.CharField(max_length=80)),
                ('said', models.CharField(max_length=120)),
                ('match_case', models.BooleanField(default=False, verbose_name='only in this case')),
                ('key', models.CharField(editable=False, help_text='By which words are sorted and unique', max_length=320)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('owner', models.ForeignKey(blank=True, help_text="Empty: it is the whole site's", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pronunciation',
                'ordering': ['key', 'language', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='generation',
            name='pronounces',
            field=models.ForeignKey(blank=True, help_text='The entry of a dictionary that it was made to hear', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='synthesis.pronunciationentry'),
        ),
        migrations.AddIndex(
            model_name='pronunciationentry',
            index=models.Index(fields=['owner', 'key'], name='synthesis_p_owner_i_77aece_idx'),
        ),
        migrations.AddConstraint(
            model_name='pronunciationentry',
            constraint=models.UniqueConstraint(fields=('owner', 'language', 'key'), name='pronunciation_unique_for_owner'),
        ),
        migrations.AddConstraint(
            model_name='pronunciationentry',
            constraint=models.UniqueConstraint(condition=models.Q(('owner', None)), fields=('language', 'key'), name='pronunciation_unique_for_site'),
        ),
    ]
