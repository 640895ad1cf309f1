import numpy as np
import pytest
import soundfile

from synthesis.engines.base import Conditioning, EngineError, Reference, Rejected, Utterance
from synthesis.engines.kokoro import data as kokoro_data
from synthesis.engines.kokoro import engine as kokoro
from synthesis.engines.kokoro import phonemes
from synthesis.engines.kokoro.alphabet import IDS
from synthesis.engines.kokoro.engine import CHUNK_PHONEMES, RATE, _style_table
from tests import FIXTURES
from tests.listening import transcribe, word_errors
from voices.analysis import speaker_encoder
from voices.analysis.pitch import median_pitch
from voicesite.modelhost.protocol import Cancelled

pytestmark = pytest.mark.xdist_group("kokoro")  # the model is loaded once

GREETINGS = {
    "en-us": "Good morning.",
    "en-gb": "Good morning.",
    "es": "Buenos días.",
    "fr": "Bonjour.",
    "it": "Buongiorno.",
    "pt-br": "Bom dia.",
    "hi": "सुप्रभात।",
}


@pytest.fixture(scope="module")
def voice(kokoro):
    samples, rate = soundfile.read(FIXTURES / "spanish_ivr.wav", dtype="float32")
    return kokoro.condition(Reference(samples, rate))


def speak(engine, text, voice, language="en-us"):
    return list(engine.synthesize([Utterance(text, language, voice)], lambda progress: None))


def test_a_published_voice_is_spoken_with_as_it_is(kokoro):
    names, lengths, bases = kokoro_data.voices()
    emma = names.index("bf_emma")
    silence = np.zeros(RATE, np.float32)
    made = kokoro.condition(Reference(silence, RATE, preset="bf_emma"))
    assert np.array_equal(_style_table(made), lengths[emma] @ bases[emma])


@pytest.mark.real_models
def test_another_seed_is_another_take_and_the_same_one_the_same(kokoro, voice):
    def take(seed):
        utterance = Utterance("Good evening.", "en-us", voice, seed=seed)
        return np.concatenate([part.samples for part in kokoro.synthesize([utterance], lambda progress: None)])

    first, again, other = take(3), take(3), take(4)
    assert np.array_equal(first, again)
    assert len(first) != len(other), "it is not only noise that differs"
    assert speaker_encoder.similarity(speaker_encoder.embed(first, RATE), speaker_encoder.embed(other, RATE)) > 0.85


def test_an_unknown_model_is_a_permanent_error():
    with pytest.raises(EngineError, match="no model “kokoro-9”") as caught:
        kokoro.KokoroEngine().load("kokoro-9")
    assert caught.value.permanent


@pytest.mark.real_models
@pytest.mark.parametrize("language", kokoro.KokoroEngine.languages)
def test_a_voice_speaks_each_language(kokoro, voice, language):
    (audio,) = speak(kokoro, GREETINGS[language], voice, language)

    assert audio.sample_rate == RATE
    assert 0.5 < len(audio.samples) / RATE < 1.8
    assert np.sqrt(np.mean(audio.samples**2)) > 0.01
    assert np.abs(audio.samples).max() < 1


def test_what_it_says_is_understood_and_sounds_like_the_person(kokoro, recording):
    reference = recording("english_ivr")
    text = "The teacher asked the children to open their books."

    (audio,) = speak(kokoro, text, kokoro.condition(reference))

    wrong, said = word_errors(text, transcribe(audio.samples, RATE))
    assert wrong / said <= 0.05
    target = speaker_encoder.embed(reference.samples, reference.sample_rate)
    assert speaker_encoder.similarity(target, speaker_encoder.embed(audio.samples, RATE)) > 0.8
    own = median_pitch(reference.samples, reference.sample_rate)
    assert median_pitch(audio.samples, RATE) == pytest.approx(own, rel=0.15)


@pytest.mark.real_models
def test_a_long_text_comes_in_chunks_cut_between_words(kokoro, voice):
    text = "Nothing is as long as a list of words. " * 20
    whole = [IDS[symbol] for symbol in phonemes.read(text, "en-us")]

    chunks = kokoro._chunks(Utterance(text, "en-us", voice))

    assert len(chunks) > 1
    assert max(map(len, chunks)) <= CHUNK_PHONEMES
    assert chunks[0] == whole[: len(chunks[0])]
    assert whole[len(chunks[0]) - 1] == IDS["."]
    assert whole[len(chunks[0])] == IDS[" "]


