"""What the engine says is what upstream's own `generate_voice_clone` says for the same seed, on the same weights.

The codes are equal, bit for bit: the same operations in the same order, and the same random numbers. The sound is equal
within 1e-5 of full scale, as chunks make convolutions add in another order. In a batch, matrix products add in another
order too, so that scores differ in their last bits; in float32 that changes a code once in many thousands of draws, and
none of those here.
"""

import numpy as np
import pytest

from synthesis.engines.base import Audio, Utterance
from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, unpack
from synthesis.engines.qwen3.utterance import UtteranceStream

from .conftest import GREEDY_SAMPLING

TOLERANCE = 1e-5  # of full scale
FRAMES = 40  # where the model would go on


def streams_of(utterances):
    return [
        UtteranceStream(index, utterance, unpack(utterance.conditioning)) for index, utterance in enumerate(utterances)
    ]


def upstream_says(engine, utterances, **options):
    """Upstream's codes (frames, 16) and sound for each, from the global random numbers."""
    import torch

    from synthesis.engines.qwen3.pytorch.engine import _prompt_item

    streams = streams_of(utterances)
    codes = []
    generate = engine.tts.model.generate

    def spy(**arguments):
        result = generate(**arguments)
        codes.extend(row.numpy() for row in result[0])
        return result

    engine.tts.model.generate = spy
    try:
        torch.manual_seed(utterances[0].seed)
        sounds, rate = engine.tts.generate_voice_clone(
            text=[stream.text for stream in streams],
            language=[stream.language for stream in streams],
            voice_clone_prompt=[_prompt_item(stream.prompt) for stream in streams],
            max_new_tokens=FRAMES + 1,  # the last one is written, but never becomes a frame
            **options,
        )
    finally:
        del engine.tts.model.generate
    assert rate == 24_000
    return codes, sounds


def ours(engine, utterances):
    """The loop's codes (frames, 16) for each."""
    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    streams = streams_of(utterances)
    loop = FrameLoop(engine.tts.model.talker, engine._prompts(streams), [stream.seed for stream in streams])
    list(loop.prefill())
    codes = [[] for _ in streams]
    while loop.rows and loop.frames < FRAMES:
        for step in loop.step():
            if step.codes is not None:
                codes[step.row].append(step.codes)
    return [np.stack(row) for row in codes]


def same(left, right):
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(3))
def test_sampled_codes_alone(engine, batch, seed):
    for utterance in batch:
        utterance = Utterance(utterance.text, utterance.language, utterance.conditioning, seed=seed)
        same(ours(engine, [utterance]), upstream_says(engine, [utterance])[0])


@pytest.mark.parametrize(
    "options",
    [
        {"top_k": 5, "temperature": 0.5, "repetition_penalty": 1.5},
        {"top_p": 0.7, "subtalker_top_p": 0.8, "subtalker_temperature": 1.0},
        {"top_k": 0, "subtalker_top_k": 3, "temperature": 1.3},
        {"do_sample": False},
        {"subtalker_dosample": False},
    ],
    ids=str,
)
def test_each_setting_of_the_sampling_means_the_same(engine, batch, options):
    engine.sampling = options

    same(ours(engine, batch[:1]), upstream_says(engine, batch[:1], **options)[0])


def test_greedy_codes_alone_and_in_a_batch(greedy, batch):
    together = ours(greedy, batch)

    same(together, upstream_says(greedy, batch, **GREEDY_SAMPLING)[0])
    for utterance, codes in zip(batch, together, strict=True):
        same([codes], upstream_says(greedy, [utterance], **GREEDY_SAMPLING)[0])


def test_sampled_codes_do_not_depend_on_what_shares_the_batch(engine, batch):
    together = ours(engine, batch)

    for utterance, codes in zip(batch, together, strict=True):
        same([codes], ours(engine, [utterance]))
    same(ours(engine, batch[::-1])[::-1], together)


def test_keys_and_values_that_outgrow_their_place_move_whole(engine, batch, monkeypatch):
    from synthesis.engines.qwen3.pytorch import frame_loop

    at_once = ours(engine, batch)
    monkeypatch.setattr(frame_loop, "CACHE_GROWTH_POSITIONS", 3)
    same(ours(engine, batch), at_once)


