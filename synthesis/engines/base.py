"""The contract of an engine: its input, its output and its errors."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from voicesite.modelhost.catalogue import Backend
from voicesite.modelhost.protocol import ModelError, OnProgress


class EngineError(ModelError):
    """An engine failed; the message is for the person who asked."""


@dataclass(frozen=True)
class Reference:
    """The recording that a voice is cloned from."""

    samples: np.ndarray  # float32 (samples,), mono, -1 … 1
    sample_rate: int  # Hz
    transcript: str = ""  # empty if it has none
    language: str = ""  # a code of voices.languages
    preset: str = ""  # the built-in voice that speaks in it: an engine that has one of this name takes that itself


@dataclass(frozen=True)
class Conditioning:
    """What an engine derives from a reference once, and takes with every utterance in that voice."""

    payload: bytes  # safetensors
    similarity: float | None = None  # speaker similarity measured by the engine, -1 … 1


@dataclass(frozen=True)
class Utterance:
    """A short text to speak, and how."""

    text: str
    language: str  # a code of the engine's `languages`
    conditioning: Conditioning
    speed: float = 1.0  # 1.25 is a quarter faster
    seed: int = 0
    instructions: str = ""  # how to speak it, in words: only where the engine takes_instructions
    expected_seconds: float = 0.0  # at speed 1, estimated from the voice's earlier utterances; 0 if it has none


@dataclass(frozen=True)
class Audio:
    """A chunk of the utterance at `index` of the batch. Its chunks come in order; `last` marks the final one."""

    index: int
    samples: np.ndarray  # float32 (samples,), mono, -1 … 1
    sample_rate: int  # Hz
    last: bool = True


@dataclass(frozen=True)
class Rejected:
    """The utterance at `index` failed (it never ended, or made no sound) and ends here; the others continue.

    Its earlier chunks must not be used. Another seed may do better.
    """

    last: ClassVar = True  # as of an Audio
    index: int
    reason: str  # in words for the person who asked


class Engine(Backend):
    """A backend that turns text into speech."""

    fidelity: str  # "zero-shot" or "approximate"; always shown to the listener
    max_batch: int = 1  # utterances in one call of `synthesize`
    usual_seconds_a_character: float = 0.07  # of compute, before any was measured: as fast as it is said
    usual_seconds_to_load: float = 20.0
    at_once: int | None = None  # of a batch, that it speaks side by side, while the others wait; None: all
    divides_cores: bool = False  # a batch shares the processor's cores: alone, the first of a text is there sooner
    takes_ipa: bool = False  # IPA between slashes in the text of an utterance is pronounced as such
    reads_any_script: bool = True  # it can read words in a script other than its language's, such as “你好” in English
    fewest_words: int = 1  # in an utterance that it speaks well; a shorter one joins its neighbour
    max_characters: int = 220  # in an utterance: about 15 s of speech, and a cancel waits for one at most
    takes_vary: bool = True  # another seed may say a word that this one mistook; where False, it varies the melody only
    refines: bool = False  # `refine` can improve a conditioning
    reference_seconds: tuple[float, float] = (3.0, 30.0)  # length of a reference that a voice is cloned well from
    takes_instructions: bool = False  # an utterance may say how it is to be spoken
    reads_transcript: bool = False  # `condition` uses the transcript of the reference

    @classmethod
    def unknown_ipa(cls, said: str, language: str) -> list[str]:
        """Return the symbols of `said`, IPA between slashes, that it leaves out in `language`. Needs no model."""
        return []

    def device_memory(self) -> int:
        """Return the bytes that the model holds outside of this process's memory, as on a GPU."""
        return 0

    @abstractmethod
    def condition(self, reference: Reference) -> Conditioning:
        """Derive what `synthesize` needs from a reference. Raises EngineError."""

    def refine(self, reference: Reference, conditioning: Conditioning, on_progress: OnProgress) -> Conditioning:
        """Improve a conditioning by a longer search; return one at least as good. Only where `refines`."""
        raise NotImplementedError

    @abstractmethod
    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        """Speak a batch of at most `max_batch` utterances, which may differ in voice, text and language.

        Each utterance that is not dropped ends with an Audio that is `last`, or with a Rejected. `on_progress` is
        called by the calling thread alone, for each chunk or frame of each utterance, and may be called again meanwhile.
        If it returns True, that utterance is dropped, and if it had not begun, nothing of it is computed; if it raises
        Cancelled, that propagates at once and leaves the engine usable. The chunks of an utterance come in order, those
        of different utterances as they are ready. Raises EngineError when all fail.
        """
