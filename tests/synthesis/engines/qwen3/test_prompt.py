"""What the Qwen3-TTS engines share: prompts as they are kept, how long a text takes, and what is no speech."""

import numpy as np
import pytest
import soundfile

from synthesis.engines.base import Conditioning, EngineError, Reference
from synthesis.engines.qwen3.duration import ceiling, expected_frames
from synthesis.engines.qwen3.guard import RunawayGuard, ends_abruptly, finish_tail
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, MLX_MODELS, TORCH_MODELS, language_name
from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, RATE, Prompt, pack, prepare_reference, unpack
from tests import FIXTURES
from voices.languages import LANGUAGES

TEXT = "The kettle is on, and the table is laid for four."
SAME_SOUND = "The model did not stop: it was saying the same sound over and over."


@pytest.fixture
def random():
    return np.random.default_rng(1)


def tone(seconds: float, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 150 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_each_language_has_a_full_name():
    assert set(LANGUAGE_NAMES) <= set(LANGUAGES)
    assert language_name("pt-br") == "portuguese"


@pytest.mark.parametrize("code", ["hi", "en", "english", "auto", ""])
def test_any_other_language_is_an_error_rather_than_a_guess(code):
    with pytest.raises(EngineError, match="does not speak .* It speaks: .*Russian") as caught:
        language_name(code)
    assert caught.value.permanent


@pytest.mark.parametrize("models", [TORCH_MODELS, MLX_MODELS])
def test_the_models_can_be_told_apart(models):
    assert models[0].title == "Qwen3-TTS 1.7B"
    assert len({model.name for model in models}) == len({model.title for model in models}) == len(models)
    assert all(model.download > 10**9 for model in models)


def test_a_prompt_is_kept_whole(random):
    speaker = random.standard_normal(2048).astype(np.float32)
    codes = random.integers(0, 2048, (90, 16))

    prompt = unpack(pack(speaker, codes, "Grüße, “you” 你好."))

    np.testing.assert_array_equal(prompt.speaker, speaker)
    np.testing.assert_array_equal(prompt.codes, codes)
    assert prompt.codes.dtype == np.int64
    assert prompt.transcript == "Grüße, “you” 你好."


def test_a_prompt_of_the_sound_alone_has_no_transcript():
    prompt = unpack(pack(np.ones(4), None, "Nobody needs this."))

    assert prompt.codes is None
    assert prompt.transcript == ""


def test_the_same_prompt_is_the_same_bytes():
    """Its hash is how a text knows that its segments have one voice."""
    codes = np.zeros((3, 16), int)

    assert len({pack(np.ones(4), codes, "Hello.").payload for _ in range(20)}) == 1


@pytest.mark.parametrize(
    "codes, transcript", [(np.zeros((3, 16)), ""), (np.zeros((16, 3)), "Yes."), (np.zeros(3), "Yes.")]
)
def test_half_a_prompt_is_none(codes, transcript):
    with pytest.raises(ValueError, match="Codes are"):
        pack(np.ones(4), codes, transcript)


def test_another_version_s_prompt_is_not_read():
    whole = pack(np.ones(4), None, "").payload
    for payload in (b"", b"tone", whole[:-1], whole.replace(b"qwen3-tts-12hz/1", b"qwen3-tts-12hz/0")):
        with pytest.raises(EngineError, match="Prepare it again") as caught:
            unpack(Conditioning(payload))
        assert caught.value.permanent


def test_a_reference_is_resampled_and_silence_follows():
    samples, rate = soundfile.read(FIXTURES / "english_austen_short.wav", dtype="float32")

    prepared = prepare_reference(Reference(samples, rate))

    assert prepared.dtype == np.float32
    assert len(prepared) == pytest.approx(len(samples) * RATE / rate + RATE / 2, abs=2)
    assert not prepared[-RATE // 2 :].any()
    assert np.abs(prepared).max() == pytest.approx(np.abs(samples).max(), rel=0.1)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.full(RATE, np.nan)])
def test_a_silent_reference_is_refused(samples):
    with pytest.raises(EngineError, match="only silence"):
        prepare_reference(Reference(samples.astype(np.float32), RATE))


