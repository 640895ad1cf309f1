"""The contract of an engine: what it is given, what it gives back, how it fails."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from voicesite.modelhost.catalogue import Backend
from voicesite.modelhost.protocol import ModelError, OnProgress


class EngineError(ModelError):
    """An engine can't do what was asked of it; the message is for the person who asked."""


@dataclass(frozen=True)
class Reference:
    """The recording that a voice is cloned from."""

    samples: np.ndarray  # float32 (samples,), mono, -1 … 1
    sample_rate: int  # Hz
    transcript: str = ""  # what is said in it; empty when nobody wrote it down
    language: str = ""  # a code of voices.languages


@dataclass(frozen=True)
class Conditioning:
    """What an engine derives from a reference once, and needs for every utterance in that voice."""

    payload: bytes  # safetensors
    similarity: float | None = None  # speaker similarity that the engine measured, -1 … 1


@dataclass(frozen=True)
class Utterance:
    """One thing to say."""

    text: str
    language: str  # a code of the engine's `languages`
    conditioning: Conditioning
    speed: float = 1.0  # 1.25 is a quarter faster
    seed: int = 0
    expected_seconds: float = 0.0  # at speed 1, estimated from this voice's earlier utterances; 0: there are none


@dataclass(frozen=True)
class Audio:
    """A chunk of the utterance at `index` of the batch, in order for each; `last` ends that utterance."""

    index: int
    samples: np.ndarray  # float32 (samples,), mono, -1 … 1
    sample_rate: int  # Hz
    last: bool = True


@dataclass(frozen=True)
class Rejected:
    """The utterance at `index` failed (it never ended, or made no sound) and ends here; the others go on.

    Its earlier chunks must not be used. Another seed may do better.
    """

    last: ClassVar = True  # as of an Audio
    index: int
    reason: str  # in words for the person who asked


class Engine(Backend):
    """What turns text into speech."""

    fidelity: str  # "zero-shot" or "approximate": the page always tells the listener which
    max_batch: int = 1  # utterances in one call of `synthesize`
    refines: bool = False  # `refine` can improve a conditioning
    reference_seconds: tuple[float, float] = (3.0, 30.0)  # the length of a reference that it copies a voice well from
    reads_transcript: bool = False  # `condition` depends on what is said in the reference, not only on its sound

    @abstractmethod
    def unload(self) -> None:
        """Free the model's memory."""

    def device_memory(self) -> int:
        """Return the bytes that the model holds outside of this process's own memory, as on a GPU."""
        return 0

    @abstractmethod
    def condition(self, reference: Reference) -> Conditioning:
        """Derive what `synthesize` needs from a reference. Raises EngineError."""

    def refine(self, reference: Reference, conditioning: Conditioning, on_progress: OnProgress) -> Conditioning:
        """Return a conditioning at least as good as the one given, by a longer search. Only where `refines`."""
        raise NotImplementedError

    @abstractmethod
    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        """Speak a batch, at most `max_batch` long, whose utterances may differ in voice, text and language.

        Each utterance that is not dropped ends with an Audio that is `last`, or with a Rejected. `on_progress` is
        called for each chunk or frame of each utterance; where it returns True, that utterance is dropped; where it
        raises Cancelled, that passes through at once and leaves the engine usable. Raises EngineError when all fail.
        """