@pytest.mark.real_models
def test_a_word_longer_than_a_chunk_is_cut(kokoro, voice):
    chunks = kokoro._chunks(Utterance("blah" * 300, "en-us", voice))

    assert len(chunks) > 1
    assert max(map(len, chunks)) <= CHUNK_PHONEMES


@pytest.mark.parametrize("text", ["", "   ", "…", "—"])
def test_a_text_without_words_is_a_permanent_error(kokoro, voice, text):
    with pytest.raises(EngineError, match="no words") as caught:
        speak(kokoro, text, voice)
    assert caught.value.permanent


def test_a_language_it_does_not_speak_is_a_permanent_error(kokoro, voice):
    with pytest.raises(EngineError, match="does not speak “xx”") as caught:
        speak(kokoro, "Hello", voice, "xx")
    assert caught.value.permanent


def test_a_silent_recording_is_a_permanent_error(kokoro):
    with pytest.raises(EngineError, match="silence") as caught:
        kokoro.condition(Reference(np.zeros(RATE, np.float32), RATE))
    assert caught.value.permanent


@pytest.mark.parametrize("payload", [b"", b"tone", b"\x00" * 64])
def test_a_conditioning_of_another_make_is_a_permanent_error(kokoro, payload):
    with pytest.raises(EngineError, match="Fit it again") as caught:
        speak(kokoro, "Hello there", Conditioning(payload))
    assert caught.value.permanent


@pytest.mark.real_models
def test_one_of_a_batch_that_cannot_be_said_is_rejected_and_the_others_go_on(kokoro, voice):
    batch = [Utterance("…", "en-us", voice), Utterance("Hello there.", "en-us", voice)]

    rejected, audio = kokoro.synthesize(batch, lambda progress: None)

    assert isinstance(rejected, Rejected)
    assert "no words" in rejected.reason
    assert (audio.index, audio.last) == (1, True)


@pytest.mark.parametrize(("threads", "most"), [("1", 1), ("2", 8), ("6", 24), ("64", 64)])
def test_a_batch_is_as_large_as_the_machine(threads, most, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert kokoro.batch_size() == most


@pytest.mark.real_models
class TestRefine:
    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch):
        monkeypatch.setattr(kokoro, "MAX_ROUNDS", 2)
        monkeypatch.setattr(kokoro, "REFINE_SECONDS", 600.0)  # so that a busy machine ends nothing early
        monkeypatch.setattr(kokoro, "PRACTICE_SENTENCES", ("Hello there.",))
        monkeypatch.setattr(kokoro, "EVALUATION_SENTENCES", ("We can try that.",))

    def test_keeps_the_first_voice_unless_another_is_better(self, kokoro, recording, monkeypatch):
        monkeypatch.setattr("synthesis.engines.kokoro.engine.MARGIN", 2.0)
        reference = recording("english_ivr")
        first = kokoro.condition(reference)

        refined = kokoro.refine(reference, first, lambda progress: None)

        assert refined.payload == first.payload
        assert 0.7 < refined.similarity <= 1

    def test_replaces_a_voice_that_is_someone_elses(self, kokoro, recording):
        reference = recording("english_austen_1")
        wrong = kokoro.condition(recording("english_ivr"))
        seen = []

        refined = kokoro.refine(reference, wrong, seen.append)

        assert refined.payload != wrong.payload
        assert refined.similarity > 0.6  # the two speakers: 0.5
        done = [progress.done for progress in seen]
        assert done == sorted(done)
        assert all(progress.done <= progress.expected and progress.stage for progress in seen)

    def test_can_be_cancelled(self, kokoro, recording):
        reference = recording("english_ivr")
        calls = 0

        def cancel_soon(progress):
            nonlocal calls
            calls += 1
            if calls == 4:
                raise Cancelled

        with pytest.raises(Cancelled):
            kokoro.refine(reference, kokoro.condition(reference), cancel_soon)
        assert calls == 4

    def test_ends_in_time_on_a_slow_machine(self, kokoro, recording, monkeypatch):
        monkeypatch.setattr("synthesis.engines.kokoro.engine.REFINE_SECONDS", 0.01)
        reference = recording("english_ivr")
        stages = []

        kokoro.refine(reference, kokoro.condition(reference), lambda progress: stages.append(progress.stage))

        assert len(set(stages)) <= 3  # one sentence of practice or two, one of comparison
