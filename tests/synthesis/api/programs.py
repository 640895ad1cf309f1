"""What programs send to /v1/, and in what form they read the answer: read in their public code, none of it run.

`source` is the repository and the file in which the request is put together. `sound` stands for the recording of a
multipart form: its name and its content type, as the program sends it. KEY is replaced by a key of the site.
"""

from typing import Any, NamedTuple

KEY = "{key}"
SENTENCE = "Good morning to all of you."
JSON = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
BEARER = {"Authorization": f"Bearer {KEY}"}


class Sent(NamedTuple):
    program: str
    source: str
    path: str
    reads: str  # how the answer is taken: the content type of sound; silence, speech events, text, verbose_json, voices, models
    headers: dict[str, str]
    json: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    sound: tuple[str, str] | None = None


OPEN_WEBUI = "open-webui/open-webui: backend/open_webui/routers/audio.py"
SILLYTAVERN = "SillyTavern/SillyTavern: src/endpoints/openai.js"
LIBRECHAT = "danny-avila/LibreChat: api/server/services/Files/Audio"
ANYTHINGLLM = "Mintplex-Labs/anything-llm: server/utils/TextToSpeech"
HOME_ASSISTANT = "sfortis/openai_tts: custom_components/openai_tts"
KOKORO = "remsky/Kokoro-FastAPI: examples"
LIVEKIT = "livekit/agents: livekit-plugins/livekit-plugins-openai/livekit/plugins/openai"

