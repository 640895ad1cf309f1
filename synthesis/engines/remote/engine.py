"""Qwen3-TTS on a speech server, which clones a voice from a recording given with each request.

The protocol is OpenAI's `POST /v1/audio/speech` with the fields that vLLM-Omni added for Qwen3-TTS, as in its
documentation (docs/serving/speech_api.md) and request model (entrypoints/openai/protocol/audio.py) of 2026:

    task_type "Base"     clone from a recording: what the checkpoints named Base do
    ref_audio            the recording, as a data: URL with base64 of a WAV file
    ref_text             what is said in it; without, x_vector_only_mode copies the timbre alone
    language             its full English name, capitalised; anything else is an error there
    stream, stream_format "audio"   raw samples as they are made. By `stream` alone newer versions send events (SSE),
                         older ones know no other format than raw
    response_format      "pcm": 16-bit little-endian mono. Qwen3-TTS speaks at 24 kHz
    max_new_tokens       frames at most; past them, newer versions fail instead of sending what never ended
    seed                 repeats exactly on the same server under the same load

`speed` must be 1 there in a stream, so the speed is changed here. An answer that is a sound file instead of a stream is
accepted too. This was tested with a small server of the tests that speaks this protocol, not with vLLM-Omni itself.
"""

import base64
import contextlib
import io
import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import safetensors.numpy
import soundfile
import soxr

from synthesis.engines.base import Audio, Conditioning, EngineError, Reference, Rejected, Utterance
from synthesis.engines.qwen3.engine import Qwen3Engine
from synthesis.engines.qwen3.prompt import CODEBOOKS, FRAME_SAMPLES, RATE, Prompt, prepare_reference
from synthesis.engines.qwen3.utterance import UtteranceStream
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError, OnProgress, Progress
from voicesite.texts import N_

from .client import Closed, SpeechServer, address_error

DEFAULT_MODEL = "Qwen/Qwen3-TTS-12Hz-1.7B-Base"
OPERATOR_MODEL = os.environ.get("VOICESITE_REMOTE_MODEL") or DEFAULT_MODEL
SERVER_NAME = N_("The speech server")  # in messages to people
POLL_SECONDS = 0.25  # between two questions whether the speech is still wanted
FILE_SIZE_FACTOR = 8  # of a sound file to raw samples, at most: 48 kHz, two channels, 32 bits
MAX_NEW_TOKENS = 4096  # the most that vLLM-Omni lets a request ask for
RAW_MEDIA_TYPES = ("", "audio/pcm", "audio/l16", "application/octet-stream")  # OpenAI's answers have none

# From the threads of requests: the index of an utterance, and its next bytes, None at their end, or an error.
_Events = queue.SimpleQueue[tuple[int, bytes | ModelError | None]]


class RemoteEngine(Qwen3Engine):
    """Speaks on the server at VOICESITE_REMOTE_URL. A batch is concurrent requests: the server batches them."""

    name = "remote"
    models = (
        Model(
            OPERATOR_MODEL, N_("{rpartition} on a speech server").format(rpartition=OPERATOR_MODEL.rpartition("/")[2])
        ),
    )
    max_batch = 8

    @classmethod
    def unavailable(cls) -> str:
        address = os.environ.get("VOICESITE_REMOTE_URL", "")
        if not address:
            return N_("No speech server is configured. VOICESITE_REMOTE_URL names one.")
        return address_error(address)

    def load(self, model: str) -> None:
        """Check that the server answers and has the model. Nothing is loaded here."""
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
                N_("The speech server {name} does not have {model}. VOICESITE_REMOTE_MODEL may be: {models}.").format(
                    name=self.server.name, model=model, models=", ".join(offered) or "nothing that it tells"
                ),
                permanent=True,
            )
        self.runs_on = self.server.name

    def condition(self, reference: Reference) -> Conditioning:
        """Return the recording and its transcript: the server derives the rest."""
        samples = np.clip(prepare_reference(reference), -1, 1)
        tensors = {
            "recording": (samples * 32767).astype(np.int16),  # mono, 24 kHz
            "transcript": np.frombuffer(reference.transcript.strip().encode(), np.uint8),
        }
        return Conditioning(safetensors.numpy.save(tensors))

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        """Speak a batch. A failure of some of its utterances is Rejected; a failure of all is raised as EngineError."""
        running: dict[int, RemoteStream] = {}
        errors: dict[int, ModelError] = {}
        has_answer = False  # for at least one utterance
        events: _Events = queue.SimpleQueue()
        asked_at = time.monotonic()
        try:
            for index, utterance in enumerate(utterances):
                try:
                    running[index] = RemoteStream(index, utterance, self.server, self.model)
                except ModelError as error:
                    errors[index] = error
            for stream in running.values():
                threading.Thread(target=stream.fetch, args=(events,), daemon=True).start()
            while running:
                changed: list[int] = []
                with contextlib.suppress(queue.Empty):
                    index, event = events.get(timeout=POLL_SECONDS)
                    if index in running:
                        running[index].receive(event)
                        changed = [index]
                if time.monotonic() - asked_at > POLL_SECONDS:  # one that still waits may be unwanted too
                    changed, asked_at = list(running), time.monotonic()
                for index in changed:
                    stream, item = running[index], None
                    dropped = on_progress(stream.state())
                    try:
                        item = None if dropped else stream.next_item()
                    except ModelError as error:
                        errors[index] = error
                    if item:
                        yield item
                        has_answer = has_answer or item.last
                    if dropped or index in errors or (item and item.last):
                        running.pop(index).request.close()
        finally:
            for stream in running.values():
                stream.request.close()
        if errors and not has_answer:
            raise next(iter(errors.values()))
        yield from (Rejected(index, error.message) for index, error in errors.items())


