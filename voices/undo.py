"""What is said when a person brings back what they deleted of voices."""

from datetime import datetime

from django.utils.translation import gettext as _

from voices.clips import discarding
from voices.curation import service as curation
from voicesite.models import User


def voice(user: User, moment: datetime) -> str:
    found = curation.restore(user, moment)
    if found and found.former_name:
        return _("“%(former)s” is back as “%(name)s”: you have another voice of its name by now.") % {
            "former": found.former_name,
            "name": found.name,
        }
    return _("“%(name)s” is back.") % {"name": found.name} if found else ""


def clip(user: User, moment: datetime) -> str:
    return _("The clip is back.") if discarding.restore_clip(user, moment) else ""
