"""Whisper on a CPU or an NVIDIA GPU, by faster-whisper (CTranslate2)."""

import logging
import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError, OnProgress
from voicesite.texts import N_

from . import whisper
from .base import RATE, Transcript, is_installed

logger = logging.getLogger(__name__)

MAX_THREADS = 4  # more are hardly faster


class FasterWhisper(whisper.Whisper):
    name = "faster-whisper"
    models: ClassVar[tuple[Model, ...]] = (
        Model("Systran/faster-whisper-small", "Whisper small", 490_000_000),
        Model("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "Whisper large-v3-turbo", 1_620_000_000),
    )

    def __init__(self) -> None:
        self.model: Any = None

    @classmethod
    def unavailable(cls) -> str:
        return "" if is_installed("faster_whisper") else N_("It needs the package faster-whisper.")

    def load(self, model: str) -> None:
        self._load(weights.require(model))

    def _load(self, folder: Path) -> None:
        # By folder, as the library would ask the hub for a name.
        from ctranslate2 import get_cuda_device_count, set_random_seed
        from faster_whisper import WhisperModel

        set_random_seed(0)
        threads = min(MAX_THREADS, os.cpu_count() or 1)
        if os.environ.get("VOICESITE_DEVICE", "") != "cpu" and get_cuda_device_count():
            try:
                self.model = WhisperModel(str(folder), device="cuda", compute_type="float16")
                self._decode(np.zeros(RATE, np.float32), "en")  # loads the CUDA libraries, which may be missing
                self.runs_on = "CUDA, float16"
                return
            except (RuntimeError, ValueError) as error:  # the card is too old, or cuBLAS, cuDNN or memory is missing
                logger.warning("Whisper can't use the NVIDIA card: %s", error)
        try:
            self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                N_("The model in {folder} can't be loaded: {error}").format(folder=folder, error=error), permanent=True
            ) from error
        self.runs_on = "CPU, int8"

    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        seconds = len(samples) / RATE
        on_progress(whisper.progress(0, seconds))
        segments, info = self._decode(samples, whisper.to_whisper(language))
        spoken = whisper.from_whisper(info.language, language)
        words, log_probabilities, so_far = [], [], whisper.SoFar()
        for segment in segments:
            said = [whisper.word(each.word, each.start, each.end, each.probability) for each in segment.words or ()]
            words += said
            log_probabilities.append(segment.avg_logprob)
            news = so_far.news(words, len(said), log_probabilities)
            on_progress(whisper.progress(segment.end, seconds, news))
        if not language and not self.model.model.is_multilingual:
            whisper.refuse_improbable(log_probabilities)
        return whisper.transcript(words, spoken, self.name, log_probabilities)

    def _decode(self, samples: np.ndarray, code: str | None):
        return self.model.transcribe(
            samples,
            language=code,
            beam_size=5,
            log_prob_threshold=whisper.MIN_LOG_PROBABILITY,
            **whisper.DECODING_OPTIONS,
        )
