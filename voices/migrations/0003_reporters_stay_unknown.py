"""Keep whom a report is against, and take the names of those who reported out of the audit log."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    report, voice, entry = (apps.get_model("voices", name) for name in ("Report", "VoiceProfile", "AuditEntry"))
    owner = voice.objects.filter(pk=OuterRef("voice")).values("owner")[:1]
    report.objects.update(against=Subquery(owner))
    entry.objects.filter(act="reported").update(actor=None, actor_name="")


class Migration(migrations.Migration):
    dependencies = [
        ("voices", "0002_advice_names_a_remedy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="against",
            field=models.ForeignKey(
                editable=False,
                help_text="Who owned the voice when it was reported: giving it away opens nothing",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
