"""Derive an engine's conditioning from a voice once, cache it, and refine it where the engine can."""

import hashlib

import soundfile
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from synthesis.engines import engine_class
from synthesis.engines.base import Conditioning as EngineConditioning
from synthesis.engines.base import Engine, EngineError, Reference
from synthesis.engines.client import EngineProcess
from synthesis.models import Conditioning, Fitting, Generation, GenerationVoice
from synthesis.queue.processes import fitting_process
from voices.models import Clip, VoiceProfile
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State

from .loudness import VoiceMeter

KNOWN_SECONDS = 60.0  # of a voice's speech in a text, after which what earlier texts said of its loudness is forgotten


def best_clip(voice: VoiceProfile, engine: type[Engine]) -> Clip:
    """Return the clip that suits `engine` best as reference.

    A usable transcript comes first, where the engine reads one; then the voice's language, a length that suits the
    engine, the grade; and among equals, the voice's main clip.
    """
    shortest, longest = engine.reference_seconds

    def worth(clip: Clip) -> tuple:
        return (
            not engine.reads_transcript or bool(clip.usable_transcript),
            clip.language.split("-")[0] in ("", voice.language.split("-")[0]),
            shortest <= clip.seconds <= longest,
            clip.grade or 0,
            clip.pk == voice.clip_id,
        )

    return max(voice.clips.all(), key=worth)


def conditioning_key(clip: Clip, engine: str, model: str, preset: str = "") -> str:
    """Return a hash of everything that a conditioning depends on; `preset` is of the clip's voice."""
    transcript = clip.usable_transcript if engine_class(engine).reads_transcript else ""
    parts = (clip.sha256, transcript, engine, model, *([preset] if preset else []))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def reference_of(clip: Clip, language: str, preset: str = "") -> Reference:
    """Read a clip. `language` is what is spoken in it, where the clip does not say; `preset` of its voice.

    Raises EngineError.
    """
    try:
        with clip.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except FileNotFoundError as error:
        raise EngineError(_("The recording of this voice has been replaced or deleted.")) from error
    return Reference(samples, rate, clip.usable_transcript, clip.language or language, preset)


def condition(
    voice: VoiceProfile, engine: str, model: str, host: EngineProcess, beat, clip: Clip | None = None
) -> EngineConditioning:
    """Return the engine's conditioning of `voice` from `clip`, by default its best one.

    It comes from the cache where nothing that it depends on has changed.
    """
    clip = clip or best_clip(voice, engine_class(engine))
    key = conditioning_key(clip, engine, model, voice.preset)
    if cached := voice.conditionings.filter(engine=engine, model=model, key=key).first():
        return EngineConditioning(bytes(cached.payload), cached.similarity)
    made = host.condition(reference_of(clip, voice.language, voice.preset), beat)
    _remember(voice, engine, model, key, made, refined=False)
    return made


def pin(generation: Generation, voice: VoiceProfile, host: EngineProcess, beat) -> GenerationVoice:
    """Return `voice` as the engine speaks the whole of a generation with it: derived once, whatever changes meanwhile."""
    if pinned := generation.voices.filter(voice=voice).first():
        return pinned
    engine, model = generation.engine, generation.model
    clip = best_clip(voice, engine_class(engine))
    made = condition(voice, engine, model, host, beat, clip)
    measured = voice.conditionings.filter(engine=engine, model=model).values_list("loudness", flat=True).first()
    defaults = {"clip": clip, "payload": made.payload, "loudness": measured}
    return generation.voices.get_or_create(voice=voice, defaults=defaults)[0]


def remember_loudness(pinned: GenerationVoice, heard: VoiceMeter) -> None:
    """Keep how loud a voice was in a text, for the next one: the more it said there, the more that counts."""
    if (lufs := heard.measured()) is None:
        return
    share = min(heard.seconds / KNOWN_SECONDS, 1.0)
    engine, model = pinned.generation.engine, pinned.generation.model
    kept = Conditioning.objects.filter(voice=pinned.voice_id, engine=engine, model=model)
    loudness = Coalesce(F("loudness") * (1 - share) + lufs * share, lufs)

    def remember() -> None:
        kept.update(loudness=loudness)

    retry_on_database_error(remember)


def _remember(voice, engine, model, key, made: EngineConditioning, *, refined: bool) -> None:
    Conditioning.objects.update_or_create(
        voice=voice,
        engine=engine,
        model=model,
        defaults={"key": key, "payload": made.payload, "similarity": made.similarity, "refined": refined},
    )


def fit(fitting: Fitting, heartbeat: Heartbeat) -> None:
    """Fit the engine to a voice: one shot at once, so that it can speak, then a refinement that replaces it."""
    voice, clip, engine, model = fitting.voice, fitting.clip, fitting.engine, fitting.model
    try:
        heartbeat.flush(stage=_("Loading the model"))
        fitting_process.load(engine, model, heartbeat)
        heartbeat.flush(stage=_("Analysing the recording"))
        first = condition(voice, engine, model, fitting_process, heartbeat, clip)
        heartbeat.flush(state=State.GENERATING, progress=30, stage=_("Refining the voice"))
        on_progress = heartbeat.on_progress(30, 70)
        refined = fitting_process.refine(reference_of(clip, voice.language), first, on_progress, heartbeat)
        heartbeat.flush(state=State.PROCESSING, progress=90, stage=_("Saving the voice"))
    finally:
        fitting_process.end()  # fitting is rare: don't keep a second model in memory

    def keep() -> None:
        fitting.finish(State.COMPLETED)
        _remember(voice, engine, model, conditioning_key(clip, engine, model), refined, refined=True)

    retry_on_database_error(keep)
