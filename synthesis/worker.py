"""What a worker does with a row it claimed: a generation becomes sound, a voice becomes a conditioning."""

import hashlib
import io
import logging
import time
from multiprocessing import RawValue

import numpy as np
import soundfile
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from voices.models import VoiceProfile
from voicesite.jobs import Job, Lost, State

from . import sound, text
from .engine_process import EngineProcess
from .engines import Audio, Cancelled, EngineError, Progress, Reference, Utterance
from .engines import Conditioning as EngineConditioning
from .models import Conditioning, Fitting, Generation, Segment

logger = logging.getLogger(__name__)

# Set by `manage.py work` when the cluster is told to stop, seen by its workers: shared memory, made before they fork.
stopping = RawValue("b", 0)

_environment = {"VOICESITE_CACHE": str(settings.CACHE_DIR)}
speaker = EngineProcess(settings.ENGINE_STALL_SECONDS, environment=_environment)
fitter = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15, environment={**_environment, "OMP_NUM_THREADS": "1"})


class ShuttingDown(Exception):
    """The cluster was told to stop: the row waits for the next one."""


class Heartbeat:
    """Called about four times a second while a job runs: keeps the lease, and raises when the work must stop."""

    def __init__(self, job: Job):
        self.job = job
        self.written_at = 0.0
        self.pending: dict = {}

    def __call__(self, **changes) -> None:
        """Note `changes`; write them at most every 0.25 s, and renew the lease each second all the same.

        Raises Lost when the row was cancelled, deleted or taken by another, ShuttingDown when the cluster stops.
        """
        if stopping.value:
            raise ShuttingDown
        self.pending |= changes
        age = time.monotonic() - self.written_at
        if age > 1 or (self.pending and age > 0.25):
            self.flush()

    def flush(self, **changes) -> None:
        self.job.advance(**(self.pending | changes))
        self.pending = {}
        self.written_at = time.monotonic()


def run(job: Job, work) -> None:
    """Do `work(job, heartbeat)` under the attempt rule: repeat what may pass, fail with a reason what can't."""
    heartbeat = Heartbeat(job)
    try:
        work(job, heartbeat)
    except (Lost, Cancelled):
        # Cancelled, deleted, or overtaken by another attempt; only in the first case is there still a row to close.
        close_cancelled(type(job).objects.filter(pk=job.pk, claim_token=job.claim_token))
    except ShuttingDown:
        job.give_back(count_attempt=False)
    except EngineError as error:
        _fail(job, error.message, permanent=error.permanent)
    except Exception:
        logger.exception("%s %s failed", type(job).__name__, job.pk)
        _fail(job, "Something went wrong here that is not your fault. The log says more.", permanent=False)


def close_cancelled(jobs) -> int:
    """Close rows whose cancellation was asked for while they ran."""
    running = jobs.running().filter(cancel_requested=True)
    return running.update(
        state=State.CANCELLED, finished_at=timezone.now(), stage="", claim_token=None, lease_expires_at=None
    )


def _fail(job: Job, reason: str, *, permanent: bool) -> None:
    if permanent or job.attempts >= settings.MAX_ATTEMPTS:
        try:
            job.finish(State.FAILED, error=reason[:500], stage="")
        except Lost:
            return
    else:
        job.give_back(count_attempt=True, stage="The engine was restarted. Trying again.")


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
    heartbeat.flush(stage="Preparing the voice", progress=20)
    conditioning = condition(generation.voice, generation.engine, generation.model, speaker, heartbeat)

    segments = _segments(generation)
    begun = time.monotonic()
    done_before = generation.compute_seconds or 0.0
    heartbeat.flush(state=State.GENERATING, progress=30, stage="Speaking", engine_started_at=timezone.now())
    first_audio = generation.first_audio_seconds
    characters = sum(len(segment.text) for segment in segments)
    spoken = sum(len(segment.text) for segment in segments if segment.audio)
    skipped = spoken
    for place, segment in enumerate(segments):
        if segment.audio:
            continue
        stage = f"Speaking part {place + 1} of {len(segments)}" if len(segments) > 1 else "Speaking"
        utterance = Utterance(
            segment.text, generation.language, conditioning, generation.speed, generation.seed + segment.index
        )
        chunks: list[Audio] = []
        for item in speaker.synthesize([utterance], heartbeat):
            share = 0.0
            if isinstance(item, Audio):
                chunks.append(item)
                if first_audio is None:
                    first_audio = (timezone.now() - generation.created_at).total_seconds()
            elif isinstance(item, Progress) and item.expected:
                share = min(item.done / item.expected, 1.0)
            characters_done = spoken + share * len(segment.text)
            elapsed = time.monotonic() - begun
            ahead = (characters - characters_done) * elapsed / max(characters_done - skipped, 1)
            heartbeat(
                progress=30 + round(40 * characters_done / characters),
                stage=stage,
                eta_seconds=round(ahead, 1) if characters_done > skipped else None,
            )
        if not chunks:
            raise EngineError("The engine made no sound for a part of the text.")
        _keep(generation, segment, chunks)
        spoken += len(segment.text)

    heartbeat.flush(
        state=State.PROCESSING,
        progress=80,
        stage="Joining and checking",
        engine_finished_at=timezone.now(),
        compute_seconds=round(done_before + time.monotonic() - begun, 3),
        first_audio_seconds=first_audio,
        eta_seconds=None,
    )
    samples, rate = _join(segments)
    sound.check(samples, rate)
    samples = sound.level(samples, rate)
    heartbeat.flush(progress=90, stage="Saving")
    _complete(generation, samples, rate)