SPOKEN = {  # seconds that the fixtures' speakers took
    "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.": 7.1,
    "Unless to be rather cold hearted and rather selfish is to be ill disposed.": 5.3,
    "He was not an ill disposed young man.": 3.0,
    "Congratulations. You have successfully installed and executed the Asterisk open source PBX.": 7.2,
    "Felicidades. Usted ha instalado y ejecutado exitosamente su PBX de código abierto Asterisk.": 9.4,
}


@pytest.mark.parametrize("text, seconds", SPOKEN.items())
def test_the_estimate_is_near_what_people_took(text, seconds):
    assert 0.6 < 0.08 * expected_frames(text, "en-us", Prompt(np.ones(4))) / seconds < 1.3


@pytest.mark.parametrize(
    "text, language, seconds",
    [
        ("今天天气很好，我们一起去公园散步吧。", "zh", 4),
        ("今日はとても天気がいいので、公園を散歩しましょう。", "ja", 4.5),
        ("오늘은 날씨가 아주 좋으니 함께 공원을 산책합시다.", "ko", 4.5),
        ("Сегодня прекрасная погода, давайте погуляем в парке.", "ru", 4),
    ],
)
def test_other_scripts_say_more_with_a_character(text, language, seconds):
    assert 0.7 < 0.08 * expected_frames(text, language, Prompt(np.ones(4))) / seconds < 1.4


def test_a_slow_speaker_takes_longer_and_what_was_said_before_counts_most():
    slow, quick = (Prompt(np.ones(4), np.zeros((frames, 16), int), TEXT) for frames in (80, 40))

    assert expected_frames(TEXT, "en-us", slow) > 1.5 * expected_frames(TEXT, "en-us", quick)
    assert expected_frames(TEXT, "en-us", slow, expected_seconds=4.0) == 50


def test_a_transcript_that_does_not_fit_misleads_the_estimate_little():
    absurd = Prompt(np.ones(4), np.zeros((10, 16), int), TEXT * 20)

    assert expected_frames(TEXT, "en-us", absurd) > 0.5 * expected_frames(TEXT, "en-us", Prompt(np.ones(4)))


def test_no_words_at_all_are_still_something():
    assert expected_frames("", "en-us", Prompt(np.ones(4))) >= 1


def first_stop(guard: RunawayGuard, frames, end_probability=None) -> tuple[int, str] | None:
    for place, codes in enumerate(frames):
        if reason := guard.frame(codes, end_probability):
            return place, reason
    return None


