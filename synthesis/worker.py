"""What a worker does with a row it claimed: a generation becomes sound, a voice becomes a conditioning."""

import errno
import hashlib
import io
import logging
import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from multiprocessing import RawValue
from pathlib import Path

import numpy as np
import soundfile
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from voices.audio import peaks
from voices.models import VoiceProfile
from voicesite.jobs import Job, Lost, State

from . import sound, text
from .engine_process import EngineProcess
from .engines import Audio, Cancelled, EngineError, Progress, Reference, Rejected, Utterance, engine_class
from .engines import Conditioning as EngineConditioning
from .models import Conditioning, Fitting, Generation, Segment
from .pace import Pace

logger = logging.getLogger(__name__)

# Set by `manage.py work` when the cluster is told to stop, seen by its workers: shared memory, made before they fork.
stopping = RawValue("b", 0)

_environment = {"VOICESITE_CACHE": str(settings.CACHE_DIR)}
speaker = EngineProcess(settings.ENGINE_STALL_SECONDS, environment=_environment)
fitter = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15, environment={**_environment, "OMP_NUM_THREADS": "1"})


DATABASE_PATIENCE = 60  # seconds that an attempt goes on without its database: the fence keeps it from doing harm
UNEXPECTED = "Something went wrong here that is not your fault. The log says more."


class ShuttingDown(Exception):
    """The cluster was told to stop: the row waits for the next one."""


class Heartbeat:
    """Called about four times a second while a job runs: keeps the lease, and raises when the work must stop."""

    def __init__(self, job: Job):
        self.job = job
        self.written_at = time.monotonic()
        self.tried_at = 0.0
        self.pending: dict = {}

    def __call__(self, **changes) -> None:
        """Note `changes`; write them at most every 0.25 s, and renew the lease each half second all the same.

        Raises Lost when the row was cancelled, deleted or taken by another, ShuttingDown when the cluster stops.
        """
        if stopping.value:
            raise ShuttingDown
        self.pending |= changes
        age = time.monotonic() - self.tried_at
        if age > 0.5 or (self.pending and age > 0.25):
            self.flush()

    def flush(self, **changes) -> None:
        """Write now. A database that does not answer is tried again at the next call, for DATABASE_PATIENCE seconds."""
        self.pending |= changes
        self.tried_at = time.monotonic()
        try:
            self.job.advance(**self.pending)
        except (OperationalError, InterfaceError):
            if time.monotonic() - self.written_at > DATABASE_PATIENCE:
                raise
            _reconnect()
            return
        self.pending = {}
        self.written_at = time.monotonic()


def _reconnect() -> None:
    """Let go of a connection that failed: Django keeps it, and each later query would fail as well."""
    if not connection.in_atomic_block:
        connection.close()


def patiently(act: Callable[[], None]) -> None:
    """Do a transaction, again and again for DATABASE_PATIENCE seconds while the database does not answer."""
    begun = time.monotonic()
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            if stopping.value or time.monotonic() - begun > DATABASE_PATIENCE:
                raise
            _reconnect()
            time.sleep(0.5)


def run(job: Job, work) -> None:
    """Do `work(job, heartbeat)` under the attempt rule: repeat what may pass, fail with a reason what can't."""
    heartbeat = Heartbeat(job)
    try:
        work(job, heartbeat)
    except (Lost, Cancelled):
        # Cancelled, deleted, or overtaken by another attempt; only in the first case is there still a row to close.
        close_cancelled(type(job).objects.filter(pk=job.pk, claim_token=job.claim_token))
    except ShuttingDown:
        job.give_back(failed=False, **_restarting(job))
    except EngineError as error:
        _fail(job, error.message, permanent=error.permanent)
    except OSError as error:
        logger.exception("%s %s failed", type(job).__name__, job.pk)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail(job, "The disk of this site is full." if full else UNEXPECTED, permanent=full)
    except Exception:
        logger.exception("%s %s failed", type(job).__name__, job.pk)
        _reconnect()
        _fail(job, UNEXPECTED, permanent=False)


def close_cancelled(jobs) -> int:
    """Close rows whose cancellation was asked for while they ran."""
    running = jobs.running().filter(cancel_requested=True)
    return running.update(
        state=State.CANCELLED, finished_at=timezone.now(), stage="", claim_token=None, lease_expires_at=None
    )


def _fail(job: Job, reason: str, *, permanent: bool) -> None:
    if permanent or job.failures + 1 >= settings.MAX_FAILURES:
        try:
            job.finish(State.FAILED, error=reason[:500], stage="", failures=job.failures + 1)
        except Lost:
            return
    else:
        job.give_back(failed=True, stage=f"{reason} Trying again."[:200], **_restarting(job))


