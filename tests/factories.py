"""Rows as tests want them, with real files behind them."""

import io
import uuid
from datetime import timedelta
from functools import cache

import factory
import numpy as np
import soundfile
from django.core.files.base import ContentFile
from django.utils import timezone

from synthesis.models import Download, Fitting, Generation, Segment, SegmentTake
from synthesis.pronunciations.models import PronunciationEntry
from voices.models import CONSENT_WORDING, Clip, Recording, VoiceProfile
from voicesite.jobs.job import State
from voicesite.models import User

PASSWORD = "a long enough one"


@cache  # most rows have files, nearly all of the same few tones
def wav(seconds: float = 0.5, rate: int = 24_000, form: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    wave = 0.2 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(buffer, wave, rate, format=form, subtype="PCM_16")
    return buffer.getvalue()


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password(PASSWORD)


class RecordingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Recording

    owner = factory.SubFactory(UserFactory)
    original_name = "morning.wav"
    original = factory.LazyFunction(lambda: ContentFile(wav(), "original.wav"))
    audio = factory.LazyFunction(lambda: ContentFile(wav(form="FLAC"), "recording.flac"))
    seconds = 0.5
    peaks = [10, 60, 100, 40]


class ClipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Clip

    owner = factory.SubFactory(UserFactory)
    recording = factory.SubFactory(RecordingFactory, owner=factory.SelfAttribute("..owner"))
    start, end = 0.0, 0.5
    audio = factory.LazyFunction(lambda: ContentFile(wav(), "reference.wav"))
    sha256 = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    seconds, speech_seconds, snr_db, clipping, loudness = 0.5, 0.5, 30.0, 0.0, -23.0
    peaks = [10, 60, 100, 40]
    advice = [["good", "0.5 s of clear speech.", ""]]
    face = [128, 100, 60, 200, 30, 90]
    language = "en-us"


class VoiceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VoiceProfile
        skip_postgeneration_save = True

    class Params:
        builtin = factory.Trait(
            owner=None,
            preset=factory.Sequence(lambda n: f"preset_{n}"),
            visibility="shared",
            consent_wording="Nobody was cloned.",
        )

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Voice {n}")
    language = "en-us"
    clip = factory.SubFactory(
        ClipFactory, owner=factory.SelfAttribute("..owner"), language=factory.SelfAttribute("..language")
    )
    consent_wording = CONSENT_WORDING
    consent_by = factory.SelfAttribute("owner")

    @factory.post_generation
    def _clip_is_theirs(voice, create, extracted, **kwargs):
        if create:
            voice.clip.voice = voice
            voice.clip.save(update_fields=["voice"])


class GenerationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Generation

    class Params:
        running = factory.Trait(
            state=State.GENERATING,
            progress=50,
            attempts=1,
            claim_token=factory.LazyFunction(uuid.uuid4),
            lease_expires_at=factory.LazyFunction(lambda: timezone.now() + timedelta(seconds=10)),
            started_at=factory.LazyFunction(timezone.now),
            worker="elsewhere:1",
        )
        abandoned = factory.Trait(
            running=True, lease_expires_at=factory.LazyFunction(lambda: timezone.now() - timedelta(seconds=1))
        )
        completed = factory.Trait(
            state=State.COMPLETED,
            progress=100,
            audio=factory.LazyFunction(lambda: ContentFile(wav(), "speech.wav")),
            seconds=0.5,
            peaks=[10, 60, 100, 40],
            started_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
        )
        failed = factory.Trait(
            state=State.FAILED, error="The engine failed.", attempts=3, finished_at=factory.LazyFunction(timezone.now)
        )
        cancelled = factory.Trait(
            state=State.CANCELLED, cancel_requested=True, finished_at=factory.LazyFunction(timezone.now)
        )

    owner = factory.SubFactory(UserFactory)
    voice = factory.SubFactory(VoiceFactory, owner=factory.SelfAttribute("..owner"))
    voice_name = factory.SelfAttribute("voice.name")
    title = "Good morning"
    text = "Good morning to all of you."
    language = "en-us"
    engine, model = "fake", "tone"
    seed = 7


def spoke(characters=1000, seconds=100.0, ago=3600.0, **fields):
    """A generation that was spoken: 0.1 s of compute, and 0.05 s of speech, a character."""
    end = timezone.now() - timedelta(seconds=ago)
    defaults = {
        "text": "x" * characters,
        "seconds": characters * 0.05,
        "attempts": 1,
        "worker": "one",
        "audio": "speech.wav",
        "started_at": end - timedelta(seconds=seconds),
        "engine_started_at": end - timedelta(seconds=seconds),
        "engine_finished_at": end,
        "finished_at": end,
    }
    return GenerationFactory(completed=True, **defaults | fields)


class SegmentFactory(factory.django.DjangoModelFactory):
    """A sentence of a generation. `take=True`, or `take__seconds=1.5` and the like, gives it a take that is heard."""

    class Meta:
        model = Segment
        skip_postgeneration_save = True

    generation = factory.SubFactory(GenerationFactory)
    index = factory.LazyAttribute(lambda segment: segment.generation.segments.in_text().count())
    text = "Good morning to all of you."
    spoken = factory.SelfAttribute("text")
    voice = factory.SelfAttribute("generation.voice")
    pause = 0.2

    @factory.post_generation
    def take(segment, create, extracted, **fields):
        if create and (extracted or fields):
            segment.take = SegmentTakeFactory(segment=segment, **fields)
            segment.state = Segment.State.COMPLETED
            segment.save(update_fields=["take", "state"])


class SegmentTakeFactory(factory.django.DjangoModelFactory):
    """A take of a segment, with a real file: `sound` is that, or else a tone of `seconds`."""

    class Meta:
        model = SegmentTake

    class Params:
        sound = factory.LazyAttribute(lambda take: wav(take.seconds, form="FLAC"))

    segment = factory.SubFactory(SegmentFactory)
    number = factory.LazyAttribute(lambda take: take.segment.takes.count() + 1)
    text = factory.SelfAttribute("segment.text")
    spoken = factory.SelfAttribute("segment.spoken")
    voice = factory.SelfAttribute("segment.voice")
    voice_key = "0" * 64
    seed = 7
    audio = factory.LazyAttribute(lambda take: ContentFile(take.sound, "take.flac"))
    seconds = 0.5
    bytes = factory.LazyAttribute(lambda take: len(take.sound))


class PronunciationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PronunciationEntry

    class Params:
        of_site = factory.Trait(owner=None)

    owner = factory.SubFactory(UserFactory)
    word = factory.Sequence(lambda n: f"Word{n}")
    said = "nye-kee"


class FittingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Fitting

    voice = factory.SubFactory(VoiceFactory)
    clip = factory.SelfAttribute("voice.clip")
    engine, model = "fake", "tone"


class DownloadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Download

    class Params:
        running = factory.Trait(
            state=State.GENERATING,
            attempts=1,
            claim_token=factory.LazyFunction(uuid.uuid4),
            lease_expires_at=factory.LazyFunction(lambda: timezone.now() + timedelta(seconds=10)),
            worker="elsewhere:1",
        )
        completed = factory.Trait(state=State.COMPLETED, progress=100, finished_at=factory.LazyFunction(timezone.now))

    engine, model = "fake", "Example/Tiny-TTS"
