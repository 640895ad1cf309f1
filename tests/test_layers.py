"""Which module may know of which: docs/architecture.md, as rules that fail."""

import ast
import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = [
    path.relative_to(ROOT).as_posix()
    for app in ("voices", "synthesis", "voicesite")
    for path in sorted((ROOT / app).rglob("*.py"))
]
HEAVY = {
    "accelerate", "av", "ctranslate2", "faster_whisper", "huggingface_hub", "kokoro_onnx", "librosa", "mlx", "mlx_audio",
    "mlx_whisper", "numba",
    "onnxruntime", "qwen_tts", "torch", "torchaudio", "transformers",
}  # fmt: skip
# Heavy ones run in a process of their own: an engine's, or the one that decodes an upload.
# Parts of an engine that only the engine imports, once it loads a model.
INSIDE_AN_ENGINE = tuple(
    f"synthesis/engines/qwen3/{library}/{part}.py" for library in ("mlx", "pytorch") for part in ("frame_loop", "codec")
)
MAY_BE_HEAVY = (
    "synthesis/delivery/encoding.py",  # FFmpeg's encoders, of the site's own sound, in a web process: 31 MB, once it is asked for
    "synthesis/engines/*",
    "voices/transcription/transcribers/*",
    "voices/intake/decoding.py",
    "voices/analysis/dnsmos.py",
    "voices/analysis/speaker_encoder.py",
    "voices/analysis/vad.py",
)
PURE = (
    "synthesis/engines/*",
    "synthesis/utterances.py",
    "synthesis/speech/loudness.py",
    "voices/archives/format.py",
    "voices/analysis/reference_audio.py",
    "voices/analysis/denoise.py",
    "voices/analysis/dnsmos.py",
    "voices/languages.py",
    "voices/archives/manifest.py",
    "voices/text/transcript_fit.py",
    "voices/analysis/quality.py",
    "voices/analysis/speaker_encoder.py",
    "voices/analysis/vad.py",
    "voices/analysis/best_excerpts.py",
    "voices/text/number_words.py",
    "voices/text/normalization.py",
    "voices/archives/process.py",
    "voices/text/word_errors.py",
    "voices/archives/zipfiles.py",
    "voices/transcription/transcribers/*",
    "voices/transcription/client.py",
    "voices/transcription/host.py",
    "voicesite/modelhost/certificates.py",
    "voicesite/modelhost/hub.py",
    "voicesite/model_*.py",
    "voicesite/modelhost/weights.py",
)


def imports(path: str, node: ast.AST | None = None, inside: bool = False):
    """(top-level package, whether in a function) of each import of a module of ours."""
    if node is None:
        node = ast.parse((ROOT / path).read_text())
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name.split(".")[0], inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.level == 0:
            yield child.module.split(".")[0], inside
        within = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from imports(path, child, within)


def of_the_site(path: str):
    """The modules of voicesite that a module of ours imports by their full names."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "voicesite":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module.startswith("voicesite."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("voicesite"))


def matches(path: str, patterns) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def test_the_rules_see_the_modules():
    assert {
        "voices/analysis/reference_audio.py",
        "synthesis/workers/tasks.py",
        "synthesis/engines/kokoro/engine.py",
    } <= set(MODULES)
    assert ("django_q", False) in imports("synthesis/workers/tasks.py")
    assert ("onnxruntime", True) in imports("synthesis/engines/kokoro/engine.py")
    assert "weights" in of_the_site("synthesis/engines/host.py") and "jobs" in of_the_site("voices/models.py")


def importers(*packages: str) -> set[str]:
    return {path for path in MODULES if {name for name, _ in imports(path)} & set(packages)}


def test_voices_know_nothing_of_what_is_spoken():
    assert not {path for path in importers("synthesis") if path.startswith("voices/")}


def test_only_tasks_know_of_django_q():
    assert importers("django_q") == {"synthesis/workers/tasks.py", "voices/tasks.py"}


def test_heavy_packages_are_imported_where_they_run_and_only_when_they_do():
    assert not {path for path in importers(*HEAVY) if not matches(path, MAY_BE_HEAVY)}
    at_the_top = {
        (path, name)
        for path in MODULES
        if path not in INSIDE_AN_ENGINE
        for name, inside in imports(path)
        if name in HEAVY and not inside
    }
    assert not at_the_top


def test_pure_modules_need_no_site():
    assert not {path for path in importers("django") if matches(path, PURE)}
    assert not {
        (path, name)
        for path in MODULES
        if matches(path, PURE)
        for name in of_the_site(path)
        if not matches(f"voicesite/{name}.py", PURE)
    }


SERVED = """
import sys
from django.core.management import call_command
from voicesite.wsgi import application
call_command("migrate", verbosity=0)
from django.test import Client
from voicesite.models import User
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.create_superuser("ada"))
for address in ("/", "/generations/", "/voices/", "/voices/new/", "/voices/import/", "/voices/export/", "/status/", "/admin/", "/api/health", "/api/voices", "/docs"):
    assert client.get(address).status_code in (200, 503), address
print(sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_a_web_process_stays_light(tmp_path):
    """Also with the embedded engine chosen: its model is another process's."""
    environment = {
        "PATH": os.environ["PATH"],
        "VOICESITE_DATA": str(tmp_path),
        "VOICESITE_ENGINE": "kokoro",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVED, *HEAVY], env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr
