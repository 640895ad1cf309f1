"""Run one generation: segments, attempts at utterances, progress, and the finished file."""

import hashlib
import logging
from dataclasses import dataclass, field

import numpy as np
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.engines import engine_class
from synthesis.engines.base import Audio, EngineError, Rejected, Utterance
from synthesis.models import Generation, Segment
from synthesis.queue import downloads, loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from synthesis.scripts.cutting import CLAUSE_PAUSE_SECONDS, cut
from synthesis.scripts.script import prepare
from voicesite.jobs.attempts import Heartbeat, NotYet, retry_on_database_error
from voicesite.jobs.job import Lost, State

from . import loudness
from .conditioning import condition
from .files import complete, join_segments, store_wav
from .progress import GenerationProgress, speech_seconds_per_character

logger = logging.getLogger(__name__)

RETRY_SEED_STEP = 1_000_003  # between the seeds of two tries at a segment; those of neighbouring segments are 1 apart
MIN_SPLIT_CHARACTERS = 60  # a shorter text is not split for its second try


@dataclass
class UtteranceAttempt:
    """An attempt at one utterance: a segment, or a part of one that is tried again in shorter parts."""

    segment: Segment
    text: str
    pause: float = 0.0  # seconds of silence after it, within its segment
    again: bool = False
    share: float = 0.0  # spoken so far, 0 to 1
    chunks: list[Audio] = field(default_factory=list)
    done: bool = False

    def samples(self) -> np.ndarray:
        """Return what was spoken and the pause after it, float32 (samples,)."""
        pause = np.zeros(round(self.pause * self.chunks[0].sample_rate), np.float32)
        return np.concatenate([*(chunk.samples for chunk in self.chunks), pause])


