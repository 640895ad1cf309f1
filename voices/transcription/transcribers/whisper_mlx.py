"""Whisper on Apple Silicon, by mlx-whisper."""

import platform
from contextlib import contextmanager, nullcontext
from importlib import import_module
from types import SimpleNamespace

import numpy as np

from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError, OnProgress
from voicesite.texts import N_

from . import whisper
from .base import RATE, Transcript, is_installed


class MlxWhisper(whisper.Whisper):
    name = "mlx"
    models = (
        Model("mlx-community/whisper-large-v3-turbo", "Whisper large-v3-turbo (MLX)", 1_610_000_000),
        Model("mlx-community/whisper-small-mlx", "Whisper small (MLX)", 480_000_000),
    )

    def __init__(self) -> None:
        self.folder = ""

    @classmethod
    def unavailable(cls) -> str:
        if platform.system() == "Darwin" and platform.machine() != "arm64":
            return N_("It needs Apple Silicon.")
        is_here = is_installed("mlx_whisper") and is_installed("mlx")
        return "" if is_here else N_("It needs mlx-whisper: make run ENGINE=mlx.")

    def load(self, model: str) -> None:
        import mlx.core as mx

        folder = str(weights.require(model))
        try:
            self._program().ModelHolder.get_model(folder, mx.float16)
        except (ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
            raise ModelError(
                N_("The model in {folder} can't be loaded: {error}").format(folder=folder, error=error), permanent=True
            ) from error
        self.folder = folder
        self.runs_on = N_("MLX ({upper}), float16").format(
            upper=str(mx.default_device().type).rpartition(".")[2].upper()
        )

    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        import mlx.core as mx

        seconds = len(samples) / RATE
        on_progress(whisper.progress(0, seconds))
        mx.random.seed(0)
        with self._watched(on_progress, seconds):
            result = self._program().transcribe(
                np.ascontiguousarray(samples, np.float32),  # a path would be decoded by the ffmpeg program
                path_or_hf_repo=self.folder,
                language=whisper.to_whisper(language),
                logprob_threshold=whisper.MIN_LOG_PROBABILITY,
                **whisper.DECODING_OPTIONS,
            )
        spoken = whisper.from_whisper(result["language"], language)
        words = [
            whisper.word(each["word"], each["start"], each["end"], each["probability"])
            for segment in result["segments"]
            for each in segment.get("words") or ()
        ]
        return whisper.transcript(words, spoken, self.name, [each["avg_logprob"] for each in result["segments"]])

    @staticmethod
    def _program():
        return import_module("mlx_whisper.transcribe")  # the package's attribute of that name is a function

    @contextmanager
    def _watched(self, on_progress: OnProgress, seconds: float):
        """Report progress through the tqdm bar of mlx-whisper, which has no callback."""
        done = 0

        def update(frames: int) -> None:
            nonlocal done
            done += frames  # of 10 ms
            on_progress(whisper.progress(done / 100, seconds))

        program = self._program()
        tqdm = program.tqdm
        program.tqdm = SimpleNamespace(tqdm=lambda **options: nullcontext(SimpleNamespace(update=update)))
        try:
            yield
        finally:
            program.tqdm = tqdm
