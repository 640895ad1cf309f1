"""The two libraries share no environment, so each is held to the same numbers."""

import zlib

import numpy as np

from synthesis.engines.qwen3.prompt import unpack
from tests.checkpoints import RECORDING_CODES, RECORDING_SPEAKER


def test_a_recording_becomes_the_same_codes_and_speaker_in_each_engine(engine, recording):
    prompt = unpack(engine.condition(recording(transcript="What is said in it")))

    assert zlib.crc32(prompt.codes.astype(np.int16).tobytes()) == RECORDING_CODES
    np.testing.assert_allclose(prompt.speaker[: len(RECORDING_SPEAKER)], RECORDING_SPEAKER, atol=0.03)
