"""Over 500 hostile archives, each sent to the page as a browser sends it, and answered: what is said, how fast, at what
cost, and what is left.

Run with `python -m pytest -q -s -n 0 tests/benchmarks/hostile_archives.py`: it needs a site with a database, but is too
slow for the ordinary suite, which reads one of each kind.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from django.urls import reverse

from tests.voices.archives import archive_files, hostile_archives
from tests.voices.archives.hostile_archives import HARMLESS
from tests.voices.archives.test_archives import answers, media, send, work
from voices.archives import process as unpacking
from voices.clips.service import delete_voice
from voices.models import Clip, Recording, VoiceImport, VoiceProfile
from voicesite.jobs.job import State

READER_PROGRAM = """
import re, sys
from voices.archives import process
try:
    process.main(*sys.argv[2:])
finally:
    with open("/proc/self/status") as status, open(sys.argv[1], "a") as file:
        print(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1], file=file)  # KB
"""


def test_hostile_archives(page, settings, tmp_path, monkeypatch, django_capture_on_commit_callbacks):
    peaks, temporary = tmp_path / "peaks", tmp_path / "temporary"
    temporary.mkdir()
    archive_files.good()  # onnxruntime leaves a file where it is first used
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(unpacking, "_COMMAND", [sys.executable, "-c", READER_PROGRAM, str(peaks)])
    seen, took, wrong = Counter(), [], []
    for hostile in hostile_archives.archives():
        archive = hostile.make()
        began = time.perf_counter()
        with django_capture_on_commit_callbacks(execute=True):
            response = send(page, archive)
            code, message = HARMLESS, ""
            if response.status_code == 422:
                code, message = "refused", response.context["rejected"]
            else:
                voices = VoiceImport.objects.get().preview["voices"]
                page.post(
                    response.url,
                    answers(*(("skip" if v["problem"] or n else "new", v["name"]) for n, v in enumerate(voices))),
                )
                job = work()
                if job.state != State.COMPLETED:
                    code, message = "not taken in", job.error
        took.append((time.perf_counter() - began, hostile.kind, hostile.what))
        seen[code, hostile.kind] += 1
        reason_is_missing = code != HARMLESS and len(message) < 25
        if reason_is_missing or (code == HARMLESS and hostile.codes and HARMLESS not in hostile.codes):
            wrong.append((hostile, code, message))
        # Nothing is left of it but the archive that may be answered again, and what was taken in as a whole.
        with django_capture_on_commit_callbacks(execute=True):
            for voice in VoiceProfile.objects.all():
                assert code == HARMLESS and voice.name.strip("\u200d").isprintable() and len(voice.name) <= 80
                delete_voice(voice)
            for job in VoiceImport.objects.all():
                page.post(reverse("voices:discard_import", args=[job.pk]))
        assert not Clip.objects.exists() and not Recording.objects.exists() and not VoiceImport.objects.exists()
        assert not media(settings) and not list(temporary.iterdir()), hostile
    print()
    for outcome in (HARMLESS, "refused", "not taken in"):
        kinds = {kind: count for (said, kind), count in sorted(seen.items()) if said == outcome}
        print(f"{sum(kinds.values()):>4} {outcome}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()))
    memory = [int(line) for line in peaks.read_text().split()]
    print(f"{len(took)} archives; median {statistics.median(seconds for seconds, *_ in took):.2f} s, worst {max(took)}")
    print(f"peak memory of a reader {max(memory) / 1024:.0f} MB, in {len(memory)} readers; left on the disk: nothing")
    assert not wrong, wrong
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.wav"))
