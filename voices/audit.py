"""Write the audit log: who did what to which voice."""

from collections.abc import Iterable

from voices.text.lengths import MAX_AUDIT_DETAIL
from voicesite.models import User

from .models import AuditEntry, VoiceProfile

ACTS = {
    "made": "made, with consent",
    "recorded_anew": "new recording, with consent",
    "imported": "imported",
    "exported": "exported",
    "share_asked": "asked to share it",
    "share_withdrawn": "no longer asked to share it",
    "shared": "shared with everyone",
    "share_refused": "not shared",
    "unshared": "made private",
    "retired": "retired",
    "brought_back": "brought back",
    "reported": "reported",
    "report_answered": "report answered",
    "suspended": "suspended",
    "suspension_lifted": "suspension lifted",
    "changed": "changed by staff",
    "tagged": "tags changed",
    "collected": "collections changed",
    "transferred": "given to somebody else",
    "merged": "merged with another",
    "deleted": "deleted",
}


def record(actor: User | None, voice: VoiceProfile, act: str, detail: str = "") -> None:
    """Log that `actor` (None: the site itself) did `act`, a key of ACTS, to `voice`.

    Call it in the transaction of the act, so that both are stored or neither, and before a deletion.
    """
    record_each(actor, [voice], act, detail)


def record_each(actor: User | None, voices: Iterable[VoiceProfile], act: str, detail: str = "") -> None:
    """Log an act on several voices, as `record` does. Raises ValueError if ACTS has no such act."""
    if act not in ACTS:
        raise ValueError(f"No act is called {act}.")
    name, detail = actor.username if actor else "", detail[:MAX_AUDIT_DETAIL]
    entries = (
        AuditEntry(actor=actor, actor_name=name, voice=voice, voice_name=voice.name, act=act, detail=detail)
        for voice in voices
    )
    AuditEntry.objects.bulk_create(entries, batch_size=500)
