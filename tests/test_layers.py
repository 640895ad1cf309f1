"""Which folder may know of which: docs/architecture.md, as rules that fail."""

import ast
import os
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]

# From the ground to the roof: a folder (or, at the top of an app, a module) imports only from those before it.
FLOORS = """
voicesite/modelhost
voicesite/models voicesite/jobs voicesite/people
voicesite/web
voicesite/management voicesite/templatetags

voices/languages voices/text
voices/transcription/transcribers voices/analysis
voices/intake voices/models
voices/audit voices/schema_fields
voices/lookups voices/transcription
voices/clips
voices/archives voices/curation
voices/profiles
voices/admin voices/urls voices/apps voices/templatetags voices/management

synthesis/utterances synthesis/engines/base synthesis/engines/batch_backoff synthesis/engines/audio
synthesis/engines/qwen3
synthesis/engines/kokoro synthesis/engines/qwen3/pytorch synthesis/engines/qwen3/mlx synthesis/engines/remote
synthesis/engines
synthesis/models
synthesis/queue
synthesis/speech
synthesis/generations synthesis/delivery
synthesis/workers
synthesis/api synthesis/pages synthesis/admin
synthesis/apps synthesis/urls synthesis/templatetags synthesis/management

voicesite/site
voicesite/admin voicesite/apps voicesite/context voicesite/urls voicesite/wsgi voicesite/settings
"""
ROOMS = FLOORS.split()

# Inference libraries and codecs: heavy to import. They run in a process of their own, an engine's, a transcriber's or the
# one that decodes an upload, and are imported there, in the function that needs them.
HEAVY = {
    "accelerate", "av", "ctranslate2", "faster_whisper", "huggingface_hub", "kokoro_onnx", "librosa", "mlx", "mlx_audio",
    "mlx_whisper", "numba", "onnxruntime", "qwen_tts", "torch", "torchaudio", "transformers",
}  # fmt: skip
MAY_BE_HEAVY = (
    "synthesis/delivery/encoding.py",  # FFmpeg's encoders, in a web process: 31 MB, once a format is asked for
    "synthesis/engines/*/*",
    "voices/transcription/transcribers/*",
    "voices/intake/decoding.py",
    "voices/analysis/networks.py",
)
# Parts of an engine that only the engine imports, once it loads a model.
INSIDE_AN_ENGINE = ("synthesis/engines/qwen3/*/frame_loop.py", "synthesis/engines/qwen3/*/codec.py")
# They know nothing of Django, nor of anything that does: they run in processes without a site, and in tests without one.
PURE = (
    "synthesis/engines/__init__.py",
    "synthesis/engines/base.py",
    "synthesis/engines/batch_backoff.py",
    "synthesis/engines/client.py",
    "synthesis/engines/host.py",
    "synthesis/engines/*/*",
    "synthesis/speech/loudness.py",
    "synthesis/utterances.py",
    "voices/analysis/*",
    "voices/archives/format.py",
    "voices/archives/manifest.py",
    "voices/archives/process.py",
    "voices/archives/zipfiles.py",
    "voices/intake/decoding.py",
    "voices/intake/process.py",
    "voices/languages.py",
    "voices/text/*",
    "voices/transcription/client.py",
    "voices/transcription/host.py",
    "voices/transcription/transcribers/*",
    "voicesite/modelhost/*",
)


class Import(NamedTuple):
    module: str  # absolute, as in voices.clips.service
    inside: bool  # a function


@cache
def modules() -> dict[str, str]:
    """Every module of ours by its dotted name, and the path of its file."""
    found = {}
    for app in ("voicesite", "voices", "synthesis"):
        for file in sorted((ROOT / app).rglob("*.py")):
            path = file.relative_to(ROOT)
            if "migrations" not in path.parts:
                found[".".join(path.with_suffix("").parts).removesuffix(".__init__")] = path.as_posix()
    return found


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(_imports(module, tree(modules()[module]), inside=False))


def _imports(module: str, node: ast.AST, inside: bool):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(module, child)
            for alias in child.names:
                name = f"{base}.{alias.name}"
                yield Import(name if name in modules() else base, inside)
        within = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _imports(module, child, within)


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module if modules()[module].endswith("__init__.py") else module.rpartition(".")[0]
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def room(path: str) -> str:
    """The line of FLOORS that a file belongs to: the longest that it begins with."""
    of_file = [name for name in ROOMS if path == f"{name}.py" or path.startswith(f"{name}/")]
    return max(of_file, key=len, default="")


def matches(path: str, patterns) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def importers(*packages: str) -> set[str]:
    return {
        modules()[module]
        for module in modules()
        if {name.module.partition(".")[0] for name in imports(module)} & set(packages)
    }


def test_the_rules_see_the_modules():
    assert {"voices.analysis.vad", "synthesis.workers.tasks", "voicesite.jobs"} <= set(modules())
    assert Import("django_q.tasks", False) in imports("voicesite.jobs.doorbell")
    assert Import("onnxruntime", True) in imports("synthesis.engines.kokoro.engine")
    assert Import("voices.clips.service", False) in imports("voices.clips.jobs")
    assert room("synthesis/engines/qwen3/prompt.py") == "synthesis/engines/qwen3"


def test_each_file_has_a_floor():
    assert not {path for path in modules().values() if not room(path) and not path.endswith("/__init__.py")}


def test_imports_go_down():
    upwards = {
        f"{path} imports {name.module}"
        for module, path in modules().items()
        for name in imports(module)
        if name.module in modules() and room(path) and room(modules()[name.module])
        if ROOMS.index(room(modules()[name.module])) > ROOMS.index(room(path))
    }
    assert not upwards


def test_the_ground_and_the_roof():
    """`voicesite`'s folders know no app, but for the roof; `voices` knows nothing of what is spoken."""
    grounds = ("voicesite/modelhost/", "voicesite/people/", "voicesite/jobs/", "voicesite/web/")
    assert not {path for path in importers("voices", "synthesis") if path.startswith(grounds)}
    assert not {path for path in importers("synthesis") if path.startswith("voices/")}


def test_only_the_doorbell_and_its_tasks_know_of_django_q():
    assert importers("django_q") <= {"voicesite/jobs/doorbell.py", "synthesis/workers/tasks.py"}


def test_heavy_packages_are_imported_where_they_run_and_only_when_they_do():
    assert not {path for path in importers(*HEAVY) if not matches(path, MAY_BE_HEAVY)}
    at_the_top = {
        (path, name.module)
        for module, path in modules().items()
        if not matches(path, INSIDE_AN_ENGINE)
        for name in imports(module)
        if name.module.partition(".")[0] in HEAVY and not name.inside
    }
    assert not at_the_top


def test_pure_modules_need_no_site():
    assert not {path for path in importers("django", "ninja") if matches(path, PURE)}
    assert not {
        (path, name.module)
        for module, path in modules().items()
        if matches(path, PURE)
        for name in imports(module)
        if name.module in modules() and not matches(modules()[name.module], PURE)
        if not modules()[name.module].endswith("/__init__.py")
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
