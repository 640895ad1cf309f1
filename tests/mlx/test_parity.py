"""What the engine says is what mlx-audio's own `generate` says for the same seed, on the same weights.

The codes are equal, and so is the sound, bit for bit: the same operations in the same order, and the same random
numbers; also in a batch, with the processor's arithmetic (a GPU may add in another order there). One difference is on
purpose. mlx-audio counts the frames whose first code is not 0, and cuts off as many from the end as there are others:
where that code was meant, the last syllable is lost. Here the end is where the end token is.
"""

import numpy as np
import pytest

from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, prepare_reference, unpack

from .conftest import TRANSCRIPT

FRAMES = 20  # where the model would go on
TEXTS = ("The kettle is on.", "Yes.", "Nobody could remember who had left the light on.")
SEEDS = (7, 8, 9)


def upstream_says(engine, recording, text, transcript, seed, temperature=None):
    """mlx-audio's sound, from the global random numbers."""
    import mlx.core as mx

    mx.random.seed(seed)
    samples = mx.array(prepare_reference(recording))
    results = engine.model.generate(
        text=text,
        ref_audio=samples,
        ref_text=transcript,
        lang_code="english",
        max_tokens=FRAMES,
        temperature=temperature,
    )
    try:
        return np.concatenate([np.array(result.audio) for result in results])
    finally:
        engine.model._icl_cache.clear()


def we_say(engine, prompts, texts, seeds, temperature=None):
    """The codes (frames, 16) and the sound of each."""
    from synthesis.engines.qwen3.mlx.codec import SpeechDecoder
    from synthesis.engines.qwen3.mlx.frame_loop import FrameLoop, embed_prompt

    loop = FrameLoop(
        engine.model,
        [embed_prompt(engine.model, text, "english", prompt) for text, prompt in zip(texts, prompts, strict=True)],
        [prompt.codes is not None for prompt in prompts],
        seeds,
        temperature,
    )
    codes = [[] for _ in texts]
    while loop.rows and loop.frames < FRAMES:
        for written in loop.step():
            if written.codes is not None:
                codes[written.row].append(written.codes)
    heard = {id(prompt): SpeechDecoder(engine.model, prompt.codes) for prompt in prompts}
    return [(np.stack(row), heard[id(prompt)].fork().decode(row)) for row, prompt in zip(codes, prompts, strict=True)]


def as_upstream_cuts(prompt, codes, sound):
    """The part of our sound that mlx-audio keeps, and how many samples it begins earlier, within the recording."""
    before = np.empty((0, 16)) if prompt.codes is None else prompt.codes
    frames = len(before) + len(codes)
    kept = int((np.concatenate([before, codes])[:, 0] > 0).sum()) * FRAME_SAMPLES
    earlier = len(before) * FRAME_SAMPLES - int(len(before) / frames * kept)
    return sound[: kept - len(before) * FRAME_SAMPLES], earlier


@pytest.mark.parametrize("temperature", [0, None], ids=["greedy", "sampled"])
@pytest.mark.parametrize("transcript", [TRANSCRIPT, None], ids=["recording", "timbre"])
def test_alone_and_in_a_batch_it_says_what_upstream_says(engine, recording, voice, timbre, transcript, temperature):
    prompt = unpack(voice if transcript else timbre)
    batch = we_say(engine, [prompt] * 3, TEXTS, SEEDS, temperature)

    for text, seed, (codes, sound) in zip(TEXTS, SEEDS, batch, strict=True):
        ((alone_codes, alone),) = we_say(engine, [prompt], [text], [seed], temperature)
        theirs = upstream_says(engine, recording(), text, transcript, seed, temperature)

        np.testing.assert_array_equal(alone_codes, codes)
        np.testing.assert_array_equal(alone, sound)
        ours, earlier = as_upstream_cuts(prompt, codes, sound)
        assert len(ours) > 0
        np.testing.assert_array_equal(theirs[earlier:], ours)


def test_voices_with_and_without_a_recording_share_a_batch(engine, voice, timbre):
    prompts = [unpack(each) for each in (voice, timbre, voice)]
    batch = we_say(engine, prompts, TEXTS, SEEDS)

    for prompt, text, seed, (codes, _) in zip(prompts, TEXTS, SEEDS, batch, strict=True):
        ((alone, _),) = we_say(engine, [prompt], [text], [seed])
        np.testing.assert_array_equal(codes, alone)


