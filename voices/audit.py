"""Write the audit log: who did what to which voice, and what staff looked at that is somebody else's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from voices.text.lengths import MAX_AUDIT_DETAIL
from voicesite.models import User
from voicesite.texts import N_

from .models import AuditEntry, Clip, Report, VoiceProfile

ACTS = {
    "made": N_("made, with consent"),
    "recorded_anew": N_("new recording, with consent"),
    "imported": N_("imported"),
    "exported": N_("exported"),
    "share_asked": N_("asked to share it"),
    "share_withdrawn": N_("no longer asked to share it"),
    "shared": N_("shared with everyone"),
    "share_refused": N_("not shared"),
    "unshared": N_("made private"),
    "retired": N_("retired"),
    "brought_back": N_("brought back"),
    "reported": N_("reported"),
    "report_answered": N_("report answered"),
    "link_made": N_("listening link made"),
    "link_ended": N_("listening link ended"),
    "suspended": N_("suspended"),
    "suspension_lifted": N_("suspension lifted"),
    "changed": N_("changed by staff"),
    "tagged": N_("tags changed"),
    "collected": N_("collections changed"),
    "transferred": N_("given to someone else"),
    "merged": N_("merged with another"),
    "deleted": N_("deleted"),
    "undeleted": N_("deletion undone"),
    "looked": N_("looked into, by staff"),
    "listened": N_("listened to, by staff"),
}
LOOK_AGAIN = timedelta(hours=1)  # within which a look at the same thing is the same look: players ask for many ranges


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
        AuditEntry(
            actor=actor,
            actor_name=name,
            voice=voice,
            voice_name=voice.name,
            whose_id=voice.owner_id,
            act=act,
            detail=detail,
        )
        for voice in voices
    )
    AuditEntry.objects.bulk_create(entries, batch_size=500)


@dataclass(frozen=True)
class Look:
    """Something private that a member of staff saw or heard, in words that name it and say nothing of what is in it."""

    at: str  # such as “clip 1f0c…”: no other thing of that person is called so
    whose: int | None  # the key of the person whose it is, who is told
    voice: VoiceProfile | None = None
    voice_name: str = ""  # where the voice itself is not at hand
    why: str = ""  # staff may; where it is not as `_reasons` says


def record_looks(staff: User, act: str, looks: Iterable[Look]) -> None:
    """Log that `staff` "looked" at things or "listened" to them, each once an hour, with why they may. Two queries, or three."""
    new = {(look.at, look.whose): look for look in looks if look.whose != staff.pk}
    recent = AuditEntry.objects.filter(actor=staff, act=act, at__gt=timezone.now() - LOOK_AGAIN)
    for known in recent.filter(detail__in={at for at, _ in new}).values_list("detail", "whose"):
        new.pop(known, None)
    if not new:
        return
    why = _reasons([look.voice for look in new.values() if look.voice and not look.why])
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=staff,
            actor_name=staff.username,
            voice=look.voice,
            voice_name=look.voice.name if look.voice else look.voice_name,
            whose_id=look.whose,
            act=act,
            detail=look.at,
            why=look.why or why.get(look.voice.pk if look.voice else None, WHY_ALL),
        )
        for look in new.values()
    )


BOTH = N_("you asked to share it and it was reported")  # as `_reasons` joins them
WHY_ALL = N_("on this site, staff see everything")


def _reasons(voices: Iterable[VoiceProfile]) -> dict:
    """Return why staff may look into voices, by key, in words for their owners."""
    found = {voice.pk: voice for voice in voices}
    if settings.STAFF_ACCESS == "all" or not found:
        return {}
    reported = set(Report.objects.open().filter(voice__in=found).values_list("voice", flat=True))
    reasons = {}
    for pk, voice in found.items():
        told = [N_("you asked to share it")] if voice.share_requested_at else []
        told += [N_("it was reported")] if pk in reported else []
        reasons[pk] = " and ".join(told or [N_("it was open to staff")])
    return reasons


def record_look_into(staff: User, voices: Iterable[VoiceProfile]) -> None:
    """Log that `staff` read what belongs to voices: their descriptions and transcripts. Their own and shared ones are not logged."""
    private = (voice for voice in voices if voice.owner_id != staff.pk and not voice.is_public)
    record_looks(staff, "looked", [Look(f"voice {voice.pk}", voice.owner_id, voice) for voice in private])


def record_hearing(staff: User, clip: Clip, act: str = "listened", what: str = "clip") -> None:
    """Log that `staff` heard a clip, or (`what`) more of its recording, unless it is their own or everyone's."""
    if clip.owner_id != staff.pk and clip.voice and not (clip.voice.is_public and what == "clip"):
        record_looks(staff, act, [Look(f"{what} {clip.pk}", clip.owner_id, clip.voice)])


CONSENTS = ("made", "recorded_anew", "imported", "transferred")  # by which a voice is here at all
PORTION = 1000  # lines that are deleted at once


def delete_old() -> int:
    """Delete some lines that the site no longer wants kept; return how many. What a voice is here by stays with the voice."""
    if not settings.KEEP_LOG_DAYS:
        return 0
    old = AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=settings.KEEP_LOG_DAYS))
    some = old.exclude(voice__isnull=False, act__in=CONSENTS).order_by("at").values_list("pk", flat=True)[:PORTION]
    return AuditEntry.objects.filter(pk__in=list(some)).delete()[0]
