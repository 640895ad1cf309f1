"""Ask a speaker for a sentence, take the recording of it, and let a voice use it once."""

import hashlib
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voices.analysis.reference_audio import AudioRejected
from voices.clips.service import limits, uploads
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voices.models import Recording, SpokenConsent, VoiceProfile
from voices.origins import Origin, origin_of
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.limits import idempotency, quotas, rates
from voicesite.models import User
from voicesite.people.requests import Request, key_of
from voicesite.web.media import as_path
from voicesite.web.rejection import Rejected

from .phrases import sentence

MINUTES = 15  # that a sentence is good for, from being asked for to being used
MINUTES_SHOWN = 5  # in which a page that is opened again shows the same sentence
SENTENCES_AN_HOUR = 60  # for a person: nobody asks until one comes of which they have a recording
MAX_SECONDS = 60.0  # of the recording
MAX_OPEN = 20  # sentences that one person has; older ones are forgotten


def is_asked() -> bool:
    """Return whether this site asks for a spoken consent, or requires it."""
    return settings.SPOKEN_CONSENT != "off"


def is_required() -> bool:
    return settings.SPOKEN_CONSENT == "required"


def asker_of(request: Request) -> str:
    """Return who asks, and may use the answer: one session of a browser, or one key."""
    key = key_of(request)
    who = f"key:{key.pk}" if key else f"session:{request.session.session_key}"
    return hashlib.sha256(who.encode()).hexdigest()


def ask(owner: User, asker: str, language: str) -> SpokenConsent:
    """Return a new sentence in a language, to be read aloud. Raises Rejected for who asks too often."""
    standing = rates.count(rates.Limit("sentences", f"person:{owner.pk}:sentences", SENTENCES_AN_HOUR, 3600))
    if standing.is_refused:
        minutes = standing.reset // 60 + 1
        why = _("You had {sentences_an_hour} sentences in an hour. The next one comes in {minutes} min.").format(
            sentences_an_hour=SENTENCES_AN_HOUR, minutes=minutes
        )
        raise Rejected("rate_limited", why, retry=standing.reset)
    text, words = sentence(language)
    made = SpokenConsent(
        owner=owner,
        asker=asker,
        language=language,
        sentence=text,
        words=words,
        expires_at=timezone.now() + timedelta(minutes=MINUTES),
    )
    made.save(force_insert=True)
    for old in unused(owner)[MAX_OPEN:]:
        delete(old)
    return made


def unused(owner: User):
    return SpokenConsent.objects.filter(owner=owner, voice=None)


def find(owner: User, asker: str, pk: object) -> SpokenConsent | None:
    """Return a sentence that is still good for the one who asked for it."""
    if not pk:
        return None
    return unused(owner).filter(pk=pk, asker=asker, expires_at__gt=timezone.now()).first()


def current(owner: User, asker: str, language: str) -> SpokenConsent:
    """Return the sentence that a page shows at first: one that was asked for just now and not yet read, or a new one."""
    fresh = timezone.now() + timedelta(minutes=MINUTES - MINUTES_SHOWN)
    unread = unused(owner).filter(asker=asker, language=language, audio="", expires_at__gt=fresh)
    return unread.first() or ask(owner, asker, language)


def take(consent: SpokenConsent, upload: UploadedFile, recording: Recording) -> None:
    """Take the recording of a sentence, which is then listened to in the background.

    recording: of the voice that is to be cloned. Raises AudioRejected, having stored nothing.
    """
    if consent.audio:
        raise AudioRejected("conflict", _("This sentence has been read already. Ask for another one."))
    if why := transcription.why_not(consent.language):
        raise AudioRejected("language_not_supported", _("This site can’t check the sentence. {why}").format(why=why))
    check_size(upload.size or 0, limits())
    with uploads.slot(consent.owner_id), as_path(upload) as path:
        origin = origin_of(consent.owner, path)
        _refuse_synthetic(origin)
        decoded = intake.take_down(path, limits())
        if decoded.seconds > MAX_SECONDS:
            raise AudioRejected(
                "too_long",
                _("Read only the sentence: this is longer than {max_seconds} s.").format(
                    max_seconds=f"{MAX_SECONDS:.0f}"
                ),
            )
        _store(consent, path, decoded, origin, recording)


def _refuse_synthetic(origin: Origin) -> None:
    if origin.is_here:
        why = _("This is speech that this site made.")
    elif origin.is_changed:
        why = _("This is speech that this site made, and somebody changed.")
    elif origin.is_ai:
        why = _("This is speech that a machine made, as the file itself says.")
    else:
        return
    raise AudioRejected("synthetic", _("{why} Record a person who reads the sentence aloud.").format(why=why))


def _store(consent: SpokenConsent, path: Path, decoded: intake.Decoded, origin: Origin, recording: Recording) -> None:
    idempotency.begin_work()
    digest = origin.digest or hashlib.sha256(path.read_bytes()).hexdigest()
    if SpokenConsent.objects.filter(digest=digest).exists():
        raise AudioRejected(
            "replayed", _("This recording was used before. Read the sentence aloud now, and record that.")
        )
    if why := quotas.why_full(consent.owner, len(decoded.flac)):
        raise AudioRejected("storage_full", why)
    consent.audio.save("sentence.flac", ContentFile(decoded.flac), save=False)
    taken = {
        "audio": consent.audio.name,
        "bytes": len(decoded.flac),
        "seconds": decoded.seconds,
        "digest": digest,
        "recording": recording,
    }
    with transaction.atomic():
        # Of two recordings of one sentence at once, the first is taken.
        if SpokenConsent.objects.filter(pk=consent.pk, audio="", voice=None).update(**taken):
            ring(SpokenConsent.cluster)
            consent.refresh_from_db()
            return
    consent.audio.storage.delete(str(consent.audio.name))
    raise AudioRejected("conflict", _("This sentence has been read already. Ask for another one."))


def why_not_good(consent: SpokenConsent | None, recording: Recording) -> str:
    """Return why a voice of a recording can't be made with this consent yet, in words; empty if it can."""
    if consent is None:
        return _(
            "Read the sentence aloud, and have it checked: this site asks the speaker to agree aloud. It is "
            "good for {minutes} minutes, once."
        ).format(minutes=MINUTES)
    if consent.is_under_way:
        return _("The sentence is still being checked. Try again in a few seconds.")
    if not consent.audio:
        return _("Read the sentence aloud, and have it checked.")
    if consent.error or consent.problem:
        return consent.problem or consent.error
    if not consent.is_good:
        return _("The sentence was not checked. Read a new one.")
    if consent.recording_id != recording.pk:
        return _("The sentence was compared with another recording. Read a new one for this recording.")
    return ""


def use(consent: SpokenConsent, voice: VoiceProfile) -> bool:
    """Keep it with a voice, once: call it in the transaction that makes the voice. Return False if it was used."""
    row = SpokenConsent.objects.filter(pk=consent.pk, voice=None, expires_at__gt=timezone.now())
    return bool(row.update(voice=voice))


def delete(consent: SpokenConsent) -> None:
    """Delete it with its recording."""
    name = str(consent.audio.name or "")
    with transaction.atomic():
        consent.delete()
        if name:
            transaction.on_commit(partial(consent.audio.storage.delete, name))
