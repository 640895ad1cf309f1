"""The provenance metadata of downloaded speech."""

import io
from datetime import UTC, datetime

import av
import numpy as np
import soundfile
from django.core.files.storage import default_storage

from synthesis.speech.files import store_wav
from voicesite.web.audio_metadata import tags

MADE_AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
WAVE = 0.1 * np.sin(np.arange(2400) / 10).astype(np.float32)


def test_a_file_says_that_it_is_ai_generated_and_where_and_when(settings):
    settings.SITE_NAME = "voices.example.org"
    name = store_wav("generations/x/y.wav", WAVE, 24_000, metadata=tags("नमस्ते “all”", "Zoë", MADE_AT))
    with default_storage.open(name) as file, av.open(io.BytesIO(file.read())) as read:
        found, stream = read.metadata, read.streams.audio[0]
        assert (found["title"], found["artist"]) == ("नमस्ते “all”", "Zoë (AI-generated speech)")
        assert found["comment"] == "AI-generated speech, made with Voicesite on voices.example.org"
        assert found["date"] == "2026-03-01" and found["encoder"].startswith("Voicesite ")
        assert sum(frame.samples for frame in read.decode(stream)) == len(WAVE)


def test_tags_change_no_sample():
    plain, tagged = (
        store_wav("generations/x/a.wav", WAVE, 24_000),
        store_wav("generations/x/b.wav", WAVE, 24_000, "PCM_16", tags("A", "B", MADE_AT)),
    )
    sounds = [soundfile.read(default_storage.path(name), dtype="int16")[0] for name in (plain, tagged)]
    assert np.array_equal(*sounds)


def test_hostile_words_are_one_line_of_text():
    name = store_wav(
        "generations/x/y.wav", WAVE, 24_000, metadata=tags("a\x00b\r\nLIST\x1b  c\u202e", "x" * 80, MADE_AT)
    )
    with av.open(default_storage.path(name)) as read:
        assert read.metadata["title"] == "a b LIST c"