def _restarting(job: Job) -> dict:
    """What was known of an attempt that ended, and is not known of the next."""
    return {"eta_seconds": None} if isinstance(job, Generation) else {}


# ---------------------------------------------------------------------------------------------------------------------
# Generations


def speak(generation: Generation, heartbeat: Heartbeat) -> None:
    """Make the sound of `generation`: 10 % prepare, 30–70 speak, 80–90 join, 100.

    Each segment's sound is kept as soon as it is there, so that another attempt goes on from it.
    """
    if generation.voice is None:
        raise EngineError("The voice was deleted before it could speak.", permanent=True)
    heartbeat.flush(stage="Loading the model")
    speaker.load(generation.engine, generation.model, heartbeat)
    heartbeat.flush(stage="Preparing the voice")
    conditioning = condition(generation.voice, generation.engine, generation.model, speaker, heartbeat)

    segments = _segments(generation, hashlib.sha256(conditioning.payload).hexdigest())
    pace = Pace(generation, segments)
    heartbeat.flush(
        state=State.GENERATING,
        progress=pace.progress(),
        stage="Speaking",
        engine_started_at=timezone.now(),
        eta_seconds=pace.eta(),
    )
    for place, segment in enumerate(segments):
        if segment.audio:
            continue
        stage = f"Speaking part {place + 1} of {len(segments)}" if len(segments) > 1 else "Speaking"
        utterance = Utterance(
            segment.text, generation.language, conditioning, generation.speed, generation.seed + segment.index
        )
        chunks: list[Audio] = []

        def beat(stage: str = stage) -> None:
            heartbeat(progress=pace.progress(), stage=stage, eta_seconds=pace.eta())

        with closing(speaker.synthesize([utterance], beat)) as items:
            for item in items:
                if isinstance(item, Audio):
                    chunks.append(item)
                    pace.heard()
                elif isinstance(item, Rejected):
                    raise EngineError(item.reason)
                elif item.expected:
                    pace.advance(segment, item.done / item.expected)
        if not chunks:
            raise EngineError("The engine made no sound for a part of the text.")
        pace.finish(segment)
        _keep(generation, segment, chunks, pace)

    heartbeat.flush(
        state=State.PROCESSING,
        progress=80,
        stage="Joining and checking",
        engine_finished_at=timezone.now(),
        compute_seconds=pace.compute_seconds(),
        first_audio_seconds=pace.first_audio,
        eta_seconds=None,
    )
    samples, rate = _join(segments)
    sound.check(samples, rate)
    samples = sound.level(samples, rate)
    heartbeat.flush(progress=90, stage="Saving")
    _complete(generation, samples, rate)


def _segments(generation: Generation, voice_key: str) -> list[Segment]:
    """The text's segments; those that an earlier attempt spoke in this very voice have their sound."""
    segments = list(generation.segments.order_by("index"))
    if not segments:
        pieces = text.split(generation.text)
        if not pieces:
            raise EngineError("There is nothing to say in this text: it has no words.", permanent=True)
        segments = Segment.objects.bulk_create(
            Segment(generation=generation, index=index, text=piece.text, pause=piece.pause)
            for index, piece in enumerate(pieces)
        )
    for segment in segments:
        # The recording may have been replaced since, or the voice refined: half a text each way is none of both.
        if segment.audio and segment.voice_key != voice_key:
            segment.audio.delete(save=False)
        segment.voice_key = voice_key
    return segments


def _keep(generation: Generation, segment: Segment, chunks: list[Audio], pace: Pace) -> None:
    samples = np.concatenate([chunk.samples for chunk in chunks])
    rate = chunks[0].sample_rate
    name = f"generations/{generation.pk}/segments/{segment.index:04d}-{generation.claim_token}.wav"
    segment.audio.name = store(name, samples, rate, subtype="FLOAT")
    segment.seconds = len(samples) / rate

    def keep() -> None:
        with transaction.atomic():  # the fence holds the row until the file is named: both or neither
            generation.advance(compute_seconds=pace.compute_seconds(), first_audio_seconds=pace.first_audio)
            segment.save(update_fields=["audio", "seconds", "voice_key"])

    try:
        patiently(keep)
    except Lost:
        default_storage.delete(str(segment.audio))
        raise


