"""Speech from another machine's server, one that clones a voice from a recording given with each request.

The protocol is OpenAI's `POST /v1/audio/speech` with the fields that vLLM-Omni added for Qwen3-TTS, as its
documentation (docs/serving/speech_api.md) and request model (entrypoints/openai/protocol/audio.py) have them, of 2026:

    task_type "Base"     clone from a recording: what the checkpoints named Base do
    ref_audio            the recording, as a data: URL with base64 of a WAV file
    ref_text             what is said in it; without, x_vector_only_mode copies the timbre alone
    language             its full English name, capitalised; anything else is an error there
    stream, stream_format "audio"   raw samples as they are made. By `stream` alone newer versions send events (SSE),
                         older ones know no other format than raw
    response_format      "pcm": 16-bit little-endian mono. Qwen3-TTS speaks at 24 kHz
    max_new_tokens       frames at most; past them, newer versions fail instead of sending what never ended
    seed                 repeats exactly on the same server under the same load

`speed` must be 1 there in a stream, so speech is made at its own speed and changed here. A server that answers with a
sound file instead of a stream is understood too. It was tried against a small server of the tests that speaks this
protocol, not against vLLM-Omni itself.
"""

import base64
import contextlib
import io
import os
import queue
import threading
import time
import wave
from collections.abc import Iterator, Sequence

import numpy as np
import safetensors.numpy

from synthesis.engines.audio.tempo import Tempo
from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Rejected, Utterance
from synthesis.engines.qwen3 import prompt as qwen3
from synthesis.engines.qwen3.duration import expected_frames
from synthesis.engines.qwen3.guard import Watch, finish_tail
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, language_name
from voices.text.normalization import normalize
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError, OnProgress, Progress

from .client import Closed, SpeechServer, address_error

DEFAULT_MODEL = "Qwen/Qwen3-TTS-12Hz-1.7B-Base"
_TICK = 0.25  # seconds between two questions whether the speech is still wanted
_PIECE = qwen3.RATE // 4  # samples that are handed on at once, at least, while more is to come
_HELD = qwen3.RATE // 2  # samples that wait for what follows, since the end of an utterance is treated by itself
_FILE = 8  # times as large as raw samples, a sound file is at most: 48 kHz, two channels, 32 bits
_MOST_TOKENS = 4096  # the most that vLLM-Omni lets a request ask for


def _model() -> Model:
    name = os.environ.get("VOICESITE_REMOTE_MODEL") or DEFAULT_MODEL
    return Model(name, f"{name.rpartition('/')[2]} on a speech server")


class RemoteEngine(Engine):
    """Speaks on the server at VOICESITE_REMOTE_URL. A batch is as many requests at once: the server batches them."""

    name = "remote"
    fidelity = "zero-shot"
    languages = tuple(LANGUAGE_NAMES)
    models = (_model(),)
    max_batch = 8
    reference_seconds = (3.0, 15.0)  # what is longer is slower, and no better
    reads_transcript = True

    @classmethod
    def unavailable(cls) -> str:
        address = os.environ.get("VOICESITE_REMOTE_URL", "")
        if not address:
            return "No speech server is configured. VOICESITE_REMOTE_URL names one."
        return address_error(address)

    def load(self, model: str) -> None:
        """See that the server answers and has the model. Nothing is loaded here."""
        if why := self.unavailable():
            raise EngineError(why, permanent=True)
        self.model = model
        self.server = SpeechServer(
            os.environ["VOICESITE_REMOTE_URL"],
            os.environ.get("VOICESITE_REMOTE_KEY", ""),
            float(os.environ.get("VOICESITE_REMOTE_TIMEOUT") or 60),
        )
        offered = self.server.models()
        if offered is not None and model not in offered:
            raise EngineError(
                f"The speech server {self.server.name} does not have {model}. "
                f"VOICESITE_REMOTE_MODEL may be: {', '.join(offered) or 'nothing that it tells'}.",
                permanent=True,
            )
        self.runs_on = self.server.name

    def unload(self) -> None:
        """The server keeps its model."""

    def condition(self, reference: Reference) -> Conditioning:
        """The recording itself, and what is said in it: the server derives the rest."""
        samples = np.clip(qwen3.prepare_reference(reference), -1, 1)
        tensors = {
            "recording": (samples * 32767).astype(np.int16),  # mono, 24 kHz
            "transcript": np.frombuffer(reference.transcript.strip().encode(), np.uint8),
        }
        return Conditioning(safetensors.numpy.save(tensors))

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        """What fails for some of a batch is Rejected, and what fails for all is an EngineError."""
        running: dict[int, _Job] = {}
        errors: dict[int, ModelError] = {}
        ended = 0  # well or badly, but not dropped
        news: _News = queue.SimpleQueue()
        asked_at = time.monotonic()
        try:
            for index, utterance in enumerate(utterances):
                try:
                    running[index] = _Job(index, utterance, self.server, self.model)
                except ModelError as error:
                    errors[index] = error
                    ended += 1
            for job in running.values():
                threading.Thread(target=job.fetch, args=(news,), daemon=True).start()
            while running:
                heard: list[int] = []
                with contextlib.suppress(queue.Empty):
                    index, what = news.get(timeout=_TICK)
                    if index in running:
                        running[index].take(what)
                        heard = [index]
                if time.monotonic() - asked_at > _TICK:  # one that still waits for the server may be unwanted too
                    heard, asked_at = list(running), time.monotonic()
                for index in heard:
                    job = running[index]
                    if on_progress(job.progress):
                        running.pop(index).request.close()
                        continue
                    yield from job.items()
                    if job.is_over:
                        running.pop(index).request.close()
                        ended += 1
                        if job.error:
                            errors[index] = job.error
        finally:
            for job in running.values():
                job.request.close()
        if errors and len(errors) == ended:
            raise next(iter(errors.values()))
        yield from (Rejected(index, error.message) for index, error in errors.items())


