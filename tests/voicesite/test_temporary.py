"""What killed processes leave in the system's folder for temporary files goes after a day; nothing else does."""

import os
import tempfile
import time

import pytest

from synthesis.workers import sweeper
from tests.voices.intake.test_upload_handler import receive
from voicesite import temporary
from voicesite.temporary import PREFIX


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(path, seconds=temporary.ORPHAN_SECONDS + 60):
    for one in (*path.rglob("*"), path):
        os.utime(one, (time.time() - seconds,) * 2, follow_symlinks=False)
    return path


@pytest.mark.django_db
def test_orphans_go_and_what_is_young_open_or_another_programs_stays(folder):
    (folder / "kept").write_text("of somebody")
    for name in (f"{PREFIX}file.wav", f"{PREFIX}young", f"{PREFIX}open", "voicesite-cache", "tmpabc.upload"):
        (folder / name).write_bytes(b"RIFF")
    for name in (f"{PREFIX}sandbox", f"{PREFIX}in-use", f"{PREFIX}written"):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "errors").write_text("")
    (folder / f"{PREFIX}link").symlink_to(folder / "kept")
    for path in folder.iterdir():
        aged(path)
    os.utime(folder / f"{PREFIX}young")
    os.utime(folder / f"{PREFIX}written" / "deep" / "errors")
    with (folder / f"{PREFIX}open").open("rb"), (folder / f"{PREFIX}in-use" / "deep" / "errors").open("rb"):
        sweeper.delete_leftovers()
    left = {path.name for path in folder.iterdir()}
    assert left == {f"{PREFIX}{name}" for name in ("young", "open", "in-use", "written")} | {
        "kept", "voicesite-cache", "tmpabc.upload",
    }  # fmt: skip


@pytest.mark.django_db
def test_an_upload_is_one_of_them(folder):
    (file,) = receive(b"RIFF" * 100).values()
    assert [path.name.startswith(PREFIX) for path in folder.iterdir()] == [True]
    assert file.temporary_file_path().startswith(str(folder)) and file.read() == b"RIFF" * 100
    file.close()
    assert not list(folder.iterdir())


def test_every_named_temporary_file_of_the_site_has_the_prefix():
    """Where no folder is given, that is: what lies beside its place is that place's to clean."""
    import ast

    from tests.e2e.copy import ROOT

    makers, nameless = {"NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp"}, []
    for app in ("voicesite", "voices", "synthesis"):
        for path in (ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in makers:
                    named = {one.arg: ast.unparse(one.value) for one in call.keywords}
                    if "dir" not in named and "PREFIX" not in named.get("prefix", ""):
                        nameless.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    # The command of programs runs elsewhere; an archive is decoded in the folder of its sandbox.
    assert [one for one in nameless if not one.startswith(("voicesite/client/", "voices/archives/process.py"))] == []
