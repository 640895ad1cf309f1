import logging

from django.db import migrations
from django.db.models import Count, F
from django.db.models.functions import Lower

logger = logging.getLogger(__name__)


def keep_each_email_once(apps, schema_editor):
    """Leave an address that several accounts have to the one that signed in last, or is the oldest.

    The other accounts and all that is theirs stay: they sign in by name, and may take another address.
    """
    User = apps.get_model("voicesite", "User")
    people = User.objects.using(schema_editor.connection.alias).exclude(email="").annotate(lower=Lower("email"))
    shared = people.values("lower").annotate(count=Count("pk")).filter(count__gt=1).values_list("lower", flat=True)
    for lower in list(shared):
        first, *others = people.filter(lower=lower).order_by(F("last_login").desc(nulls_last=True), "pk")
        User.objects.using(schema_editor.connection.alias).filter(pk__in=[one.pk for one in others]).update(email="")
        numbers = ", ".join(str(one.pk) for one in others)
        logger.warning("Several accounts had one email: number %s keeps it, and none is left to %s", first.pk, numbers)


class Migration(migrations.Migration):

    dependencies = [
        ('voicesite', '0007_idempotency_key_made'),
    ]

    operations = [
        migrations.RunPython(keep_each_email_once, migrations.RunPython.noop, elidable=True),
    ]
