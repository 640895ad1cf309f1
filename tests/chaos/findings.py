"""What is there after the chaos, against what people were told. Runs in the site, by `manage.py shell`."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import FileField, Sum

from synthesis.models import Generation, Segment, SegmentTake
from synthesis.scripts.cutting import CLAUSE_PAUSE_SECONDS
from synthesis.workers import sweeper
from voices.models import Recording, VoiceImport, VoiceProfile
from voicesite.hooks.models import Delivery
from voicesite.jobs.doorbell import rings_unheard
from voicesite.jobs.job import Job
from voicesite.models import UsageDay, User

RATE = 24_000
WORD_SECONDS = 0.2  # of the tone, for each word
LIKENESS = 0.99  # of a take to the tone that it should be: correlation of the two
RINGS = "rings of"  # a cluster: they come and go, also where nothing is to be done
SHOWN = 5  # findings of a kind that are told one by one
EXPLAINED = (  # failures that an engine which was killed or misbehaves three times may be the reason of
    "The engine",
    "The tone failed",
    "The disk of this site is full",
    "couldn’t be spoken well, twice",
    "It was interrupted",
)


def look(ledger: dict, patience: float) -> dict:
    """Wait for the queue to empty, until nothing has moved for `patience` seconds; return the findings and figures."""
    found = [*ledger["lies"], *unfinished(patience), *speeches(ledger), *ends(ledger), *counted(ledger)]
    found += [*sounds(ledger), *uploads(ledger), *missing_files(), *damaged_database()]
    left = unnamed_files()
    sweeper.delete_leftovers(timedelta(0))  # as a day later
    found += [f"no row names the file {name}" for name in unnamed_files()]
    found += missing_files()
    return {"findings": found, "figures": _figures(ledger) | {"files of dead attempts": len(left)}}


def _active() -> dict[str, list]:
    """Return what is not done yet, by kind."""
    found: dict[str, list] = {}
    for jobs in (model for model in apps.get_models() if issubclass(model, Job)):
        active = jobs.objects.active()
        if jobs is VoiceImport:
            active = active.exclude(choices=None)  # it waits for its owner's answer
        if rows := list(active.values_list("pk", "state", "attempts", "failures", "stage", "lease_expires_at")):
            found[jobs.__name__] = rows
    for cluster in sweeper.JOBS_BY_CLUSTER:
        if rings := rings_unheard(cluster):
            found[f"{RINGS} {cluster}"] = [rings]
    return found


def unfinished(patience: float) -> Iterator[str]:
    """Wait as long as anything moves; tell what then is there still."""
    active, moved_at = _active(), time.monotonic()
    while active and time.monotonic() - moved_at < patience:
        time.sleep(0.5)
        before, active = active, _active()
        if any(len(active.get(kind, ())) != len(rows) for kind, rows in before.items() if not kind.startswith(RINGS)):
            moved_at = time.monotonic()
    for kind, rows in active.items():
        for row in rows[:SHOWN]:
            yield f"the queue is not empty: {kind} {', '.join(map(str, row)) if isinstance(row, tuple) else row}"


def speeches(ledger: dict) -> Iterator[str]:
    rows = {str(row.pk): row for row in Generation.objects.all()}
    for speech in ledger["speeches"]:
        row = rows.get(speech["pk"])
        if speech["deleted"]:
            if row:
                yield f"{row.pk} was deleted, and is there"
            continue
        if row is None:
            if not speech["cancelled"]:  # what is cancelled before it can be heard goes with its task
                yield f"{speech['pk']} is gone"
            continue
        if row.state == "cancelled" and not speech["cancelled"]:
            yield f"{row.pk} is cancelled, which nobody asked for"
        if row.state == "failed" and not any(reason in row.error for reason in EXPLAINED):
            yield f"{row.pk} failed without a reason of its own: {row.error}"
        if row.claim_token:
            yield f"{row.pk} is {row.state} and somebody holds it"
        if speech["sentence"]:
            first = row.segments.in_text().first()
            if first is None or first.text != speech["sentence"]:
                yield f"{row.pk}: an edit that was accepted is lost: {speech['sentence']!r}, not {first and first.text!r}"
    for name in {speech["person"] for speech in ledger["speeches"]}:
        asked = {speech["pk"] for speech in ledger["speeches"] if speech["person"] == name}
        owner = User.objects.get(username=name)
        more = Generation.objects.asked_for_by(owner).exclude(pk__in=asked)
        for row in more[:SHOWN]:
            yield f"{row.pk} is there, and {name} did not ask for it"


def ends(ledger: dict) -> Iterator[str]:
    """Each text ended once, and once more for each change."""
    ended = Counter(Delivery.objects.values_list("subject", flat=True))
    for speech in ledger["speeches"]:
        most, least = 1 + speech["edits"], 0 if speech["deleted"] else 1
        if not least <= ended[speech["pk"]] <= most:
            yield f"{speech['pk']} ended {ended[speech['pk']]} times, and was changed {speech['edits']} times"


def counted(ledger: dict) -> Iterator[str]:
    """The seconds that count for a person's quota are those of what was completed: each once."""

    for owner in User.objects.all():
        mine = [speech for speech in ledger["speeches"] if speech["person"] == owner.username]
        if any(speech["edits"] or speech["deleted"] for speech in mine):
            continue
        made = Generation.objects.asked_for_by(owner).aggregate(all=Sum("seconds"))["all"] or 0.0
        billed = UsageDay.objects.filter(person=owner).aggregate(all=Sum("speech_seconds"))["all"] or 0.0
        if abs(made - billed) > 0.01:
            yield f"{owner} made {made:.3f} s of speech, and {billed:.3f} s were counted"


