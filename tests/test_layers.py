"""Which folder may know of which: docs/architecture.md, as rules that fail."""

import ast
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps as django_apps
from django.template.base import Lexer, TokenType
from django.urls import URLPattern, get_resolver
from django.utils.text import smart_split

from voices.extensions import extensions

pytestmark = pytest.mark.xdist_group("layers")  # all code is read once

ROOT = Path(__file__).resolve().parents[1]

# From the ground to the roof: a folder (or, at the top of an app, a module) imports only from those before it. An empty
# line parts the storeys: the ground, the two apps, and the roof, which alone knows both. The client stands there because it
# speaks of all that the API has; what it imports is held by tests/voicesite/client/test_alone.py.
FLOORS = """
voicesite/texts
voicesite/logs voicesite/wording
voicesite/modelhost voicesite/address voicesite/prepared voicesite/resources voicesite/storage voicesite/temporary voicesite/bucket voicesite/static_files voicesite/deleted
voicesite/jobs
voicesite/standby voicesite/supervision
voicesite/hooks/signing voicesite/hooks/models voicesite/privacy/models voicesite/provenance/models
voicesite/models voicesite/people
voicesite/backups
voicesite/web/rejection voicesite/provenance
voicesite/limits
voicesite/web
voicesite/limits/api voicesite/limits/account
voicesite/signin
voicesite/hooks voicesite/privacy
voicesite/management voicesite/templatetags
voicesite/web/job_admin

voices/languages voices/text
voices/transcription/transcribers voices/analysis
voices/intake voices/models voices/written_languages
voices/audit voices/mails voices/schema_fields voices/extensions
voices/lookups voices/transcription
voices/clips/service voices/clips/storage voices/clips/names voices/clips/jobs
voices/origins
voices/consent
voices/clips
voices/archives voices/curation
voices/profiles voices/faces voices/events
voices/personal_data voices/looks voices/undo
voices/admin voices/urls voices/apps voices/templatetags voices/management

synthesis/engines/base synthesis/engines/batch_backoff synthesis/engines/audio
synthesis/engines/qwen3
synthesis/engines/kokoro synthesis/engines/qwen3/pytorch synthesis/engines/qwen3/mlx synthesis/engines/remote
synthesis/engines
synthesis/scripts
synthesis/aliases/models synthesis/pronunciations/models synthesis/drafts/models
synthesis/models
synthesis/queue synthesis/segments/timeline synthesis/builtin_voices
synthesis/speech
synthesis/generations synthesis/delivery synthesis/drafts synthesis/sharing
synthesis/aliases
synthesis/segments
synthesis/pronunciations
synthesis/personal_data synthesis/undo
synthesis/workers
synthesis/api synthesis/events synthesis/protocols synthesis/pages synthesis/admin synthesis/voice_extension
synthesis/apps synthesis/urls synthesis/templatetags synthesis/management

voicesite/client
voicesite/site
voicesite/admin voicesite/apps voicesite/context voicesite/formats voicesite/urls voicesite/asgi voicesite/settings
"""
ROOMS = FLOORS.split()
STOREYS = [storey.split() for storey in FLOORS.split("\n\n")]
APPS = ("voicesite", "voices", "synthesis")  # of the storeys below the roof
GROUND, VOICES, SYNTHESIS, ROOF = range(4)

# Templates that are not in the folder of an app, nor of its administration, are the ground's, but for these.
ROOF_TEMPLATES = (
    "base.html",
    "licences.html",
    "error.html",
    "offline.html",
    "[45]*.html",
    "api/*",
    "admin/index.html",
    "admin/base_site.html",
)