def _segments(generation: Generation) -> list[Segment]:
    segments = list(generation.segments.order_by("index"))
    if not segments:
        pieces = text.split(generation.text)
        if not pieces:
            raise EngineError("There is nothing to say in this text: it has no words.", permanent=True)
        segments = Segment.objects.bulk_create(
            Segment(generation=generation, index=index, text=piece.text, pause=piece.pause)
            for index, piece in enumerate(pieces)
        )
    return segments


def _keep(generation: Generation, segment: Segment, chunks: list[Audio]) -> None:
    samples = np.concatenate([chunk.samples for chunk in chunks])
    rate = chunks[0].sample_rate
    segment.audio.save(
        f"{segment.index:04d}-{generation.claim_token}.wav", _wav(samples, rate, subtype="FLOAT"), save=False
    )
    segment.seconds = len(samples) / rate
    generation.advance()  # the fence: an attempt that lost the row names no file in it
    segment.save(update_fields=["audio", "seconds"])


def _join(segments: list[Segment]) -> tuple[np.ndarray, int]:
    parts, rate = [], 24_000
    for segment in segments:
        with segment.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
        parts += [samples, np.zeros(round(segment.pause * rate), np.float32)]
    return np.concatenate(parts), rate


def _complete(generation: Generation, samples: np.ndarray, rate: int) -> None:
    """Write the file under a name that only this attempt uses, then name it in the row. The loser deletes its own."""
    storage = generation.audio.storage
    name = storage.save(f"generations/{generation.pk}/{generation.claim_token}.wav", _wav(samples, rate))
    try:
        generation.finish(
            State.COMPLETED, audio=name, seconds=round(len(samples) / rate, 3), peaks=sound.peaks(samples)
        )
    except Lost:
        storage.delete(name)
        raise
    for segment in generation.segments.exclude(audio=""):
        segment.audio.delete(save=False)
    generation.segments.all().delete()


def _wav(samples: np.ndarray, rate: int, subtype: str = "PCM_16") -> ContentFile:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype=subtype)
    return ContentFile(buffer.getvalue())


# ---------------------------------------------------------------------------------------------------------------------
# What an engine knows of a voice


def conditioning_key(voice: VoiceProfile, engine: str, model: str) -> str:
    parts = (voice.clip.sha256, voice.transcript, engine, model)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def reference_of(voice: VoiceProfile) -> Reference:
    with voice.clip.audio.open() as file:
        samples, rate = soundfile.read(file, dtype="float32")
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
    heartbeat.flush(stage="Loading the model")
    fitter.load(engine, model, heartbeat)
    heartbeat.flush(stage="Listening to the recording", progress=20)
    first = condition(voice, engine, model, fitter, heartbeat)
    heartbeat.flush(state=State.GENERATING, progress=30, stage="Refining the voice")

    def on_progress(progress: Progress) -> None:
        share = progress.done / max(progress.expected, 1)
        heartbeat(progress=30 + round(40 * min(share, 1.0)), stage=progress.stage[:200] or "Refining the voice")

    refined = fitter.refine(reference_of(voice), first, on_progress, heartbeat)
    heartbeat.flush(state=State.PROCESSING, progress=90, stage="Keeping the better voice")
    _remember(voice, engine, model, conditioning_key(voice, engine, model), refined, refined=True)
    fitting.finish(State.COMPLETED)
    fitter.end()  # voices are made now and then: no need to keep a second model in memory
