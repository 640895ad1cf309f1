"""A name for a voice that has none yet, from the file of its recording."""

import re
from pathlib import PurePath

from voices.models import VoiceProfile
from voices.text.lengths import MAX_NAME
from voicesite.models import User
from voicesite.web.names import clean_text, free_name

# Words of files that recorders name by themselves, such as “New Recording 4.m4a”, “AUD-20250101-WA0003.opus”.
_RECORDERS_WORDS = re.compile(
    r"(?:your|my|new|the|untitled|audio|aud|voice|voicemail|memo|message|note|record|recording|recorder|rec|sound|track|"
    r"clip|file|sample|test|speech|mic|microphone|ptt|wa|whatsapp|blob|image|video|vid|mov|dcim|[ap]m|at|t|tu|grabación)"
)


def suggested_name(owner: User, file_name: str) -> str:
    """Return a name for a voice of `owner`, which they have not given to another, from the name of a recording's file.

    “grandma_interview-2.m4a” is “Grandma interview 2”. Where a recorder has named the file, it is the owner's own name.
    """
    words = re.split(r"[\s_\-.,:;()\[\]]+", PurePath(clean_text(file_name, 255)).stem)
    told = [word for word in words if word]
    if not any(_is_said_by_a_person(word) for word in told):
        told = [owner.get_full_name() or owner.username]
    name = clean_text(" ".join(told), MAX_NAME)
    name = name[:1].upper() + name[1:]
    taken = VoiceProfile.objects.filter(owner=owner, name__startswith=name[: MAX_NAME // 2])
    return free_name(name, set(taken.values_list("name", flat=True)), MAX_NAME)


def _is_said_by_a_person(word: str) -> bool:
    """Return whether a word of a file's name says anything: neither a number, nor what recorders call their files."""
    bare = re.sub(r"\d+", "", word).lower()
    return bool(bare) and not _RECORDERS_WORDS.fullmatch(bare)