PROGRAMS = [
    Sent(
        "Open WebUI", OPEN_WEBUI, "/v1/audio/speech", "audio/mpeg", JSON,
        {"model": "tts-1", "input": SENTENCE, "voice": "alloy"},
    ),
    Sent(
        "Open WebUI, with parameters of its administrator and the names of its users", OPEN_WEBUI, "/v1/audio/speech",
        "audio/wav", JSON | {"X-OpenWebUI-User-Name": "Ada", "X-OpenWebUI-User-Role": "user"},
        {"response_format": "wav", "speed": 1.1, "model": "gpt-4o-mini-tts", "input": SENTENCE, "voice": {"id": "{voice}"}},
    ),
    Sent("Open WebUI, its list of voices", OPEN_WEBUI, "/v1/audio/voices", "voices", BEARER),
    Sent("Open WebUI, its list of models", OPEN_WEBUI, "/v1/audio/models", "models", BEARER),
    Sent("Open WebUI of 2025, its list of voices", OPEN_WEBUI, "/v1/audio/voices", "voices", {}),
    Sent("Open WebUI of 2025, its list of models", OPEN_WEBUI, "/v1/audio/models", "models", {}),
    Sent(
        "Open WebUI, what is said to it", OPEN_WEBUI, "/v1/audio/transcriptions", "text", BEARER,
        form={"model": "whisper-1", "language": "en"}, sound=("3e5a2d0c-recording.wav", "application/octet-stream"),
    ),
    Sent(
        "SillyTavern", SILLYTAVERN, "/v1/audio/speech", "audio/mpeg", JSON,
        {"input": SENTENCE, "response_format": "mp3", "voice": "shimmer", "speed": 0.25, "model": "tts-1"},
    ),
    Sent(
        "SillyTavern, what is said to it", f"{SILLYTAVERN}, as its extension Extension-Speech-Recognition asks it",
        "/v1/audio/transcriptions", "text", BEARER, form={"model": "whisper-1", "language": "en"},
        sound=("audio.wav", "audio/wav"),
    ),
    Sent(
        "LibreChat", f"{LIBRECHAT}/TTSService.js", "/v1/audio/speech", "audio/mpeg", JSON,
        {"input": SENTENCE, "model": "tts-1", "voice": "nova", "backend": "kokoro"},
    ),
    Sent(
        "LibreChat, without voices", f"{LIBRECHAT}/TTSService.js", "/v1/audio/speech", "audio/mpeg", JSON,
        {"input": SENTENCE, "model": "tts-1"},
    ),
    Sent(
        "LibreChat, what is said to it", f"{LIBRECHAT}/STTService.js", "/v1/audio/transcriptions", "text", BEARER,
        form={"model": "whisper-1", "language": "en"}, sound=("audio.wav", "audio/wav"),
    ),
    Sent(
        "AnythingLLM", f"{ANYTHINGLLM}/openAiGeneric/index.js", "/v1/audio/speech", "audio/mpeg",
        JSON | {"Accept": "application/octet-stream", "User-Agent": "OpenAI/JS 4.95.1", "X-Stainless-Lang": "js"},
        {"model": "tts-1", "voice": "alloy", "input": SENTENCE},
    ),
    Sent(
        "AnythingLLM, set up for Kokoro", f"{ANYTHINGLLM}/kokoro/index.js", "/v1/audio/speech", "audio/mpeg",
        JSON | {"Accept": "application/octet-stream", "User-Agent": "OpenAI/JS 4.95.1", "X-Stainless-Lang": "js"},
        {"model": "kokoro", "voice": "af_bella", "input": SENTENCE},
    ),
    Sent(
        "AnythingLLM, a recording among documents",
        "Mintplex-Labs/anything-llm: collector/utils/WhisperProviders/GenericOpenAiWhisper.js",
        "/v1/audio/transcriptions", "text", BEARER, form={"model": "whisper-small", "temperature": "0"},
        sound=("meeting.wav", "application/octet-stream"),
    ),
    Sent(
        "Home Assistant, OpenAI TTS", f"{HOME_ASSISTANT}/openaitts_engine.py", "/v1/audio/speech", "audio/mpeg",
        JSON | {"User-Agent": "HomeAssistant-OpenAI-TTS"},
        {"model": "tts-1", "input": SENTENCE, "voice": "shimmer", "response_format": "mp3", "speed": 4.0,
         "instructions": "Speak like a butler."},
    ),
    Sent(
        "Home Assistant, OpenAI TTS, streamed", f"{HOME_ASSISTANT}/openaitts_engine.py", "/v1/audio/speech", "audio/ogg",
        JSON | {"User-Agent": "HomeAssistant-OpenAI-TTS"},
        {"model": "gpt-4o-mini-tts", "input": SENTENCE, "voice": "sage", "response_format": "opus", "speed": 1.0},
    ),
    Sent(
        "Home Assistant, OpenAI TTS, whether a key is good", f"{HOME_ASSISTANT}/api_validation.py", "/v1/audio/speech",
        "silence", JSON, {"model": "tts-1", "input": ".", "voice": "alloy", "response_format": "mp3"},
    ),
    Sent("Home Assistant, OpenAI TTS, its list of voices", f"{HOME_ASSISTANT}/catalogue_parsers.py",
         "/v1/audio/voices", "voices in data", BEARER),
    Sent(
        "Home Assistant, its own integration of OpenAI",
        "home-assistant/core: homeassistant/components/openai_conversation/tts.py", "/v1/audio/speech", "audio/flac", JSON,
        {"model": "gpt-4o-mini-tts", "voice": "marin", "input": SENTENCE, "instructions": "None", "speed": 1.0,
         "response_format": "flac"},
    ),
    Sent(
        "Home Assistant, OpenAI Whisper API",
        "fabio-garavini/ha-openai-whisper-stt-api: custom_components/openai_whisper_cloud/stt.py",
        "/v1/audio/transcriptions", "text", BEARER,
        form={"model": "whisper-1", "language": "en", "temperature": "0", "prompt": "Turn on the light in the kitchen."},
        sound=("audio.wav", "audio/wav"),
    ),
    Sent(
        "Kokoro-FastAPI’s example for OpenAI’s client", f"{KOKORO}/openai_streaming_audio.py", "/v1/audio/speech", "audio/pcm",
        JSON, {"model": "kokoro", "voice": "af_bella+af_irulan", "response_format": "pcm", "input": SENTENCE},
    ),
    Sent(
        "Kokoro-FastAPI’s example for requests", f"{KOKORO}/stream_tts_playback.py", "/v1/audio/speech", "audio/pcm", JSON,
        {"model": "kokoro", "input": SENTENCE, "voice": "af_sky", "response_format": "pcm", "stream": True},
    ),
    Sent(
        "Kokoro-FastAPI’s schema with all that it knows", "remsky/Kokoro-FastAPI: api/src/structures/schemas.py",
        "/v1/audio/speech", "audio/mpeg", JSON,
        {"model": "kokoro", "input": SENTENCE, "voice": "af_heart", "response_format": "mp3", "download_format": "wav",
         "speed": 1.0, "stream": False, "return_download_link": True, "return_timing": False, "lang_code": "a",
         "volume_multiplier": 1.0, "normalization_options": {"normalize": True, "unit_normalization": False},
         "allow_voice_tags": False, "ssml": False, "voice_aliases": None},
    ),
    Sent(
        "LiveKit", f"{LIVEKIT}/tts.py", "/v1/audio/speech", "speech events", JSON,
        {"input": SENTENCE, "model": "gpt-4o-mini-tts", "voice": "ash", "response_format": "mp3", "speed": 1.0,
         "instructions": "Be brief.", "stream_format": "sse"},
    ),
    Sent(
        "LiveKit with tts-1", f"{LIVEKIT}/tts.py", "/v1/audio/speech", "audio/mpeg", JSON,
        {"input": SENTENCE, "model": "tts-1", "voice": "ash", "response_format": "mp3", "speed": 1.0,
         "stream_format": "audio"},
    ),
    Sent(
        "LiveKit, what is said to it", f"{LIVEKIT}/stt.py", "/v1/audio/transcriptions", "verbose_json", BEARER,
        form={"model": "whisper-1", "language": "en", "response_format": "verbose_json"}, sound=("file.wav", "audio/wav"),
    ),
]  # fmt: skip
