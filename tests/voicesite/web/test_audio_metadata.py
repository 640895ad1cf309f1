"""The provenance metadata of downloaded speech."""

import io
from datetime import UTC, datetime

import av
import numpy as np
import soundfile

from voicesite.web.audio_metadata import Tags, tags

MADE_AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
WAVE = 0.1 * np.sin(np.arange(2400) / 10).astype(np.float32)


def wav(metadata: Tags | None = None) -> io.BytesIO:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 24_000, 1, format="WAV", subtype="PCM_16") as sound:
        if metadata:
            metadata.write(sound)
        sound.write(WAVE)
    file.seek(0)
    return file


def test_a_file_says_that_it_is_ai_generated_and_where_and_when(settings):
    settings.SITE_NAME = "voices.example.org"
    with av.open(wav(tags("नमस्ते “all”", "Zoë", MADE_AT))) as read:
        found, stream = read.metadata, read.streams.audio[0]
        assert (found["title"], found["artist"]) == ("नमस्ते “all”", "Zoë (AI-generated speech)")
        assert found["comment"] == "AI-generated speech, made with Voicesite on voices.example.org"
        assert found["date"] == "2026-03-01" and found["encoder"].startswith("Voicesite ")
        assert sum(frame.samples for frame in read.decode(stream)) == len(WAVE)


def test_tags_change_no_sample():
    sounds = [soundfile.read(file, dtype="int16")[0] for file in (wav(), wav(tags("A", "B", MADE_AT)))]
    assert np.array_equal(*sounds)


def test_hostile_words_are_one_line_of_text():
    with av.open(wav(tags("a\x00b\r\nLIST\x1b  c\u202e", "x" * 80, MADE_AT))) as read:
        assert read.metadata["title"] == "a b LIST c"