def sounds(ledger: dict) -> Iterator[str]:
    """Each whole is its takes with the silences between them, each take is the tone that it should be."""
    downloaded = {speech["pk"]: speech["sound"] for speech in ledger["speeches"]}
    for row in Generation.objects.filter(state="completed", is_sample=False):
        try:
            yield from _sound(row, downloaded.get(str(row.pk), ""))
        except (OSError, soundfile.SoundFileError) as error:
            yield f"{row.pk} can’t be heard: {error}"


def _sound(row, downloaded: str) -> Iterator[str]:
    content = Path(row.audio.path).read_bytes()
    if downloaded and hashlib.sha256(content).hexdigest() != downloaded:
        yield f"{row.pk} is another file than was downloaded"
    if len(content) != row.bytes:
        yield f"{row.pk} has {len(content)} bytes, and should have {row.bytes}"
    whole, _ = soundfile.read(row.audio.path, dtype="int16")
    parts = []
    for segment in row.segments.in_text().select_related("take"):
        if not segment.take or segment.take.spoken != segment.spoken:
            yield f"{row.pk}: the sentence {segment.index} is not spoken as it is written"
            return
        take, _ = soundfile.read(segment.take.audio.path, dtype="int16")
        if not _is_spoken(take, segment):
            yield f"{row.pk}: take {segment.take.number} of sentence {segment.index} is not its tone"
        silences = (np.zeros(round(pause * RATE), np.int16) for pause in (segment.pause_before, segment.pause))
        before, after = silences
        parts += [before, take, after]
    joined = np.concatenate(parts)
    if hashlib.sha256(joined.tobytes()).digest() != hashlib.sha256(whole.tobytes()).digest():
        yield f"{row.pk} is not its takes: {len(whole)} samples, and {len(joined)} in these"


def _is_spoken(take: np.ndarray, segment: Segment) -> bool:
    """Whether it is the tone of the segment's words, maybe in parts: what was rejected once is spoken clause by clause."""
    word, pause = round(WORD_SECONDS * RATE), round(CLAUSE_PAUSE_SECONDS * RATE)
    words, start, end = 0, 0, word
    while start < len(take):
        while end < len(take) and take[end : end + pause].any():
            end += word
        if end > len(take) or not _is_tone(take[start:end], segment.take.seed):
            return False
        words += (end - start) // word
        start, end = end + pause, end + pause + word
    return words == len(segment.take.spoken.split())


def _is_tone(take: np.ndarray, seed: int) -> bool:
    tone = np.sin(2 * np.pi * (100 + seed % 300) * np.arange(len(take)) / RATE)
    heard = take.astype(float)
    return heard @ tone > LIKENESS * np.linalg.norm(heard) * np.linalg.norm(tone) > 0


def uploads(ledger: dict) -> Iterator[str]:
    """What was accepted is here once, as it was sent; an import is all of an archive."""
    kept = Counter()
    for row in Recording.objects.select_related("owner"):
        if row.original and Path(row.original.path).exists():
            kept[hashlib.sha256(Path(row.original.path).read_bytes()).hexdigest()] += 1
    for sent, owner in ledger["recordings"].items():
        if not kept[sent]:
            yield f"a recording that was accepted from {owner} is not here: {sent}"
    for row in VoiceImport.objects.filter(pk__in=ledger["imports"]):
        names = [made["pk"] for made in row.result or []]
        if row.state == "completed" and VoiceProfile.objects.filter(pk__in=names).count() != len(names) != 0:
            yield f"the import {row.pk} is completed, and not all of its voices are here"


def _named() -> dict[str, str]:
    """Return the files that rows name, and which rows."""
    named = {}
    for model in apps.get_models():
        for column in model._meta.fields:
            if isinstance(column, FileField):
                for pk, name in model._base_manager.exclude(**{column.name: ""}).values_list("pk", column.name):
                    named[name] = f"{model.__name__} {pk}"
    return named


def unnamed_files() -> list[str]:
    there = (path.relative_to(settings.MEDIA_ROOT) for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
    return sorted({str(path) for path in there} - set(_named()))


def missing_files() -> Iterator[str]:
    for name, row in _named().items():
        if not (settings.MEDIA_ROOT / name).is_file():
            yield f"{row} has no file {name}"


def damaged_database() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for (said,) in cursor.execute("PRAGMA integrity_check").fetchall():
                if said != "ok":
                    yield f"the database is damaged: {said}"


def _figures(ledger: dict) -> dict:
    asked = Generation.objects.filter(is_sample=False)
    return {
        "texts asked for": len(ledger["speeches"]),
        "… by how they ended": dict(Counter(asked.values_list("state", flat=True))),
        "… that failed, why": dict(Counter(asked.filter(state="failed").values_list("error", flat=True))),
        "… that were changed": sum(bool(speech["edits"]) for speech in ledger["speeches"]),
        "… that were deleted": sum(speech["deleted"] for speech in ledger["speeches"]),
        "… by attempts": dict(sorted(Counter(asked.values_list("attempts", flat=True)).items())),
        "takes": SegmentTake.objects.count(),
        "recordings": Recording.objects.count(),
        "imports, by how they ended": dict(Counter(VoiceImport.objects.values_list("state", flat=True))),
    }