@pytest.mark.parametrize("transcript", [TRANSCRIPT, ""], ids=["recording", "timbre"])
def test_in_bfloat16_too(half_engine, recording, transcript):
    reference = recording(transcript=transcript)
    prompt = unpack(half_engine.condition(reference))
    batch = we_say(half_engine, [prompt] * 2, TEXTS[:2], SEEDS[:2])

    for text, seed, (codes, sound) in zip(TEXTS, SEEDS, batch, strict=False):
        ((alone_codes, alone),) = we_say(half_engine, [prompt], [text], [seed])
        theirs = upstream_says(half_engine, reference, text, transcript or None, seed)

        assert half_engine.runs_on == "CPU, bfloat16"
        np.testing.assert_array_equal(alone_codes, codes)
        np.testing.assert_array_equal(alone, sound)
        ours, earlier = as_upstream_cuts(prompt, codes, sound)
        np.testing.assert_array_equal(theirs[earlier:], ours)


def test_the_speaker_and_the_codes_are_upstreams(engine, recording, voice):
    import mlx.core as mx

    samples = mx.array(prepare_reference(recording()))
    prompt = unpack(voice)

    np.testing.assert_array_equal(
        prompt.codes, np.array(engine.model.speech_tokenizer.encode(samples[None, None]))[0].T
    )
    np.testing.assert_array_equal(prompt.speaker, np.array(engine.model.extract_speaker_embedding(samples))[0])


def test_the_sound_is_the_same_however_the_codes_are_cut_into_pieces(engine):
    """Also past the 300 frames that upstream decodes in one go."""
    import mlx.core as mx

    from synthesis.engines.qwen3.mlx.codec import SpeechDecoder

    codes = np.random.default_rng(0).integers(0, 64, (340, 16))
    whole = np.array(engine.model.speech_tokenizer.decoder.chunked_decode(mx.array(codes.T)[None]))[0, 0]

    decoder = SpeechDecoder(engine.model, codes[:33])
    other = decoder.fork()
    other.decode(codes[:50])  # another utterance in that voice, meanwhile
    pieces = [decoder.decode(codes[start:end]) for start, end in ((33, 34), (34, 299), (299, 320), (320, 340))]

    np.testing.assert_allclose(np.concatenate(pieces), whole[33 * 1920 :], atol=1e-6)


def test_pieces_join_in_a_decoder_with_all_kinds_of_layers():
    """The tiny checkpoint has none of the blocks that overlap what they add; the published ones have four."""
    from types import SimpleNamespace

    import mlx.core as mx
    from mlx.utils import tree_map
    from mlx_audio.tts.models.qwen3_tts.config import Qwen3TTSTokenizerDecoderConfig
    from mlx_audio.tts.models.qwen3_tts.speech_tokenizer import Qwen3TTSSpeechTokenizerDecoder

    from synthesis.engines.qwen3.mlx.codec import SpeechDecoder

    sizes = {"codebook_dim": 16, "latent_dim": 8, "hidden_size": 16, "intermediate_size": 32, "head_dim": 8}
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "decoder_dim": 16}
    upsampling = {"upsample_rates": [4, 3], "upsampling_ratios": [2, 2], "codebook_size": 64}
    upstream = Qwen3TTSSpeechTokenizerDecoder(Qwen3TTSTokenizerDecoderConfig(**sizes, **layers, **upsampling))
    mx.random.seed(0)
    upstream.update(tree_map(lambda part: 0.1 * mx.random.normal(part.shape), upstream.parameters()))
    model = SimpleNamespace(speech_tokenizer=SimpleNamespace(decoder=upstream))
    codes = np.random.default_rng(0).integers(0, 64, (60, 16))

    whole = np.array(upstream.chunked_decode(mx.array(codes.T)[None]))[0, 0]
    decoder = SpeechDecoder(model, codes[:20])
    pieces = [decoder.decode(codes[start:end]) for start, end in ((20, 21), (21, 28), (28, 60))]

    sound = np.concatenate(pieces)
    assert 0.1 < np.abs(whole).max() < 1  # nothing is clipped
    np.testing.assert_allclose(sound, whole[-len(sound) :], atol=1e-5)
    assert len(sound) == 40 * 48


def test_random_numbers_are_those_of_mlx(engine):
    """One draw is `categorical` for one row, whose key is what `seed` begins."""
    import mlx.core as mx

    from synthesis.engines.qwen3.mlx.frame_loop import _draws

    mx.random.seed(3)
    expected = [mx.random.uniform().item() for _ in range(32)]
    keys = mx.stack([mx.random.key(2), mx.random.key(3)])
    keys, first = _draws(keys)
    _, second = _draws(keys)

    assert [*first[1].tolist(), *second[1].tolist()] == expected
