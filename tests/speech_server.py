"""A small speech server on the loopback that speaks vLLM-Omni's protocol, for the tests of the engine `remote`.

It checks a request as that one does, and speaks a tone: as long as the text, as high as the seed and the voice say.
Words in brackets in the text make it misbehave:

    [refuse] 400    [invalid] 422    [lock] 401    [nowhere] 404    [fail] 500    [move] 307
    [busy] 429 once, [starting] 503 once, [jam] 429 always
    [mute] answers nothing    [late] begins, then makes nothing    [hang up] closes the connection without an answer
    [cut] breaks off in the middle    [half] ends inside a sample    [empty]    [still] only silence    [trail] ends in a long one    [endless]
    [file] a whole WAV file, 44.1 kHz and stereo    [page] 200 with HTML    [excuse] 200 with JSON
"""

import base64
import contextlib
import io
import json
import re
import select
import socket
import threading
import wave
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

MODEL = "Qwen/Qwen3-TTS-12Hz-1.7B-Base"
LANGUAGES = {
    "Chinese",
    "English",
    "French",
    "German",
    "Italian",
    "Japanese",
    "Korean",
    "Portuguese",
    "Russian",
    "Spanish",
}
RATE, FRAME_SAMPLES = 24_000, 1920
PATIENCE = 10  # seconds that it hangs at most
REFUSALS = {
    "refuse": (400, {"error": {"message": "The text is too odd.", "type": "BadRequestError", "param": None, "code": 400}}),
    "invalid": (422, {"detail": [{"loc": ["body", "input"], "msg": "Input should be shorter", "type": "value_error"}]}),
    "lock": (401, {"error": "Unauthorized"}),
    "nowhere": (404, {"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}}),
    "fail": (500, {"error": {"message": "EngineDeadError", "type": "InternalServerError", "code": 500}}),
    "jam": (429, {"message": "queue is full"}),
}  # fmt: skip


class Gone(Exception):
    """The client closed the connection."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "SpeechServer"

    def log_message(self, *args):
        pass

    def do_GET(self):
        models = [{"id": name, "object": "model"} for name in self.server.models]
        if self.path != "/v1/models" or not models:
            return self.answer(404, {"detail": "Not Found"})
        if self.headers.get("Authorization", "") != self.server.wanted:
            return self.answer(401, {"error": "Unauthorized"})
        return self.answer(200, {"object": "list", "data": models})

    def do_POST(self):
        with self.server.counted():
            self.hear()

    def hear(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        word = (re.findall(r"\[(.+?)\]", body["input"]) or [""])[0]
        try:
            if self.path != "/v1/audio/speech":
                self.answer(404, {"detail": "Not Found"})
            elif self.headers.get("Authorization", "") != self.server.wanted:
                self.answer(*REFUSALS["lock"])
            elif word in ("busy", "starting") and self.server.is_first(word):
                status = 429 if word == "busy" else 503
                self.answer(status, {"error": {"message": "Later."}}, {"Retry-After": "0"} if word == "busy" else {})
            elif word in REFUSALS:
                self.answer(*REFUSALS[word], {"Retry-After": "0"})
            elif wrong := self.wrong(body):
                self.answer(400, {"error": {"message": wrong, "type": "BadRequestError", "param": None, "code": 400}})
            else:
                self.speak(body, word)
        except (Gone, OSError):
            self.close_connection = True
            self.server.left.append(body["input"])

    def wrong(self, body) -> str:
        if body["model"] not in self.server.models:
            return f"The model {body['model']} does not exist."
        if body["task_type"] != "Base":
            return "This checkpoint clones."
        if body["language"] not in LANGUAGES:
            return f"Invalid language '{body['language']}'."
        if body.get("speed", 1) != 1 or (body["response_format"], body["stream_format"]) != ("pcm", "audio"):
            return "A stream is raw, and of speed 1."
        if not body.get("ref_text") and not body.get("x_vector_only_mode"):
            return "Base task requires 'ref_text' unless 'x_vector_only_mode' is enabled."
        kind, _, encoded = body["ref_audio"].partition(",")
        with wave.open(io.BytesIO(base64.b64decode(encoded, validate=True))) as file:
            if kind != "data:audio/wav;base64" or file.getparams()[:3] != (1, 2, RATE):
                return "The recording can't be read."
        return ""

    def speak(self, body, word: str) -> None:
        if word == "mute":
            self.wait(PATIENCE)
        if word == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        if word == "move":
            return self.answer(307, {}, {"Location": "/elsewhere"})
        if word == "page":
            return self.send(200, b"<html>It works!</html>", "text/html; charset=utf-8")
        if word == "excuse":
            return self.answer(200, {"success": False, "error": "no voice today"})
        frames = 0 if word == "empty" else round((0.4 + 0.065 * len(body["input"])) * RATE / FRAME_SAMPLES)
        if word == "endless":
            frames = 10_000
        pitch = 100 + (body["seed"] + zlib.crc32(body["ref_audio"].encode())) % 200
        loud = 0.0 if word == "still" else 0.3
        if word == "file":
            return self.send(200, tone_file(frames * FRAME_SAMPLES / RATE, pitch), "audio/wav")
        self.send_response(200)
        self.send_header("Content-Type", "audio/pcm")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if word == "late":
            self.wait(PATIENCE)
        for frame in range(frames):
            self.wait(self.server.pace)
            if word == "trail" and frame == frames // 2:
                loud = 0.0
            place = np.arange(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES) / RATE
            data = (32767 * loud * np.sin(2 * np.pi * pitch * place)).astype("<i2").tobytes()
            if word == "half" and frame == frames - 1:
                data = data[:-1]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            if word == "cut" and frame == frames // 2:
                return self.connection.shutdown(socket.SHUT_RDWR)
        self.wfile.write(b"0\r\n\r\n")

    def wait(self, seconds: float) -> None:
        """Let time pass as a server does that works. Raises Gone once the client is."""
        if select.select([self.connection], [], [], seconds)[0] and not self.connection.recv(1):
            raise Gone

    def answer(self, status: int, body, headers=None) -> None:
        self.send(status, json.dumps(body).encode(), "application/json", headers)

    def send(self, status: int, body: bytes, media_type: str, headers=None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": len(body), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


def tone_file(seconds: float, pitch: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 44_100, 0, "NONE", ""))
        wave_of_one = 0.3 * 32767 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * 44_100)) / 44_100)
        writer.writeframes(np.repeat(wave_of_one.astype("<i2"), 2).tobytes())
    return file.getvalue()


class SpeechServer(ThreadingHTTPServer):
    """`with SpeechServer() as server:` serves at `server.address`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.models = [MODEL]
        self.key = ""
        self.pace = 0.001  # seconds a frame
        self.asked: list[dict] = []  # bodies of the requests for speech
        self.left: list[str] = []  # the texts whose client closed the connection before the end
        self.most = 0  # requests for speech at once
        self._words: set[str] = set()
        self._now = 0
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def wanted(self) -> str:
        return f"Bearer {self.key}" if self.key else ""

    def is_first(self, word: str) -> bool:
        with self._lock:
            new = word not in self._words
            self._words.add(word)
        return new

    @contextlib.contextmanager
    def counted(self):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        yield
        with self._lock:
            self._now -= 1

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        super().__exit__(*error)
