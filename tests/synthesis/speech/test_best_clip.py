"""Which of a voice's clips an engine copies it from."""

import pytest

from synthesis.engines import engine_class
from synthesis.speech.conditioning import best_clip
from tests.factories import ClipFactory, VoiceFactory
from voices.models import Clip, VoiceProfile

pytestmark = pytest.mark.django_db

TRANSCRIPT = "Good day to all of you."
FAKE_ENGINE, KOKORO_ENGINE = engine_class("fake"), engine_class("kokoro")


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, clip__seconds=8.0, clip__speech_seconds=2.0)


def other(voice, **changes):
    return ClipFactory(owner=voice.owner, voice=voice, **({"seconds": 8.0, "speech_seconds": 2.0} | changes))


def test_of_one_it_is_that_one(voice):
    assert best_clip(voice, FAKE_ENGINE) == voice.clip


@pytest.mark.parametrize(
    ("main", "better"),
    [
        ({"grade": Clip.Grade.EXCELLENT}, {"transcript": TRANSCRIPT, "grade": Clip.Grade.POOR}),
        ({"transcript": TRANSCRIPT * 30}, {"transcript": TRANSCRIPT}),  # one that can't be what is said is not used
        ({"language": "de", "grade": Clip.Grade.EXCELLENT}, {"grade": Clip.Grade.POOR}),
        ({"seconds": 2.0, "grade": Clip.Grade.EXCELLENT}, {"grade": Clip.Grade.POOR}),
        ({"seconds": 40.0, "grade": Clip.Grade.GOOD}, {"grade": Clip.Grade.FAIR}),
        ({"grade": Clip.Grade.FAIR}, {"grade": Clip.Grade.GOOD}),
        ({"grade": None}, {"grade": Clip.Grade.POOR}),
    ],
)
def test_what_makes_another_better(voice, main, better):
    Clip.objects.filter(pk=voice.clip_id).update(**main)
    its = other(voice, **better)
    assert best_clip(voice, FAKE_ENGINE) == its


@pytest.mark.parametrize("changes", [{}, {"language": "en-gb"}, {"language": ""}])
def test_of_equals_it_is_the_one_that_is_shown(voice, changes):
    shown = voice.clip
    Clip.objects.filter(pk=shown.pk).update(**changes)
    newer = other(voice)
    assert best_clip(voice, FAKE_ENGINE) == shown
    VoiceProfile.objects.filter(pk=voice.pk).update(clip=newer)
    Clip.objects.filter(pk=newer.pk).update(**changes)
    voice.refresh_from_db()
    assert best_clip(voice, FAKE_ENGINE) == newer


def test_an_engine_that_reads_no_transcript_asks_for_none_and_likes_its_own_length(voice):
    other(voice, transcript=TRANSCRIPT, seconds=4.0)
    assert best_clip(voice, KOKORO_ENGINE) == voice.clip
    assert best_clip(voice, FAKE_ENGINE) != voice.clip
