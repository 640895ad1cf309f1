"""Damaged and hostile uploads: each is rejected quickly and with its reason, and leaves no files."""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.voices import hostile
from voices.analysis.reference_audio import AudioRejected, make_reference
from voices.clips.service import limits
from voices.intake import process as intake
from voices.intake import sandbox
from voices.intake.decoding import Limits, decode
from voices.models import Clip

pytestmark = [pytest.mark.own_process, pytest.mark.processes]

UPLOADS = hostile.uploads()
ONE_OF_EACH_KIND = list({upload.kind: upload for upload in UPLOADS}.values())


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*")) if folder.exists() else set()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Give this process and its children an own folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    tempfile.tempdir = None


def test_each_is_refused_with_a_true_reason(tmp_path):
    path, wrong = tmp_path / "upload", []
    for upload in UPLOADS:
        path.write_bytes(upload.make())
        began = time.process_time()
        try:
            make_reference(decode(path, Limits()))
            code = "accepted"
        except AudioRejected as rejected:
            code = rejected.code
            assert len(rejected.message) > 30
        if code not in upload.codes or time.process_time() - began > 5:
            wrong.append((upload, code, time.process_time() - began))
    assert len(UPLOADS) == hostile.MUTATION_COUNT and not wrong


@pytest.mark.parametrize("upload", ONE_OF_EACH_KIND, ids=lambda upload: upload.kind)
def test_a_person_is_told_and_nothing_is_left(upload, page, settings, temporary):
    began = time.monotonic()
    sent = SimpleUploadedFile(upload.name, upload.make())
    response = page.post("/voices/new/", {"name": "Jane", "language": "es", "consent": "on", "recording": sent})
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["recording"][0].code in upload.codes
    assert response.context["form"].errors["recording"][0].replace("’", "&#x27;") in response.text.replace(
        "’", "&#x27;"
    )
    assert 'value="Jane"' in response.text and 'value="es" selected' in response.text  # what was typed is kept
    assert time.monotonic() - began < 15
    assert not Clip.objects.exists()
    assert not [path for path in files(Path(settings.MEDIA_ROOT)) if path.is_file()]
    assert not files(temporary)


@pytest.mark.parametrize("name", hostile.PLAYLISTS)
def test_what_a_playlist_names_is_never_opened(name, tmp_path):
    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/speech.wav"

        def listen():
            try:
                server.accept()
                heard.set()
            except TimeoutError:
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        path = tmp_path / name
        path.write_text(hostile.PLAYLISTS[name].format(address=address))
        with pytest.raises(AudioRejected):
            decode(path, Limits())
        listener.join()
    assert not heard.is_set()
    speech = tmp_path / "speech.wav"
    speech.write_bytes(hostile.recording("wav"))
    path.write_text(hostile.PLAYLISTS[name].format(address=speech))
    with pytest.raises(AudioRejected):
        decode(path, Limits())


def test_a_decoder_that_hangs_is_ended(tmp_path, monkeypatch, temporary):
    monkeypatch.setattr(intake, "MAX_SECONDS", 0.01)
    path = tmp_path / "upload.wav"
    path.write_bytes(hostile.recording("wav"))
    with pytest.raises(AudioRejected, match="took too long") as rejected:
        intake.take_in(path, limits())
    assert rejected.value.code == "too_slow"
    assert not files(temporary)


def test_a_decoder_that_breaks_is_the_files_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "_COMMAND", ["false"])
    path = tmp_path / "upload.wav"
    path.write_bytes(hostile.recording("wav"))
    with pytest.raises(AudioRejected) as rejected:
        intake.take_in(path, limits())
    assert rejected.value.code == "damaged"


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not bound a process's memory")
@pytest.mark.parametrize(("megabytes", "fits"), [(100, True), (1000, False)])
def test_the_decoder_gets_no_more_memory_than_it_needs(megabytes, fits, tmp_path):
    code = f"""
from voices.intake import process, sandbox
sandbox.limit_resources({limits().max_seconds}, 20)
bytes({megabytes} * 2**20)
"""
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=sandbox.environment(str(tmp_path))
    )
    assert (child.returncode == 0) == fits, child.stderr
    assert fits or "MemoryError" in child.stderr


def test_the_decoder_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    assert "hush" not in sandbox.environment("/tmp").values()
