"""What the engines of Qwen3-TTS share, whatever library runs the model. Imports no torch, no mlx."""

import gc
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np

from synthesis.engines.base import Audio, Conditioning, Engine, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from voicesite.modelhost.protocol import OnProgress
from voicesite.texts import N_

from .loading import fitting
from .models import LANGUAGE_NAMES
from .prompt import Prompt, pack, prepare_reference
from .utterance import BaseFrameLoop, CodecStream, Decoder, open_streams, stream_frames

# In the name or message of an exception, in lower case.
OUT_OF_MEMORY_PHRASES = (
    "memoryerror",  # Python's own, and PyTorch's OutOfMemoryError
    "can't allocate memory",  # PyTorch on a processor
    "attempting to allocate",  # MLX on a GPU while it allocates
    "insufficient memory",  # and while it computes
    "unable to allocate",  # MLX on a processor
    "out of memory",
)


class Qwen3Engine(Engine):
    """What is known of the model before it is loaded, wherever it runs."""

    fidelity = "zero-shot"
    languages = tuple(LANGUAGE_NAMES)
    reference_seconds = (3.0, 15.0)  # a longer one makes it slower, and no better
    reads_transcript = True
    fewest_words = (
        3  # alone, one or two at times run on or are lost (reported: QwenLM/Qwen3-TTS issue 68; not measured)
    )


class LocalQwen3Engine(Qwen3Engine):
    """An engine that runs the model in this process. A subclass calls its library; the order of the calls is here."""

    chunk_frames: tuple[int, ...]  # decoded at once: first few, so that sound begins early; then more, which costs less
    backoff: BatchBackoff  # set by `load`

    def __init__(self) -> None:
        self.model: Any = None  # the library's, once it is loaded

    @abstractmethod
    def embed_speaker(self, samples: np.ndarray) -> np.ndarray:
        """Return the speaker embedding of a recording: float32 (samples,) at 24 kHz → float32 (width,)."""

    @abstractmethod
    def encode(self, samples: np.ndarray) -> np.ndarray:
        """Return the codes of a recording: float32 (samples,) at 24 kHz → int64 (frames, 16)."""

    @abstractmethod
    def open_decoder(self) -> Callable[[Prompt], Decoder]:
        """Return a function that makes the decoder of an utterance of a batch."""

    @abstractmethod
    def open_loop(self, streams: Sequence[CodecStream], on_progress: OnProgress) -> BaseFrameLoop:
        """Return the frame loop for a batch, after prefill. Rows for which `on_progress` returns True are dropped."""

    @abstractmethod
    def clear_cache(self) -> None:
        """Free the memory that the library only caches."""

    def unload(self) -> None:
        self.model = None
        gc.collect()  # its parts refer to each other
        self.clear_cache()

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether an exception says that memory is short; if so, free what is only cached."""
        words = f"{type(error).__name__}: {error}".lower()
        found = any(phrase in words for phrase in OUT_OF_MEMORY_PHRASES)
        if found:
            gc.collect()
            self.clear_cache()
        return found

    def condition(self, reference: Reference) -> Conditioning:
        """Derive the speaker embedding and, where there is a transcript, the codes of the reference."""
        samples = prepare_reference(reference)
        transcript = reference.transcript.strip()
        with fitting(N_("This recording"), self.is_out_of_memory):
            speaker = self.embed_speaker(samples)
            codes = self.encode(samples) if transcript else None
        return pack(speaker, codes, transcript)

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        return self.backoff.speak(utterances, on_progress, self._speak)

    def _speak(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Generator[Audio | Rejected]:
        speaker_width = self.model.config.talker_config.hidden_size
        streams, rejected = open_streams(utterances, speaker_width, self.chunk_frames, self.open_decoder())
        yield from rejected
        if streams:
            yield from stream_frames(self.open_loop(streams, on_progress), streams, on_progress)
