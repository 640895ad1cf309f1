"""Run one generation: segments, attempts at utterances, progress, and the finished file."""

import hashlib
import logging
import uuid
from collections.abc import Callable

import numpy as np
import soxr
from django.core.files.storage import default_storage
from django.db.models import F, Max, Sum
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.engines.base import Audio, Conditioning, EngineError, Rejected, Utterance
from synthesis.models import Generation, GenerationVoice, Segment, SegmentTake
from synthesis.queue import downloads, loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from synthesis.scripts.cutting import CLAUSE_PAUSE_SECONDS, cut
from synthesis.segments.timeline import RATE
from voices.models import VoiceProfile
from voicesite.jobs.attempts import Heartbeat, NotYet, retry_on_database_error
from voicesite.jobs.job import Lost, State

from . import loudness
from .conditioning import pin, remember_loudness
from .files import Changed, complete, store_take
from .partial_take import PartialTake, delete_parts
from .progress import GenerationProgress, WorkTime, speech_seconds_per_character
from .segments import make_segments
from .utterance_attempt import UtteranceAttempt

logger = logging.getLogger(__name__)

RETRY_SEED_STEP = 1_000_003  # between the seeds of two tries at a segment; those of neighbouring segments are 1 apart
MIN_SPLIT_CHARACTERS = 60  # a shorter text is not split for its second try


