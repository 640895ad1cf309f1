"""Whether a file was made here: by the manifest that it carries, else by its sound."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from voices.clips.service import limits, uploads
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voicesite.limits import rates
from voicesite.models import User
from voicesite.provenance import made
from voicesite.web.media import as_path
from voicesite.web.rejection import Rejected

MOST_A_MINUTE = 30  # files that a person may ask about


@dataclass(frozen=True)
class Origin:
    """What is known of where a file comes from. Whose it is, and what is said in it, is told to nobody else."""

    shown_by: str = ""  # "manifest", "sound", or nothing: then it is not known to be from here
    made_at: datetime | None = None
    model: str = ""
    speech: UUID | None = None  # of the one who asks
    is_changed: bool = False  # it carries a manifest of this site that does not fit it
    digest: str = ""  # of its sound; empty where that can't be read
    is_ai: bool = False  # a manifest, of whomever, says that a model made it
    other: str = ""  # who else signed a manifest that it carries, in that one's words

    @property
    def is_here(self) -> bool:
        return bool(self.shown_by)

    @property
    def in_words(self) -> str:
        """The answer for people."""
        match self.shown_by:
            case "manifest":
                return _("This site made it, with AI. Its signed manifest says so, and nothing was changed since.")
            case "sound":
                return _("This site made it, with AI. Its sound is known here, bit by bit.")
        if self.is_changed:
            return _(
                "It carries a manifest of this site that does not fit it: it was changed after it was made here, or the "
                "manifest was taken from another file."
            )
        if not self.digest and not self.other:
            return _(
                "No sound could be read in this file, and no manifest of where it comes from. Choose an audio file."
            )
        words = _("Nothing shows that this site made it. ")
        if self.other:
            words += _("It carries a manifest of “{other}”, which this site can’t confirm. ").format(other=self.other)
        return words + _("That proves nothing: a recording of speech, or a copy in another format, is not recognised.")


def origin_of_upload(person: User, upload: UploadedFile) -> Origin:
    """Return where what somebody sent comes from. Raises Rejected where it can't be read, or they ask too often."""
    standing = rates.count(rates.Limit("provenance", f"person:{person.pk}:provenance", MOST_A_MINUTE))
    if standing.is_refused:
        words = _("You may ask about {most_a_minute} files a minute. Try again in {reset} s.").format(
            most_a_minute=MOST_A_MINUTE, reset=standing.reset
        )
        raise Rejected("rate_limited", words, retry=standing.reset)
    check_size(upload.size or 0, limits())
    with uploads.slot(person.pk), as_path(upload) as path:
        return origin_of(person, path)


def origin_of(person: User, path: Path) -> Origin:
    """Return where the file at `path` comes from, for the person who asks. Raises Rejected where it can't be read."""
    identified = intake.identify(path, limits(), made.chains())
    known, found = made.origin(identified.sound, person.pk), identified.manifest
    by_sound = Origin("sound", known.made_at, known.model, known.speech) if known else Origin()
    by_sound = replace(by_sound, digest=identified.sound, is_ai=bool(found and found.is_ai))
    if found and found.is_ours and found.is_whole:
        return replace(by_sound, shown_by="manifest", made_at=parse_datetime(found.made_at), model=found.model)
    if found and found.is_ours:
        return replace(by_sound, is_changed=True)
    return replace(by_sound, other=found.generator[:80]) if found else by_sound