class GenerationRun:
    """Prepare (10 %), speak (30 to 70), join and save (80 to 90) one generation.

    Each segment is stored as soon as it is spoken, so that the next attempt resumes from there.
    """

    def __init__(self, generation: Generation):
        self.generation = generation
        self.heartbeat = Heartbeat(generation)
        self.stage = "Speaking"
        self.unspoken: dict[int, list[UtteranceAttempt]] = {}  # by segment index: the segments without audio
        self.broken = ""  # why a segment can't be spoken
        self.completed = False

    @property
    def attempts(self) -> list[UtteranceAttempt]:
        """The attempts still to be spoken, in order."""
        if self.broken:
            return []
        return [attempt for index in sorted(self.unspoken) for attempt in self.unspoken[index] if not attempt.done]

    def prepare(self, beat) -> None:
        generation = self.generation
        if generation.voice is None:
            raise EngineError("The voice was deleted before it could speak.", permanent=True)
        downloads.wait_for(generation)
        self.heartbeat.flush(stage="Loading the model")
        loaded_model.load(generation.engine, generation.model, beat)
        self.heartbeat.flush(stage="Preparing the voice")
        self.conditioning = condition(generation.voice, generation.engine, generation.model, synthesis_process, beat)
        self.segments = prepare_segments(generation, hashlib.sha256(self.conditioning.payload).hexdigest())
        self.progress = GenerationProgress(generation, self.segments)
        self.rate = speech_seconds_per_character(generation)
        self.unspoken = {
            segment.index: [UtteranceAttempt(segment, segment.spoken)] for segment in self.segments if not segment.audio
        }
        self.heartbeat.flush(state=State.GENERATING, engine_started_at=timezone.now(), **self._status())
        if not self.unspoken:
            self._complete()

    def utterance(self, attempt: UtteranceAttempt) -> Utterance:
        generation, segment = self.generation, attempt.segment
        return Utterance(
            attempt.text,
            generation.language,
            self.conditioning,
            generation.speed,
            seed=generation.seed + segment.index + segment.tries * RETRY_SEED_STEP,
            expected_seconds=self.rate * len(attempt.text),
        )

    def update_stage(self, attempts: list[UtteranceAttempt]) -> None:
        places = sorted({attempt.segment.index + 1 for attempt in attempts})
        if len(self.segments) == 1 or not places:
            self.stage = "Speaking" if places else "Waiting for its turn at the engine"
        elif len(places) == 1:
            self.stage = f"Speaking part {places[0]} of {len(self.segments)}"
        else:
            self.stage = f"Speaking parts {places[0]} to {places[-1]} of {len(self.segments)}"
        if any(attempt.again for attempt in attempts):
            self.stage += ", once more"

    def beat(self) -> None:
        """Send the heartbeat. Raises NotYet when this is a sample and somebody's text waits."""
        if self.generation.is_sample and queue.anyone_waits():
            raise NotYet("Waiting until nobody waits")
        self.heartbeat(**(self._status() if self.unspoken else {}))  # else it is still being prepared

    def _status(self) -> dict:
        return {"progress": self.progress.percent(), "stage": self.stage, "eta_seconds": self.progress.eta()}

    def receive(self, attempt: UtteranceAttempt, item) -> None:
        """Handle an item of the engine's stream: audio, progress or a rejection."""
        if isinstance(item, Rejected):
            self._reject(attempt, item.reason)
        elif isinstance(item, Audio):
            attempt.chunks.append(item)
            attempt.done = item.last
            self.progress.receive()
        elif item.expected:
            attempt.share = item.share
        attempts = self.unspoken.get(attempt.segment.index, [])
        if characters := sum(len(each.text) for each in attempts):
            spoken = sum(each.share * len(each.text) for each in attempts)
            self.progress.advance(attempt.segment, spoken / characters)
        if attempts and all(attempt.done for attempt in attempts):
            self._keep(attempt.segment, attempts)
        if not self.unspoken:
            self._complete()

    def end_batch(self, attempts: list[UtteranceAttempt]) -> None:
        """Raise EngineError where the batch ended without speaking or rejecting one of `attempts`."""
        if self.broken:
            raise EngineError(self.broken, permanent=True)
        for attempt in attempts:
            if not attempt.done and attempt in self.unspoken.get(attempt.segment.index, []):
                raise EngineError("The engine made no sound for a part of the text.")

    def _reject(self, attempt: UtteranceAttempt, reason: str) -> None:
        """Retry the segment once, with another seed and in shorter utterances."""
        segment = attempt.segment
        logger.warning("%s: an attempt at segment %s was rejected: %s", self.generation.pk, segment.index, reason)
        segment.tries += 1
        Segment.objects.filter(pk=segment.pk).update(tries=segment.tries)
        if attempt.again:
            where = f"Part {segment.index + 1} of {len(self.segments)}" if len(self.segments) > 1 else "This text"
            kept = " The other parts are kept." if len(self.segments) > 1 else ""
            self.broken = f"{where} could not be spoken well, twice. {reason}{kept} Try again, or change the text."
            return
        spoken = segment.spoken
        parts = cut(spoken, max(MIN_SPLIT_CHARACTERS, len(spoken) * 2 // 3), self.generation.language)
        attempts = [
            UtteranceAttempt(segment, spoken[start:end], CLAUSE_PAUSE_SECONDS, again=True) for start, end in parts
        ]
        attempts[-1].pause = 0.0
        self.unspoken[segment.index] = attempts

    def _keep(self, segment: Segment, attempts: list[UtteranceAttempt]) -> None:
        generation = self.generation
        rate = attempts[0].chunks[0].sample_rate
        samples = np.concatenate([attempt.samples() for attempt in attempts])
        self.progress.advance(segment, 1.0)
        measures = self.progress.measures()
        name = f"generations/{generation.pk}/segments/{segment.index:04d}-{generation.claim_token}.wav"
        segment.audio.name = store_wav(name, samples, rate, subtype="FLOAT")
        segment.seconds = len(samples) / rate

        def keep() -> None:
            generation.advance(**measures)  # the fencing token guards the segment too
            segment.save(update_fields=["audio", "seconds", "voice_key"])

        try:
            retry_on_database_error(keep)
        except Lost:
            default_storage.delete(str(segment.audio))
            raise
        del self.unspoken[segment.index]

    def _complete(self) -> None:
        generation = self.generation
        self.heartbeat.flush(
            state=State.PROCESSING,
            progress=80,
            stage="Joining and checking",
            engine_finished_at=timezone.now(),
            eta_seconds=None,
            **self.progress.measures(),
        )
        samples, rate = join_segments(self.segments)
        loudness.check_speech(samples, rate)
        samples = loudness.normalize_loudness(samples, rate)
        self.heartbeat.flush(progress=90, stage="Saving")
        complete(generation, samples, rate)
        self.completed = True


def prepare_segments(generation: Generation, voice_key: str) -> list[Segment]:
    """Return the segments of the text; those already spoken with the same conditioning keep their audio."""
    segments = list(generation.segments.order_by("index"))
    if not segments:
        engine = engine_class(generation.engine)
        script = prepare(generation.text, generation.language, engine, generation.dictionary())
        if not script.segments:
            raise EngineError("There is nothing to say in this text: it has no words.", permanent=True)
        fields = ("text", "spoken", "pause", "pause_before")
        segments = Segment.objects.bulk_create(
            Segment(generation=generation, index=index, **{field: getattr(part, field) for field in fields})
            for index, part in enumerate(script.segments)
        )
    for segment in segments:
        # The recording may have been replaced since, or the voice refined: a text is spoken in one voice throughout.
        if segment.audio and segment.voice_key != voice_key:
            segment.audio.delete(save=False)
        segment.voice_key = voice_key
    return segments
