"""A transcript as OpenAI describes it: https://platform.openai.com/docs/api-reference/audio."""

import math
import zlib
from collections.abc import Sequence
from typing import Any

from synthesis.delivery import cues
from voices.languages import LANGUAGES_AND_ACCENTS

MIN_CONFIDENCE = 1e-4  # of a word, whose logarithm is taken


def verbose(text: str, words: Sequence, language: str, seconds: float, granularities: Sequence[str]) -> dict[str, Any]:
    """Return the transcript with its times. Every field that OpenAI's clients require is there.

    words: [text, start, end, confidence], in seconds and 0 to 1. granularities: “word” and “segment”; empty for the latter.
    What is not known here is as of a transcript that nobody doubts: no tokens, temperature 0, speech for certain.
    """
    body: dict[str, Any] = {
        "task": "transcribe",
        "language": LANGUAGES_AND_ACCENTS[(language or "en").partition("-")[0]].lower(),
        "duration": round(seconds, 3),
        "text": text,
        "usage": {"type": "duration", "seconds": math.ceil(seconds)},
    }
    if "word" in granularities:
        body["words"] = [{"word": word.strip(), "start": start, "end": end} for word, start, end, _ in words]
    if "segment" in granularities or not granularities:
        body["segments"] = [
            _segment(number, cue, [word for word in words if cue.start <= word[1] < cue.end])
            for number, cue in enumerate(cues.of_transcript(words))
        ]
    return body


def _segment(number: int, cue: cues.Cue, words: Sequence) -> dict[str, Any]:
    said = cue.lines[0].encode()
    logarithms = [math.log(max(confidence, MIN_CONFIDENCE)) for _, _, _, confidence in words]
    return {
        "id": number,
        "seek": round(cue.start * 100),  # in Whisper’s frames, of 10 ms
        "start": cue.start,
        "end": cue.end,
        "text": cue.lines[0],
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(logarithms) / len(logarithms), 4) if logarithms else 0.0,
        "compression_ratio": round(len(said) / len(zlib.compress(said)), 4),  # as Whisper measures repetition
        "no_speech_prob": 0.0,
    }


def done(text: str, seconds: float) -> dict[str, Any]:
    """Return the event that ends a transcript which is streamed."""
    return {"type": "transcript.text.done", "text": text, "usage": {"type": "duration", "seconds": math.ceil(seconds)}}