def _join(segments: list[Segment]) -> tuple[np.ndarray, int]:
    parts, rate = [], 24_000
    for segment in segments:
        try:
            with segment.audio.open() as file:
                samples, rate = soundfile.read(file, dtype="float32")
        except (OSError, soundfile.SoundFileError) as error:
            Segment.objects.filter(pk=segment.pk).update(audio="")
            raise EngineError("A part of the speech was damaged on the disk.") from error
        parts += [samples, np.zeros(round(segment.pause * rate), np.float32)]
    return np.concatenate(parts), rate


def _complete(generation: Generation, samples: np.ndarray, rate: int) -> None:
    """Write the file under a name that only this attempt uses, then name it in the row. The loser deletes its own."""
    name = store(f"generations/{generation.pk}/{generation.claim_token}.wav", samples, rate)
    measures = {"audio": name, "seconds": round(len(samples) / rate, 3), "peaks": peaks(samples)}
    try:
        patiently(lambda: generation.finish(State.COMPLETED, **measures))
    except Lost:
        # A commit whose answer got lost with the connection looks like a lost row when it is tried again.
        if not Generation.objects.filter(pk=generation.pk, audio=name).exists():
            default_storage.delete(name)
            raise
        logger.info("%s was completed by %s before the database went away", generation.pk, generation.claim_token)
    for segment in generation.segments.exclude(audio=""):
        default_storage.delete(str(segment.audio))
    generation.segments.all().delete()


def store(name: str, samples: np.ndarray, rate: int, subtype: str = "PCM_16") -> str:
    """Write a WAV file that is there, whole, whatever happens next; the name it got. Raises OSError, leaving nothing."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype=subtype)
    try:
        name = default_storage.save(name, ContentFile(buffer.getvalue()))
    except OSError:
        default_storage.delete(name)  # what was written before the disk was full
        raise
    with suppress(NotImplementedError):  # an object store keeps what it has acknowledged
        path = Path(default_storage.path(name))
        for written in (path, path.parent):
            descriptor = os.open(written, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    return name


# ---------------------------------------------------------------------------------------------------------------------
# What an engine knows of a voice


def conditioning_key(voice: VoiceProfile, engine: str, model: str) -> str:
    """Names all that a conditioning depends on: another key, another conditioning."""
    transcript = voice.transcript if engine_class(engine).reads_transcript else ""
    parts = (voice.clip.sha256, transcript, engine, model)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def reference_of(voice: VoiceProfile) -> Reference:
    try:
        with voice.clip.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except FileNotFoundError as error:
        raise EngineError("The recording of this voice was replaced or deleted meanwhile.") from error
    return Reference(samples, rate, voice.transcript, voice.language)


def condition(voice: VoiceProfile, engine: str, model: str, host: EngineProcess, beat) -> EngineConditioning:
    """The engine's conditioning of `voice`: kept from before where nothing it depends on has changed."""
    key = conditioning_key(voice, engine, model)
    known = voice.conditionings.filter(engine=engine, model=model, key=key).first()
    if known:
        return EngineConditioning(bytes(known.payload), known.similarity)
    made = host.condition(reference_of(voice), beat)
    _remember(voice, engine, model, key, made, refined=False)
    return made


def _remember(voice, engine, model, key, made: EngineConditioning, *, refined: bool) -> None:
    Conditioning.objects.update_or_create(
        voice=voice,
        engine=engine,
        model=model,
        defaults={"key": key, "payload": made.payload, "similarity": made.similarity, "refined": refined},
    )


def fit(fitting: Fitting, heartbeat: Heartbeat) -> None:
    """Fit the engine to a voice: at once by one shot, so that it can speak, then refined in place."""
    voice, engine, model = fitting.voice, fitting.engine, fitting.model
    try:
        heartbeat.flush(stage="Loading the model")
        fitter.load(engine, model, heartbeat)
        heartbeat.flush(stage="Listening to the recording")
        first = condition(voice, engine, model, fitter, heartbeat)
        heartbeat.flush(state=State.GENERATING, progress=30, stage="Refining the voice")

        def on_progress(progress: Progress) -> None:
            share = progress.done / max(progress.expected, 1)
            heartbeat(progress=30 + round(40 * min(share, 1.0)), stage=progress.stage[:200] or "Refining the voice")

        refined = fitter.refine(reference_of(voice), first, on_progress, heartbeat)
        heartbeat.flush(state=State.PROCESSING, progress=90, stage="Keeping the better voice")
    finally:
        fitter.end()  # voices are made now and then: no need to keep a second model in memory

    def keep() -> None:
        with transaction.atomic():
            fitting.finish(State.COMPLETED)
            _remember(voice, engine, model, conditioning_key(voice, engine, model), refined, refined=True)

    patiently(keep)