class RemoteStream(UtteranceStream):
    """An utterance that a server speaks. `fetch` runs in a thread of its own, the rest in the engine's."""

    def __init__(self, index: int, utterance: Utterance, server: SpeechServer, model: str):
        recording, transcript = _unpack(utterance.conditioning)
        # The number of the reference's frames shows how fast the voice reads; the codes themselves are not needed.
        codes = np.empty((len(recording) // FRAME_SAMPLES, CODEBOOKS)) if transcript else None
        super().__init__(index, utterance, Prompt(np.empty(0, np.float32), codes, transcript))
        self._error: ModelError | None = None
        self._received = bytearray()
        self._is_complete = False
        self._pushed = 0  # samples
        wav = io.BytesIO()
        soundfile.write(wav, recording, RATE, "PCM_16", format="WAV")
        self.request = server.speak(
            {
                "model": model,
                "input": self.text,
                "language": self.language.capitalize(),
                "task_type": "Base",
                "ref_audio": "data:audio/wav;base64," + base64.b64encode(wav.getvalue()).decode(),
                **({"ref_text": transcript} if transcript else {"x_vector_only_mode": True}),
                "response_format": "pcm",
                "stream": True,
                "stream_format": "audio",
                "seed": self.seed,
                "max_new_tokens": min(self.guard.ceiling, MAX_NEW_TOKENS),
            }
        )

    def fetch(self, events: _Events) -> None:
        """Send the request, and put the answer into `events` until it ends or the request is closed."""
        try:
            for data in self.request.read():
                events.put((self.index, data))
            events.put((self.index, None))
        except Closed:
            pass
        except ModelError as error:
            events.put((self.index, error))
        except Exception as error:  # must be reported, or the engine would wait for ever
            events.put(
                (self.index, EngineError(N_("The speech server couldn’t be reached: {error}").format(error=error)))
            )

    def receive(self, event: bytes | ModelError | None) -> None:
        """Take what `fetch` reported."""
        if isinstance(event, ModelError):
            self._error = event
        elif event is None:
            self._is_complete = True
        else:
            self._received += event

    def state(self) -> Progress:
        """Return the progress by the frames received. A file in another format is measured when it is complete."""
        waiting = not self._received and not self._is_complete
        return self.progress(self._frames, self._is_complete, N_("Waiting for the speech server") if waiting else "")

    def next_item(self) -> Audio | Rejected | None:
        """Return what is ready of what was received, if anything. Raises ModelError where the server failed."""
        if self._error:
            raise self._error
        is_file = self._is_file
        reason = self.guard.overrun(self._frames // FILE_SIZE_FACTOR if is_file else self._frames, SERVER_NAME)
        if self._is_complete and not reason:
            samples = _decode(bytes(self._received), self.request.media_type) if is_file else self._new_samples()
            reason = self.guard.overrun(len(samples) // FRAME_SAMPLES, SERVER_NAME)
            if not reason:
                return self.finish(samples)
        if reason:
            return Rejected(self.index, reason)
        if is_file or len(self._received) < 4:  # it may be a file
            return None
        return self.push(self._new_samples())

    @property
    def _frames(self) -> int:
        return len(self._received) // (2 * FRAME_SAMPLES)

    @property
    def _is_file(self) -> bool:
        return self.request.media_type not in RAW_MEDIA_TYPES or self._received.startswith(b"RIFF")

    def _new_samples(self) -> np.ndarray:
        """Return the raw samples received since the last call. Raises EngineError where they end within one."""
        if self._is_complete and len(self._received) % 2:
            raise EngineError(N_("The speech server broke off mid-sample."))
        count = len(self._received) // 2 - self._pushed
        samples = np.frombuffer(bytes(self._received[2 * self._pushed :]), "<i2", count)
        self._pushed += count
        return samples.astype(np.float32) / 32768


def _unpack(conditioning: Conditioning) -> tuple[np.ndarray, str]:
    """Return the recording, int16 (samples,) at 24 kHz, and its transcript. Raises EngineError (permanent)."""
    try:
        tensors = safetensors.numpy.load(conditioning.payload)
        return tensors["recording"], tensors["transcript"].tobytes().decode()
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise EngineError(
            N_("This voice was prepared by another version. Prepare it again."), permanent=True
        ) from error


def _decode(data: bytes, media_type: str) -> np.ndarray:
    """Decode a sound file to float32 (samples,), mono, 24 kHz. Raises EngineError for anything else."""
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        is_text = media_type.startswith(("text/", "application/json"))
        sent = (data[:200].decode(errors="replace") if is_text else media_type) or "nothing"
        raise EngineError(N_("The speech server sent something other than audio: {sent}").format(sent=sent)) from error
    return soxr.resample(samples.mean(1), rate, RATE).astype(np.float32)
