"""The audit log: who did what to a voice that somebody may ask about later."""

from collections.abc import Iterable

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
    """Write down that `actor` did `act`, a key of ACTS, to `voice`; None is the site itself.

    Call it in the transaction of the act, so that neither is there without the other; of a deletion, before it.
    """
    record_each(actor, [voice], act, detail)


def record_each(actor: User | None, voices: Iterable[VoiceProfile], act: str, detail: str = "") -> None:
    """The same of several voices at once."""
    if act not in ACTS:
        raise ValueError(f"No act is called {act}.")
    name = actor.username if actor else ""
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(actor=actor, actor_name=name, voice=voice, voice_name=voice.name, act=act, detail=detail[:500])
            for voice in voices
        ),
        batch_size=500,
    )