def loop(random, period: int, count: int, varied: float = 0.0) -> np.ndarray:
    """(count, 16) codes that repeat, but for a share of the codes other than the first."""
    codes = np.tile(random.integers(0, 2048, (period, 16)), (count // period + 1, 1))[:count]
    change = random.random(codes.shape) < varied
    change[:, 0] = False
    return np.where(change, random.integers(0, 2048, codes.shape), codes)


@pytest.mark.parametrize("period", [1, 3, 12, 25])
def test_an_exact_loop_is_certain_within_a_second_of_what_was_to_be_said(random, period):
    speech = random.integers(0, 2048, (50, 16))

    place, reason = first_stop(RunawayGuard(TEXT, 50), np.concatenate([speech, loop(random, period, 200)]), 1e-5)

    assert reason == SAME_SOUND
    assert place - 50 - period < 12


@pytest.mark.parametrize("period", [1, 3, 12])
def test_a_blurred_loop_is_certain_within_two(random, period):
    speech = random.integers(0, 2048, (50, 16))

    place, reason = first_stop(RunawayGuard(TEXT, 50), np.concatenate([speech, loop(random, period, 200, 0.7)]), 1e-5)

    assert reason == SAME_SOUND
    assert place - 50 - period < 25


def test_the_first_code_alone_is_enough(random):
    speech = random.integers(0, 2048, (50, 1))

    place, reason = first_stop(RunawayGuard(TEXT, 50), [*speech, *np.full((200, 1), 7)])

    assert reason == SAME_SOUND
    assert 50 + 20 < place < 50 + 26


def test_a_loop_in_mid_sentence_is_stopped_too_but_later(random):
    place, reason = first_stop(RunawayGuard(TEXT, 200), loop(random, 2, 200, 0.7))

    assert reason == SAME_SOUND
    assert 45 < place < 60


@pytest.mark.parametrize("chance", [0, 0.05])
def test_speech_is_no_loop(random, chance):
    """A quarter of real frames repeat the sound before, and pauses and vowels do for up to a second and a half."""
    sounds = random.integers(0, 2048, 40)
    frames = []
    while len(frames) < 400:
        held = 18 if random.random() < chance else int(random.integers(1, 4))
        codes = random.integers(0, 2048, (held, 16))
        codes[:, 0] = random.choice(sounds)
        frames += [*codes]

    assert first_stop(RunawayGuard(TEXT, 300), frames[:400], 1e-5) is None


def test_a_long_pause_before_the_end_is_no_loop(random):
    """Two seconds of the same silence, when the text should have ended but the end is in reach."""
    frames = np.concatenate([random.integers(0, 2048, (60, 16)), loop(random, 1, 23, 0.7)])

    assert first_stop(RunawayGuard(TEXT, 60), frames, 1e-5) is None
    assert first_stop(RunawayGuard(TEXT, 60), np.concatenate([frames, loop(random, 1, 15, 0.7)]), 0.05) is None


def test_a_text_that_repeats_itself_may_be_said(random):
    frames = loop(random, 4, 40, 0.7)

    assert first_stop(RunawayGuard("No, no, no, no, no, no!", 20), frames) is None
    assert first_stop(RunawayGuard("Nooooooo!", 20), frames) is None
    assert first_stop(RunawayGuard("No, thank you!", 20), frames) is not None


def test_what_never_ends_meets_the_ceiling(random):
    place, reason = first_stop(RunawayGuard(TEXT, 50), random.integers(0, 2048, (1000, 16)))

    assert place + 1 == ceiling(50) == 162
    assert reason == "The model did not stop: it spoke for 13 s, where this text takes about 4 s."


def test_speech_as_long_as_expected_is_well():
    assert RunawayGuard(TEXT, 50).finish(tone(4.0)) is None
    assert RunawayGuard(TEXT, 50).finish(tone(2.0, level=0.02)) is None
    assert RunawayGuard("Oh!", 7).finish(tone(0.3)) is None
    assert RunawayGuard("Oh!", 7).finish(tone(0.2)) is not None


@pytest.mark.parametrize(
    "samples, reason",
    [
        (np.zeros(0, np.float32), "The model made no sound."),
        (np.full(9600, np.nan, np.float32), "The model made a broken sound."),
        (np.zeros(RATE, np.float32), "The model made only silence."),
        (tone(4.0, level=1e-4), "The model made only silence."),
        (tone(0.4), "The model stopped too early: it spoke for 0.4 s, where this text takes about 4.0 s."),
        (
            np.concatenate([tone(0.4), np.zeros(4 * RATE, np.float32)]),
            "The model stopped too early: it spoke for 0.4 s, where this text takes about 4.0 s.",
        ),
    ],
)
def test_what_is_no_speech_is_rejected_with_the_reason(samples, reason):
    assert RunawayGuard(TEXT, 50).finish(samples) == reason


def test_the_end_neither_clicks_nor_trails_off():
    silence = np.zeros(2 * RATE, np.float32)

    ended = finish_tail(np.concatenate([tone(1.0), silence]))

    assert len(ended) == pytest.approx(1.3 * RATE, abs=RATE * 0.011)
    np.testing.assert_array_equal(ended[:RATE], tone(1.0))
    assert ended[-1] == 0


def test_a_syllable_that_was_cut_off_is_known_and_faded():
    cut = tone(1.0)
    died_away = np.concatenate([cut[: -RATE // 10], cut[-RATE // 10 :] * np.geomspace(1, 0.01, RATE // 10)])

    assert ends_abruptly(cut)
    assert not ends_abruptly(died_away)
    faded = finish_tail(cut)
    assert len(faded) == len(cut)
    assert faded[-1] == 0
    assert np.abs(np.diff(faded[-FRAME_SAMPLES:])).max() <= np.abs(np.diff(cut)).max() * 1.1


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), tone(0.003), np.zeros(RATE, np.float32)])
def test_an_end_without_sound_is_no_error(samples):
    assert len(finish_tail(samples)) <= len(samples)
    assert not ends_abruptly(finish_tail(samples))