# Inference libraries and codecs: heavy to import. They run in a process of their own, an engine's, a transcriber's or the
# one that decodes an upload, and are imported there, in the function that needs them.
HEAVY = {
    "accelerate", "av", "c2pa", "ctranslate2", "espeakng_loader", "faster_whisper", "huggingface_hub", "librosa", "mlx", "mlx_audio",
    "mlx_whisper", "numba", "onnxruntime", "qwen_tts", "torch", "torchaudio", "transformers",
}  # fmt: skip
MAY_BE_HEAVY = (
    "synthesis/delivery/encoding.py",  # FFmpeg's encoders, in a web process: 31 MB, once a format is asked for
    "synthesis/engines/*/*",
    "voices/transcription/transcribers/*",
    "voices/intake/decoding.py",
    "voicesite/provenance/digest.py",  # as the encoders
    "voicesite/provenance/manifest.py",  # signs what a web process has encoded: 13 MB
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
    "synthesis/delivery/cues.py",
    "synthesis/delivery/word_times.py",
    "synthesis/speech/loudness/*",
    "synthesis/scripts/*",
    "voices/analysis/*",
    "voices/archives/format.py",
    "voices/archives/manifest.py",
    "voices/archives/process.py",
    "voices/archives/zipfiles.py",
    "voices/consent/listening.py",
    "voices/consent/phrases.py",
    "voices/intake/channels.py",
    "voices/intake/decoding.py",
    "voices/intake/process.py",
    "voices/intake/sandbox.py",
    "voices/languages.py",
    "voices/text/*",
    "voices/transcription/client.py",
    "voices/transcription/host.py",
    "voices/transcription/transcribers/*",
    "voicesite/client/*",
    "voicesite/hooks/signing.py",
    "voicesite/temporary.py",
    "voicesite/texts.py",
    "voicesite/logs.py",
    "voicesite/modelhost/*",
    "voicesite/provenance/certificate.py",
    "voicesite/provenance/digest.py",
    "voicesite/provenance/manifest.py",
    "voicesite/web/rejection.py",
    "voicesite/web/names.py",
)

# A word that is the name of an app, and means something else.
ANOTHER_MEANING = {
    ("voicesite/models.py", "voices"),  # what a key of the API may do, in its row
    ("voicesite/logs.py", "voices"),  # whose loggers' words are ours
    ("voicesite/logs.py", "synthesis"),
}


class Import(NamedTuple):
    module: str  # absolute, as in voices.clips.service
    inside: bool  # a function


@cache
def modules() -> dict[str, str]:
    """Every module of ours by its dotted name, and the path of its file."""
    found = {}
    for app in APPS:
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


@cache
def room(path: str) -> str:
    """The line of FLOORS that a file belongs to: the longest that it begins with."""
    of_file = [name for name in ROOMS if path == f"{name}.py" or path.startswith(f"{name}/")]
    return max(of_file, key=len, default="")


def storey(path: str) -> int:
    return next((number for number, rooms in enumerate(STOREYS) if room(path) in rooms), ROOF)


def storey_of_template(name: str) -> int:
    folder = name.removeprefix("admin/").partition("/")[0]
    return ROOF if matches(name, ROOF_TEMPLATES) else APPS.index(folder) if folder in APPS else GROUND


class Mentions(NamedTuple):
    """What code says, beside its imports, that may be about something higher."""

    texts: tuple[str, ...]  # string literals, docstrings too
    names: tuple[str, ...]  # attributes and keyword arguments


@cache
def mentions_of_file(path: str) -> Mentions:
    said = mentions_in(tree(path))
    return said._replace(texts=tuple(text for text in said.texts if (path, text) not in ANOTHER_MEANING))