# What a request's thread tells: of which utterance, and the next bytes, that all have come, or why there are none.
_News = queue.SimpleQueue[tuple[int, bytes | ModelError | None]]


class _Job:
    """An utterance while a server speaks it. `fetch` runs in a thread of its own, the rest in the engine's."""

    def __init__(self, index: int, utterance: Utterance, server: SpeechServer, model: str):
        self.index = index
        self.utterance = utterance
        self.error: ModelError | None = None
        self.is_over = False
        self._came = bytearray()
        self._all_came = False
        self._given = 0  # samples that were handed on
        recording, transcript = _unpack(utterance.conditioning)
        # How quickly the voice reads is told by its recording's frames, whatever the server makes of them.
        codes = np.empty((len(recording) // qwen3.FRAME_SAMPLES, qwen3.CODEBOOKS)) if transcript else None
        prompt = qwen3.Prompt(np.empty(0, np.float32), codes, transcript)
        expected = expected_frames(utterance.text, utterance.language, prompt, utterance.expected_seconds)
        self.watch = Watch(utterance.text, expected)
        self.tempo = Tempo(qwen3.RATE, utterance.speed)
        self.request = server.speak(
            {
                "model": model,
                "input": normalize(utterance.text, utterance.language),
                "language": language_name(utterance.language).capitalize(),
                "task_type": "Base",
                "ref_audio": "data:audio/wav;base64," + base64.b64encode(_wav(recording)).decode(),
                **({"ref_text": transcript} if transcript else {"x_vector_only_mode": True}),
                "response_format": "pcm",
                "stream": True,
                "stream_format": "audio",
                "seed": utterance.seed,
                "max_new_tokens": min(self.watch.ceiling, _MOST_TOKENS),
            }
        )

    def fetch(self, news: _News) -> None:
        try:
            for data in self.request.read():
                news.put((self.index, data))
            news.put((self.index, None))
        except Closed:
            pass
        except ModelError as error:
            news.put((self.index, error))
        except Exception as error:  # it must be told, or the speech would be waited for until the end of days
            news.put((self.index, EngineError(f"The speech server could not be asked: {error}")))

    def take(self, what: bytes | ModelError | None) -> None:
        if isinstance(what, ModelError):
            self.error, self.is_over = what, True
        elif what is None:
            self._all_came = True
        else:
            self._came += what

    @property
    def progress(self) -> Progress:
        """By the frames that came, if they are samples; a file in another format is measured when it is all there."""
        frames = len(self._came) // (2 * qwen3.FRAME_SAMPLES)
        if self._all_came:
            return Progress(self.index, frames, frames)
        stage = "" if self._came else "Waiting for the speech server"
        return Progress(self.index, frames, max(frames, self.watch.expected), stage)

    def items(self) -> list[Audio | Rejected]:
        """What can be handed on of the sound that came; at its end all the rest, or that it is none."""
        if self.is_over:
            return []
        frames = len(self._came) // (2 * qwen3.FRAME_SAMPLES)
        if frames >= self.watch.ceiling * (_FILE if self._is_file else 1):
            return self._rejected(self._endless(frames))
        if self._all_came:
            return self._end()
        return [] if self._is_file else self._next()

    @property
    def _is_file(self) -> bool:
        return self.request.media_type not in _RAW or self._came.startswith(b"RIFF")

    def _next(self) -> list[Audio | Rejected]:
        """What came before the last half second, but for the silence at its end, which may be the utterance's."""
        samples = _floats(self._came, self._given)[:-_HELD]
        samples = samples[: _last_sound(samples)]
        if len(samples) < _PIECE:
            return []
        self._given += len(samples)
        samples = self.tempo.push(samples)
        return [Audio(self.index, samples, qwen3.RATE, last=False)] if len(samples) else []

    def _end(self) -> list[Audio | Rejected]:
        self.is_over = True
        try:
            if self._is_file:
                samples = _decoded(bytes(self._came), self.request.media_type)
            elif len(self._came) % 2:
                raise EngineError("The speech server broke off in the middle of a sample.")
            else:
                samples = _floats(self._came)
        except EngineError as error:
            self.error = error
            return []
        frames = len(samples) // qwen3.FRAME_SAMPLES
        wrong = self._endless(frames) if frames >= self.watch.ceiling else self.watch.finish(samples)
        if wrong:
            return self._rejected(wrong)
        rest = self.tempo.push(finish_tail(samples[self._given :]))
        return [Audio(self.index, np.concatenate([rest, self.tempo.finish()]), qwen3.RATE)]

    def _endless(self, frames: int) -> str:
        return (
            f"The speech server did not stop: it spoke for {frames * qwen3.FRAME_SECONDS:.0f} s, "
            f"where this text takes about {self.watch.expected * qwen3.FRAME_SECONDS:.0f} s."
        )

    def _rejected(self, reason: str) -> list[Audio | Rejected]:
        self.is_over = True
        return [Rejected(self.index, reason)]


# What media types say of raw samples: nothing (it is OpenAI's), or one of these.
_RAW = ("", "audio/pcm", "audio/l16", "application/octet-stream")
_SILENCE_BLOCK = qwen3.RATE // 100  # samples


def _unpack(conditioning: Conditioning) -> tuple[np.ndarray, str]:
    """The recording, int16 (samples,) at 24 kHz, and its transcript. Raises EngineError (permanent)."""
    try:
        tensors = safetensors.numpy.load(conditioning.payload)
        return tensors["recording"], tensors["transcript"].tobytes().decode()
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise EngineError("This voice was prepared by another version. Prepare it again.", permanent=True) from error


def _wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(qwen3.RATE)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _floats(raw: bytes | bytearray, start: int = 0) -> np.ndarray:
    """Raw 16-bit samples from the one at `start`, as float32 (samples,)."""
    whole = len(raw) // 2 - start
    return (
        np.frombuffer(raw, "<i2", whole, 2 * start).astype(np.float32) / 32768 if whole > 0 else np.zeros(0, np.float32)
    )


def _decoded(data: bytes, media_type: str) -> np.ndarray:
    """A sound file as float32 (samples,), mono, 24 kHz. Raises EngineError for anything else."""
    import soundfile
    import soxr

    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        sent = (
            data[:200].decode(errors="replace") if media_type.startswith(("text/", "application/json")) else media_type
        )
        raise EngineError(f"The speech server did not answer with sound but with: {sent or 'nothing'}") from error
    return soxr.resample(samples.mean(1), rate, qwen3.RATE).astype(np.float32)


def _last_sound(samples: np.ndarray) -> int:
    """Where the last sound ends that can be heard, in samples."""
    count = len(samples) // _SILENCE_BLOCK
    blocks = samples[: count * _SILENCE_BLOCK].reshape(count, _SILENCE_BLOCK)
    audible = np.flatnonzero(np.sqrt((blocks**2).mean(1)) > Watch.AUDIBLE)
    return (int(audible[-1]) + 1) * _SILENCE_BLOCK if len(audible) else 0