def test_a_long_prompt_is_heard_in_blocks_to_the_same_effect(engine, batch, monkeypatch):
    from synthesis.engines.qwen3.pytorch import frame_loop

    at_once = ours(engine, batch)
    monkeypatch.setattr(frame_loop, "PREFILL_POSITIONS", 7)
    same(ours(engine, batch), at_once)


def test_the_sound(engine, batch):
    compared = 0
    for seed in range(10):
        utterance = Utterance(batch[0].text, "en-us", batch[0].conditioning, seed=seed, expected_seconds=1.0)
        codes, (sound,) = upstream_says(engine, [utterance])
        items = list(engine.synthesize([utterance], lambda progress: None))
        if len(codes[0]) == FRAMES or not isinstance(items[-1], Audio):
            continue  # upstream's was cut off, or ours rejected as too short
        heard = np.concatenate([item.samples for item in items])
        whole = len(codes[0]) * FRAME_SAMPLES
        assert len(sound) in (whole, whole + 1)  # upstream cuts the reference off by a quotient that is not exact
        sound = sound[-whole:]
        plain = len(heard) - 0.04 * 24_000  # the end is faded
        np.testing.assert_allclose(heard[: int(plain)], sound[: int(plain)], atol=TOLERANCE)
        compared += 1
    assert compared > 2


@pytest.mark.parametrize("sizes", [[1] * 45, [8, 16, 32], [44, 1], [3, 40, 2]], ids=str)
@pytest.mark.parametrize("reference", [0, 1, 2, 60])
def test_the_sound_of_chunks_is_that_of_the_whole(engine, sizes, reference):
    from synthesis.engines.qwen3.pytorch.codec import SpeechDecoder, reach

    decoder = engine.tts.model.speech_tokenizer.model.decoder
    assert 1 <= reach(decoder) < 8
    random = np.random.default_rng(reference)
    codes = random.integers(0, 64, (reference + sum(sizes), 16))
    ((whole,),) = whole_decode(decoder, codes)

    speech = SpeechDecoder(decoder, codes[:reference] if reference else None)
    chunks = np.split(codes[reference:], np.cumsum(sizes)[:-1])
    sound = np.concatenate([speech.decode(chunk) for chunk in chunks])

    np.testing.assert_allclose(sound, whole[reference * FRAME_SAMPLES :], atol=TOLERANCE)


def whole_decode(decoder, codes):
    import torch

    with torch.inference_mode():
        return decoder(torch.from_numpy(codes).T[None]).numpy()


@pytest.fixture(scope="module")
def published_strides(loaded):
    """A decoder whose convolutions have the kernels and strides of the published one; only its widths are small."""
    import torch
    from qwen_tts.core.tokenizer_12hz import modeling_qwen3_tts_tokenizer_v2 as upstream

    torch.manual_seed(0)
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8}
    config = upstream.Qwen3TTSTokenizerV2DecoderConfig(
        codebook_size=64, codebook_dim=32, latent_dim=16, hidden_size=16, intermediate_size=32, num_hidden_layers=3,
        decoder_dim=64, layer_scale_initial_scale=0.5, **heads,
    )  # fmt: skip
    decoder = upstream.Qwen3TTSTokenizerV2Decoder(config).eval()
    for name, parameter in decoder.named_parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=1.0 if name.endswith("embedding_sum") else 0.1)
        elif name.endswith("gamma"):
            torch.nn.init.constant_(parameter, 0.5)
    return decoder


def test_the_convolutions_reach_back_ten_frames_and_no_fewer(published_strides):
    from synthesis.engines.qwen3.pytorch.codec import SpeechDecoder, reach

    assert reach(published_strides) == 10
    codes = np.random.default_rng(0).integers(0, 64, (100, 16))
    ((whole,),) = whole_decode(published_strides, codes)
    assert np.abs(whole).max() < 1  # not clipped, so that differences show
    differences = []
    for frames in (10, 9):
        speech = SpeechDecoder(published_strides)
        speech.reach = frames
        sound = np.concatenate([speech.decode(chunk) for chunk in np.split(codes, [40, 48, 49, 90])])
        differences.append(np.abs(sound - whole).max() / np.abs(whole).max())
    assert differences[0] < TOLERANCE
    assert differences[1] > 20 * differences[0]
