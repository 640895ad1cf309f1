"""What is said when a person brings back what they deleted of texts, folders and pronunciations."""

from datetime import datetime

from django.utils.translation import gettext as _

from synthesis.generations import arranging, takes
from synthesis.pronunciations import service as pronunciations
from voicesite.models import User


def texts(user: User, moment: datetime) -> str:
    titles = {take.take_group: take.title for take in takes.restore(user, moment)}
    if len(titles) == 1:
        return _("“%(name)s” is back.") % {"name": titles.popitem()[1]}
    return _("%(count)d texts are back.") % {"count": len(titles)} if titles else ""


def folder(user: User, moment: datetime) -> str:
    found = arranging.restore(user, moment)
    return _("The folder “%(name)s” is back, with its texts.") % {"name": found.name} if found else ""


def word(user: User, moment: datetime) -> str:
    entry = pronunciations.restore(user, moment)
    return _("“%(name)s” is back.") % {"name": entry.word} if entry else ""
