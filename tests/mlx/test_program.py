"""How a site fails that calls mlx-audio's program for each text, as this one's predecessor did, and that this one does not.

The program is upstream's own, `mlx_audio.tts.generate`, with the tiny model.
"""

import subprocess
import sys

import pytest

from synthesis.engines.base import Audio, Conditioning, EngineError, Rejected
from synthesis.engines.client import EngineProcess
from tests import FIXTURES
from voicesite.modelhost.protocol import Progress

from .conftest import TEXT, TRANSCRIPT, utterance

# Without the player, which wants a sound card; `--play` is not given.
PROGRAM = """
import sys, types
sys.modules["sounddevice"] = types.ModuleType("sounddevice")
from mlx_audio.tts.generate import main
main()
"""


@pytest.fixture
def program(checkpoint, tmp_path):
    def run(**options):
        given = {
            "model": checkpoint,
            "text": TEXT,
            "ref_audio": FIXTURES / "english_austen_short.wav",
            "ref_text": TRANSCRIPT,
            "max_tokens": 6,
            **options,
        }
        arguments = [str(word) for name, value in given.items() for word in (f"--{name}", value)]
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.fixture
def host():
    process = EngineProcess()
    yield process
    process.end()


def quiet() -> None:
    pass


def test_the_program_writes_elsewhere_than_it_is_told_and_the_engine_to_no_path(
    program, tmp_path, host, checkpoint, recording
):
    wanted = tmp_path / "speech.wav"
    done = program(output_path=wanted)
    assert done.returncode == 0 and wanted.is_dir()
    assert [path.name for path in wanted.iterdir()] == ["audio_000.wav"]

    before = set(tmp_path.rglob("*"))
    host.load("mlx", str(checkpoint), quiet)
    voice = host.condition(recording(transcript=TRANSCRIPT), quiet)
    items = list(host.synthesize([utterance(voice)], quiet))
    assert any(isinstance(item, Audio | Rejected) for item in items)
    assert set(tmp_path.rglob("*")) == before


def test_the_program_succeeds_without_a_sound_and_the_engine_says_what_is_wrong(program, tmp_path, host, checkpoint):
    done = program(ref_audio=tmp_path / "gone.wav")
    assert done.returncode == 0 and not list(tmp_path.glob("*.wav"))

    with pytest.raises(EngineError, match="not on this machine"):
        host.load("mlx", "mlx-community/of-nobody", quiet)
    host.load("mlx", str(checkpoint), quiet)
    with pytest.raises(EngineError, match="Prepare it again"):
        list(host.synthesize([utterance(Conditioning(b"nothing"))], quiet))


def test_the_program_tells_no_progress_and_the_engine_each_frame(program, host, checkpoint, recording):
    short, long = (program(max_tokens=frames).stdout.count("\n") for frames in (3, 12))
    assert short == long, "no line for a frame"

    host.load("mlx", str(checkpoint), quiet)
    voice = host.condition(recording(transcript=TRANSCRIPT), quiet)
    frames = [item.done for item in host.synthesize([utterance(voice)], quiet) if isinstance(item, Progress)]
    assert len(frames) > 3 and frames[:4] == [1, 2, 3, 4]
