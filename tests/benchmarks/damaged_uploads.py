"""200 damaged uploads, each sent to the page as a browser sends it: what is answered, how fast, at what cost.

Run with `python -m pytest -q -s -n 0 tests/benchmarks/damaged_uploads.py`: it needs a site with a database, but is too
slow for the ordinary suite, which sends one of each kind.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.voices import hostile
from voices.intake import process as intake
from voices.models import Clip

DECODER_PROGRAM = """
import re, sys
from voices.intake import process as intake
intake.main(*sys.argv[2:])
with open("/proc/self/status") as status, open(sys.argv[1], "a") as file:
    print(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1], file=file)  # KB
"""


def test_200_damaged_uploads(page, settings, tmp_path, monkeypatch):
    peaks, temporary = tmp_path / "peaks", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(intake, "_COMMAND", [sys.executable, "-c", DECODER_PROGRAM, str(peaks)])
    answers, took = Counter(), []
    for upload in hostile.uploads():
        sent = SimpleUploadedFile(upload.name, upload.make())
        began = time.perf_counter()
        response = page.post("/voices/new/", {"name": "Jane", "language": "es", "consent": "on", "recording": sent})
        took.append((time.perf_counter() - began, upload.kind, upload.name))
        (error,) = response.context["form"].errors.as_data()["recording"]
        assert error.code in upload.codes and error.message
        answers[response.status_code, error.code] += 1
    memory = [int(line) for line in peaks.read_text().split()]
    assert sum(answers.values()) == hostile.MUTATION_COUNT and {status for status, _ in answers} == {422}
    assert not Clip.objects.exists() and not list(temporary.iterdir())
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    print()
    for (status, code), count in answers.most_common():
        print(f"{status} {code:<18}{count:>4}")
    print(f"median {statistics.median(seconds for seconds, *_ in took):.2f} s, worst {max(took)}")
    print(f"peak memory of a decoder {max(memory) / 1024:.0f} MB, in {len(memory)} decoders; left on the disk: nothing")