def mentions_in(code: ast.AST) -> Mentions:
    nodes = list(ast.walk(code))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    keywords = (node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg)
    attributes = (node.attr for node in nodes if isinstance(node, ast.Attribute))
    return Mentions(tuple(texts), (*keywords, *attributes))


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """Each template by its name, and what is in its tags and variables."""
    folder = ROOT / "templates"
    return {
        file.relative_to(folder).as_posix(): tags_in(file.read_text())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def tags_in(template: str) -> tuple[str, ...]:
    kinds = (TokenType.BLOCK, TokenType.VAR)
    return tuple(token.contents for token in Lexer(template).tokenize() if token.token_type in kinds)


@cache
def higher_views(level: int) -> frozenset[str]:
    """Names without an app that the roof gives to addresses of views above `level`."""
    return frozenset(
        view.name
        for view in get_resolver().url_patterns
        if isinstance(view, URLPattern) and view.name
        if view.callback.__module__.partition(".")[0] in APPS[level + 1 :]
    )


@cache
def higher_relations(level: int) -> frozenset[str]:
    """What a relation of a model above `level` to one that is not is called there: its accessor, and its name in a lookup."""
    related = [
        relation
        for app in APPS[: level + 1]
        for model in django_apps.get_app_config(app).get_models()
        for relation in model._meta.related_objects  # but hidden ones
        if relation.related_model._meta.app_label in APPS[level + 1 :]
    ]
    return frozenset(name for relation in related for name in (relation.get_accessor_name(), relation.name))


@cache
def higher_libraries(level: int) -> frozenset[str]:
    """Libraries of template tags above `level`."""
    return frozenset(file.stem for app in APPS[level + 1 :] for file in (ROOT / app / "templatetags").glob("[!_]*.py"))


def names_of_apps(text: str, level: int) -> bool:
    """Whether a text names a module, a view, a template or a table of an app above `level`, or is the app's name."""
    apps = "|".join(APPS[level + 1 :])
    return bool(apps and re.search(rf"\b({apps})[.:/_]\w|\A({apps})\Z", text))


def is_higher_lookup(text: str, level: int) -> bool:
    """Whether it is, or could be, a lookup along a relation of a higher app: `generations__state`."""
    return bool(re.fullmatch(r"-?\w+", text) and higher_relations(level) & set(text.lstrip("-").split("__")))


def faults_of_tag(tag: str, level: int) -> list[str]:
    """What a tag or variable of a template says of an app above `level`."""
    bits = list(smart_split(tag))
    paths = re.findall(r"(?<=\.)\w+", re.sub(r"([\"']).*?\1", "", tag))  # of what is looked up, not in quotes
    return [
        *([f"names {tag}"] if any(names_of_apps(bit.strip("\"'"), level) for bit in bits) else []),
        *([f"names {tag}"] if bits[0] == "url" and bits[1].strip("\"'") in higher_views(level) else []),
        *([f"loads {tag}"] if bits[0] == "load" and higher_libraries(level) & set(bits[1:]) else []),
        *([f"follows {tag}"] if higher_relations(level) & set(paths) else []),
    ]


def faults_of_code(said: Mentions, level: int) -> list[str]:
    """What code says of an app above `level`, beside its imports."""
    return [
        *(f"names {text[:80]}" for text in said.texts if names_of_apps(text, level) or text in higher_views(level)),
        *(f"follows {text}" for text in (*said.texts, *said.names) if is_higher_lookup(text, level)),
    ]


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
    assert storey("voicesite/web/rest.py") == GROUND and storey("voicesite/site/api.py") == ROOF
    assert higher_relations(VOICES) == {"generations", "conditionings", "fitting", "studio_draft"}
    assert {"voices", "clips", "generations"} <= higher_relations(GROUND)
    assert higher_views(VOICES) == {"studio"} and "engines" in higher_libraries(VOICES)
    assert storey_of_template("admin/voices/act.html") == VOICES and storey_of_template("base.html") == ROOF


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


def test_code_knows_nothing_of_the_apps_above_it():
    """Of `voicesite`'s folders only the roof knows the apps; `voices` knows nothing of speech."""
    assert not {
        f"{path} {fault}"
        for path in modules().values()
        for fault in faults_of_code(mentions_of_file(path), storey(path))
    }


def test_templates_know_nothing_of_the_apps_above_them():
    assert not {
        f"{name} {fault}"
        for name, tags in templates().items()
        for tag in tags
        for fault in faults_of_tag(tag, storey_of_template(name))
    }


def test_each_slot_is_filled_and_each_filling_is_shown():
    open_ones = {tag.split()[1].strip('"') for tags in templates().values() for tag in tags if tag.startswith("slot ")}
    assert open_ones == {slot for extension in extensions for slot in extension.slots}
    assert {part for extension in extensions for part in extension.slots.values()} <= set(templates())


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ('"""As `synthesis.queue.order` says."""', GROUND),
        ('SOURCES = ("voices",)', GROUND),
        ('redirect("studio")', GROUND),
        ("user.voices.count()", GROUND),
        ("User.objects.filter(clips__voice=None, pk=1)", GROUND),
        ('async_task("synthesis.workers.tasks.run_next")', VOICES),
        ('reverse("synthesis:audio", args=[1])', VOICES),
        ('reverse("admin:synthesis_generation_changelist")', VOICES),
        ('render(request, "synthesis/fittings/_fitting.html")', VOICES),
        ("voice.fitting.state", VOICES),
        ('getattr(voice, "fitting", None)', VOICES),
        ('voices.select_related("clip", "fitting")', VOICES),
        ('voices.order_by("-generations__created_at")', VOICES),
        ("voices.filter(generations__is_sample=True)", VOICES),
    ],
)
def test_the_rules_see_code_that_knows_too_much(code, level):
    assert faults_of_code(mentions_in(ast.parse(code)), level)
    assert not faults_of_code(mentions_in(ast.parse(code)), SYNTHESIS), "which may"


