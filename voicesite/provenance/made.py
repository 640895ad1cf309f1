"""Mark speech as made here when it is finished, and say of a sound whether it was."""

import io
import logging
import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from voicesite.models import MadeSound, SigningCertificate

from . import certificate
from .manifest import Claim, NotSigned, Signature, sign, sign_wav

logger = logging.getLogger(__name__)


def signature() -> Signature:
    """Return what this site signs with. Raises OSError and certificate.Unusable."""
    if settings.C2PA_CERT:
        return certificate.load(Path(settings.C2PA_CERT), Path(settings.C2PA_KEY))
    return certificate.ensure(settings.C2PA_FILE)


def why_unusable() -> str:
    """Return why the operator's certificate can't sign, in words; empty if it can.

    It signs a second of silence: whether C2PA takes a certificate for this purpose, its library knows.
    """
    silence = io.BytesIO()
    with wave.open(silence, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(48_000))
    try:
        sign_wav(silence, claim("check", datetime.now(UTC)), signature())
    except (NotSigned, certificate.Unusable, OSError, ImportError) as error:
        return str(error)
    return ""


def _known_signature() -> Signature:
    """Return what this site signs with, once the certificate is known to all who may read a file."""
    own = signature()
    mark = certificate.fingerprint(own.chain)
    SigningCertificate.objects.get_or_create(fingerprint=mark, defaults={"chain": own.chain})
    return own


def chains() -> list[str]:
    """Return the chains of all certificates with which this site has signed, as PEM."""
    return list(SigningCertificate.objects.values_list("chain", flat=True))


def claim(model: str, made_at: datetime, *, for_listeners: bool = False) -> Claim:
    """Return what the manifest of speech says. for_listeners: who are told of the site only what strangers are."""
    site = settings.PUBLIC_NAME if for_listeners else settings.SITE_NAME
    return Claim(settings.VERSION, site, model, made_at)


def mark_wav(file: IO[bytes], said: Claim) -> bool:
    """Append the manifest to a WAV file; return whether it has it."""
    return _attempt(lambda: sign_wav(file, said, _known_signature()))


def mark(source: IO[bytes], target: IO[bytes], audio_format: str, said: Claim) -> bool:
    """Write a file with its manifest to `target`; return whether that is whole."""
    return _attempt(lambda: sign(source, target, audio_format, said, _known_signature()))


def _attempt(act: Callable[[], None]) -> bool:
    """Do it. Where that is impossible, say so in the log: the speech has its tags, and people wait for it."""
    try:
        act()
    except (NotSigned, certificate.Unusable, OSError, ImportError) as error:
        logger.error("Speech could not be signed, and has its tags only: %s", error)
        return False
    return True


def remember(sound: str, model: str, made_at: datetime, owner: int | None, speech: UUID) -> None:
    """Remember a sound by its digest. It may be known already."""
    if sound:
        row = MadeSound(digest=sound, model=model, made_at=made_at, owner_id=owner, speech=speech)
        MadeSound.objects.bulk_create([row], ignore_conflicts=True)


@dataclass(frozen=True)
class Origin:
    """Of a sound that was made here: when, with which model, and for what of the one who asks."""

    made_at: datetime
    model: str
    speech: UUID | None = None


def origin(sound: str, asker: int | None) -> Origin | None:
    """Return where a sound comes from, by its digest. `speech` is told to its owner only."""
    rows = list(MadeSound.objects.filter(digest=sound).order_by("made_at", "pk")[:100]) if sound else []
    if not rows:
        return None
    own = next((row for row in rows if asker and row.owner_id == asker), None)
    row = own or rows[0]
    return Origin(row.made_at, row.model, own.speech if own else None)