class GenerationRun:
    """Prepare (10 %), speak (30 to 70), join and save (80 to 90) one generation.

    1. Each segment is stored as soon as it is spoken, so that the next attempt resumes from there, and people hear it.
    2. Segments may be changed meanwhile: `Generation.revision` counts that. What was spoken of an older revision of a
       segment is dropped, and the segments are read again, after each batch and before the end.
    """

    def __init__(self, generation: Generation, beat: Callable[[], None]):
        """beat: sends the heartbeats of all runs of the batch, this one's too."""
        self.generation = generation
        self.beat_all = beat
        self.heartbeat = Heartbeat(generation)
        self.time = WorkTime(generation)
        self.stage = _("Speaking")
        self.unspoken: dict[int, list[UtteranceAttempt]] = {}  # by primary key of the segment, in order
        self.voices: dict[uuid.UUID | None, GenerationVoice] = {}  # by primary key of the voice
        self.levels: dict[uuid.UUID | None, loudness.VoiceMeter] = {}  # by primary key of the voice
        self.partial: PartialTake | None = None  # of the segment that people hear next
        self.broken = ""  # why a segment can't be spoken
        self.completed = False

    @property
    def attempts(self) -> list[UtteranceAttempt]:
        """The attempts still to be spoken, in order."""
        if self.broken:
            return []
        return [attempt for attempts in self.unspoken.values() for attempt in attempts if not attempt.done]

    @property
    def is_silent(self) -> bool:
        """Return whether nothing of the text can be heard yet."""
        return len(self.unspoken) == len(self.segments) and not self.generation.is_heard

    def prepare(self) -> None:
        generation = self.generation
        if generation.voice is None and not generation.is_heard:
            raise EngineError(_("The voice was deleted before it could speak."), permanent=True)
        make_segments(generation)
        unspoken = generation.segments.unspoken().aggregate(characters=Sum(Length("text")))["characters"]
        self.time.prepare(unspoken or 0, synthesis_process.holds(generation.engine, generation.model))
        if not generation.is_heard or unspoken:  # else it is only joined anew
            downloads.wait_for(generation)
            self.heartbeat.flush(stage=_("Loading the model"), **self.time.fields())
            loaded_model.load(generation.engine, generation.model, self.beat_all)
            self.heartbeat.flush(stage=_("Preparing the voice"))
        self._read_segments()
        self.heartbeat.flush(state=State.GENERATING, engine_started_at=timezone.now(), **self._status())
        self._catch_up()

    def _read_segments(self) -> None:
        """Read what there is to speak, and prepare the voices of it."""
        generation = self.generation
        self.revision = Generation.objects.values_list("revision", flat=True).get(pk=generation.pk)
        delete_parts(generation.segments.all())  # of an attempt that died
        generation.segments.filter(state=Segment.State.GENERATING).update(state=Segment.State.PENDING, parts=[])
        self.broken = ""
        self.segments = list(generation.segments.in_text().select_related("take", "voice"))
        if not generation.is_heard:
            self._drop_other_voices()
        unspoken = [segment for segment in self.segments if segment.state != Segment.State.COMPLETED]
        self._check_voices(unspoken)
        for segment in unspoken:
            self._pin(segment)
        self.unspoken = {segment.pk: [UtteranceAttempt(segment, segment.spoken)] for segment in unspoken}
        self.progress = GenerationProgress(generation, self.segments, self.time.rates)
        self.time.speak(self.progress)
        self.rate = speech_seconds_per_character(generation)

    def _check_voices(self, segments: list[Segment]) -> None:
        """Raise EngineError where a voice was deleted, suspended or retired, or its sharing ended, since it was asked for.

        What waits for a change, or was cancelled, may go on long after that.
        """
        usable = VoiceProfile.objects.usable_by(self.generation.owner)
        usable_keys = set(usable.filter(pk__in={segment.voice_id for segment in segments}).values_list("pk", flat=True))
        for segment in segments:
            if segment.voice_id not in usable_keys:
                is_there = segment.voice and not segment.voice.deleted_at
                what = _("can’t be used any more") if is_there else _("was deleted")
                words = _("The voice of sentence {number} {what}: choose another for it.").format(
                    number=segment.number, what=what
                )
                raise EngineError(words, permanent=True)

    def _pin(self, segment: Segment) -> GenerationVoice:
        assert segment.voice, "see _check_voices"
        if segment.voice_id not in self.voices:
            loaded_model.load(self.generation.engine, self.generation.model, self.beat_all)
            pinned = pin(self.generation, segment.voice, synthesis_process, self.beat_all)
            self.voices[segment.voice_id] = pinned
            self.levels[segment.voice_id] = loudness.VoiceMeter(RATE, pinned.loudness)
        return self.voices[segment.voice_id]

    def _drop_other_voices(self) -> None:
        """Speak again what an earlier attempt spoke before a voice's recording was replaced: a text has one voice."""
        for segment in self.segments:
            if segment.take and segment.voice and segment.take.voice_key != voice_key(self._pin(segment)):
                segment.state = Segment.State.PENDING

    def utterance(self, attempt: UtteranceAttempt) -> Utterance:
        generation, segment = self.generation, attempt.segment
        rate = self.rate if segment.voice_id == generation.voice_id else 0.0
        return Utterance(
            attempt.text,
            generation.language,
            Conditioning(bytes(self.voices[segment.voice_id].payload)),
            generation.speed,
            seed=self._seed(segment),
            instructions=generation.instructions,
            expected_seconds=rate * len(attempt.text),
        )

    def _seed(self, segment: Segment) -> int:
        return self.generation.seed + segment.number - 1 + segment.tries * RETRY_SEED_STEP

    def begin_batch(self, attempts: list[UtteranceAttempt]) -> None:
        """Say which segments are being spoken now."""
        for attempt in attempts:
            attempt.begun = attempt.put_back = False
        spoken = Segment.objects.filter(
            pk__in={attempt.segment.pk for attempt in attempts}, state=Segment.State.PENDING
        )
        spoken.update(state=Segment.State.GENERATING, changed_at=timezone.now())
        self._update_stage(attempts)

    def _update_stage(self, attempts: list[UtteranceAttempt]) -> None:
        places = sorted({attempt.segment.number for attempt in attempts})
        if len(self.segments) == 1 or not places:
            self.stage = _("Speaking") if places else _("Waiting for its turn")
        elif len(places) == 1:
            self.stage = _("Speaking part {places} of {count}").format(places=places[0], count=len(self.segments))
        else:
            self.stage = _("Speaking parts {first} to {last} of {count}").format(
                first=places[0], last=places[-1], count=len(self.segments)
            )
        if any(attempt.again for attempt in attempts):
            self.stage += _(", again")

    def beat(self) -> None:
        """Send the heartbeat. Raises NotYet when this is a sample and somebody's text waits."""
        if self.generation.is_sample and queue.anyone_waits():
            raise NotYet(_("Waiting for a quiet moment"))
        self.heartbeat(**(self._status() if self.unspoken else self.time.fields()))  # else it is still being prepared

    def _status(self) -> dict:
        return {"progress": self.progress.percent(), "stage": self.stage, **self.time.fields()}

    def receive(self, attempt: UtteranceAttempt, item) -> None:
        """Handle an item of the engine's stream: audio, progress or a rejection."""
        attempt.begun = True
        if attempt.done:  # the engine goes on after the end, or after what was rejected here
            return
        if isinstance(item, Rejected):
            self._reject(attempt, item.reason)
            return
        if isinstance(item, Audio):
            try:
                loudness.check_finite(item.samples)
            except EngineError as error:
                self._reject(attempt, error.message)
                return
            attempt.chunks.append(_at_rate(item))
            attempt.done = item.last
            if not item.last:
                self._let_hear(attempt)
        elif item.expected:
            attempt.share = item.share
        attempts = self.unspoken.get(attempt.segment.pk, [])
        if characters := sum(len(each.text) for each in attempts):
            spoken = sum(each.share * len(each.text) for each in attempts)
            self.progress.advance(attempt.segment, spoken / characters)
        if attempts and all(attempt.done for attempt in attempts):
            self._keep(attempt.segment, attempts)
            if not self.unspoken:
                self._complete()  # others of the batch may still be spoken for a while

    def _is_next(self, segment: Segment) -> bool:
        """Return whether it is the one that people hear next: all before it are there."""
        return next(iter(self.unspoken), None) == segment.pk

    def _let_hear(self, attempt: UtteranceAttempt) -> None:
        """Store the beginning of the segment that people hear next, where an engine gives it before the end."""
        segment = attempt.segment
        if attempt.again or self.generation.is_heard or not self._is_next(segment):
            return
        if self.partial is None or self.partial.segment is not segment:
            self.partial = PartialTake(segment, self.generation.claim_token, self.levels[segment.voice_id].lufs)
            heard = attempt.chunks  # it may be the next only now
        else:
            heard = attempt.chunks[-1:]
        if self.partial.push(np.concatenate(heard)):
            self.generation.advance()  # the fencing token guards the part too
            self.partial.store()
            self.progress.receive()

    def _forget_partial(self, segment: Segment) -> PartialTake | None:
        """Return the stored beginning of a segment, which is no longer needed; None if it has none."""
        partial = self.partial if self.partial and self.partial.segment is segment else None
        if partial:
            self.partial = None
        return partial

    def end_batch(self, attempts: list[UtteranceAttempt]) -> None:
        """Read what was changed during a batch of `attempts`, and join the whole when all is spoken.

        Raises EngineError where the batch ended without speaking or rejecting one of them.
        """
        if self.broken and not self._is_changed():
            raise EngineError(self.broken, permanent=True)
        put_back = {attempt.segment.pk for attempt in attempts if attempt.put_back}
        if put_back:
            waiting = Segment.objects.filter(pk__in=put_back, state=Segment.State.GENERATING)
            waiting.update(state=Segment.State.PENDING, changed_at=timezone.now())
        for attempt in attempts:
            if not attempt.done and not attempt.put_back and attempt in self.unspoken.get(attempt.segment.pk, []):
                raise EngineError(_("The engine produced no sound for part of the text."))
        self._catch_up()

    def leave(self) -> None:
        """Delete the beginning of a segment that this attempt does not finish."""
        if self.partial:
            self.partial.abandon()

    def _is_changed(self) -> bool:
        """Return whether segments were changed since they were read."""
        return Generation.objects.filter(pk=self.generation.pk).exclude(revision=self.revision).exists()

    def _catch_up(self) -> None:
        """Read what was changed meanwhile, and join the whole when all is spoken. The engine must be idle."""
        while not self.completed:
            if self._is_changed():
                self._read_segments()
            if self.unspoken:
                return
            self._complete()

    def _reject(self, attempt: UtteranceAttempt, reason: str) -> None:
        """Retry the segment once, with another seed and in shorter utterances."""
        segment, attempt.done = attempt.segment, True
        logger.warning("An attempt at segment %s was rejected: %s", segment.index, reason)
        segment.tries += 1
        Segment.objects.filter(pk=segment.pk).update(tries=segment.tries, parts=[], changed_at=timezone.now())
        if partial := self._forget_partial(segment):
            partial.delete()
        if attempt.again:
            where = (
                _("Part {number} of {count}").format(number=segment.number, count=len(self.segments))
                if len(self.segments) > 1
                else _("This text")
            )
            kept = _(" The other parts are kept.") if len(self.segments) > 1 else ""
            self.broken = _(
                "{where} couldn’t be spoken well, twice. {reason}{kept} Try again, or change the text."
            ).format(where=where, reason=reason, kept=kept)
            return
        spoken = segment.spoken
        parts = cut(spoken, max(MIN_SPLIT_CHARACTERS, len(spoken) * 2 // 3), self.generation.language)
        attempts = [
            UtteranceAttempt(segment, spoken[start:end], CLAUSE_PAUSE_SECONDS, again=True) for start, end in parts
        ]
        attempts[-1].pause = 0.0
        self.unspoken[segment.pk] = attempts

    def _keep(self, segment: Segment, attempts: list[UtteranceAttempt]) -> None:
        """Store the take that a segment's attempts make up, unless the segment was changed meanwhile."""
        generation, pinned, voice = self.generation, self.voices[segment.voice_id], self.levels[segment.voice_id]
        samples = np.concatenate([attempt.samples() for attempt in attempts])
        try:
            loudness.check_speech(samples, RATE)
        except EngineError as error:
            self._reject(attempts[0], error.message)
            return
        self.progress.advance(segment, 1.0)
        if self._is_next(segment):
            self.progress.receive()
        voice.push(samples)
        partial = self._forget_partial(segment)
        if partial and partial.parts:
            levelled = partial.finish(samples[sum(map(len, attempts[0].chunks[:-1])) :])
        else:
            levelled = loudness.level(samples, RATE, voice.lufs)
        name = f"generations/{generation.pk}/segments/{segment.pk}-{generation.claim_token}.flac"
        name, size = store_take(name, levelled)
        is_known_better = pinned.loudness != voice.lufs
        kept = tried = False

        def keep() -> None:
            nonlocal kept, tried
            generation.advance(**self.progress.measures())  # the fencing token guards the segment too
            if tried and segment.takes.filter(audio=name).exists():  # committed, and the connection was lost after that
                kept = True
                return
            tried = True
            if is_known_better:
                GenerationVoice.objects.filter(pk=pinned.pk).update(loudness=voice.lufs)
                pinned.loudness = voice.lufs
            unchanged = Segment.objects.filter(pk=segment.pk, revision=segment.revision)
            if not unchanged.exists():  # changed or deleted: `advance` has the lock that changes take first
                return
            last = segment.takes.aggregate(last=Max("number"))["last"] or 0
            take = SegmentTake.objects.create(
                segment=segment,
                number=last + 1,
                text=segment.text,
                spoken=segment.spoken,
                voice=segment.voice,
                voice_key=voice_key(pinned),
                seed=self._seed(segment),
                audio=name,
                seconds=len(levelled) / RATE,
                bytes=size,
            )
            unchanged.update(take=take, state=Segment.State.COMPLETED, parts=[], changed_at=timezone.now())
            if generation.is_heard:  # a change: it counts for its owner's quota once the whole is joined anew
                respoken = F("respoken_seconds") + take.seconds
                Generation.objects.filter(pk=generation.pk).update(respoken_seconds=respoken)
            kept = True

        try:
            retry_on_database_error(keep)
        except Lost:
            default_storage.delete(name)
            raise
        if not kept:
            default_storage.delete(name)
        if partial:
            partial.delete()
        del self.unspoken[segment.pk]  # a changed segment is read again at the end of the batch

    def _complete(self) -> None:
        """Join the whole, unless segments were changed meanwhile: `_catch_up` reads these."""
        self.time.end()
        self.heartbeat.flush(
            state=State.PROCESSING,
            progress=80,
            stage=_("Finishing"),
            engine_finished_at=timezone.now(),
            **self.time.fields(),
            **self.progress.measures(),
        )

        def beat(**changes) -> None:
            self.heartbeat(**changes, **self.time.fields())
            self.beat_all()

        try:
            complete(self.generation, self.revision, beat)
            self.completed = True
            for key, voice in self.levels.items():
                remember_loudness(self.voices[key], voice)
        except Changed:
            self.time.speak(self.progress)
            self.heartbeat.flush(state=State.GENERATING, progress=70)


def voice_key(pinned: GenerationVoice) -> str:
    return hashlib.sha256(bytes(pinned.payload)).hexdigest()


def _at_rate(item: Audio) -> np.ndarray:
    if item.sample_rate == RATE:
        return item.samples
    return soxr.resample(item.samples, item.sample_rate, RATE)