@pytest.mark.parametrize(
    ("template", "level"),
    [
        ("{% url 'voices:list' %}", GROUND),
        ("{% load transcripts %}", GROUND),
        ("{{ user.generations.count }}", GROUND),
        ('{% include "synthesis/voices/_sample.html" %}', VOICES),
        ('{% extends "synthesis/library/list.html" %}', VOICES),
        ("{% url 'synthesis:audio' voice.sample %}", VOICES),
        ("{% url 'studio' %}", VOICES),
        ("{% load engines static %}", VOICES),
        ("{% with fitting=voice.fitting %}{% endwith %}", VOICES),
        ("{% if voice.fitting.is_active %}{% endif %}", VOICES),
    ],
)
def test_the_rules_see_templates_that_know_too_much(template, level):
    assert [fault for tag in tags_in(template) for fault in faults_of_tag(tag, level)]
    assert not [fault for tag in tags_in(template) for fault in faults_of_tag(tag, SYNTHESIS)], "which may"


def test_only_the_doorbell_and_its_tasks_know_of_django_q():
    known = {"voicesite/jobs/broker.py", "voicesite/jobs/doorbell.py", "synthesis/workers/tasks.py"}
    assert importers("django_q") <= known


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


WEB_PROCESS_PROGRAM = """
import sys
from django.db import connection
from voicesite.asgi import application
connection.creation.create_test_db(verbosity=0, serialize=False)  # its tables, without going through the migrations
from django.test import Client
from voicesite.models import User
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.create_superuser("ada"))
for address in ("/", "/generations/", "/voices/", "/voices/new/", "/voices/import/", "/voices/export/", "/pronunciations/", "/status/", "/admin/", "/api/health", "/api/voices", "/docs"):
    assert client.get(address).status_code in (200, 503), address
text = {"text": "Good morning to all of you.", "language": "es"}
assert client.post("/api/text/preview", text, content_type="application/json").status_code == 200
print(sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


@pytest.mark.processes
def test_a_web_process_stays_light(tmp_path):
    """Also with the embedded engine chosen: its model is another process's."""
    environment = {
        "PATH": os.environ["PATH"],
        "VOICESITE_DATA": str(tmp_path),
        "VOICESITE_ENGINE": "kokoro",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS_PROGRAM, "mcp", "wyoming", "boto3", "botocore", "storages", *HEAVY],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr
