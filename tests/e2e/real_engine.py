"""The whole site with a real engine and a tiny random checkpoint: what `make test-torch` and `make test-mlx` share."""

import re

import soundfile

from tests.checkpoints import write_checkpoint

from .copy import Copy, wait_for

TEXT = "The kettle is on, and the bread is in the oven.\n\nCome in, sit down and tell me all about it."


def speak_through_the_site(folder, engine: str) -> None:
    """Clone a voice, let it say two texts with the model kept loaded, switch to the embedded engine and back.

    Random weights end an utterance when they like, so a text is asked for with one seed after another, as a person
    would, until one is spoken to its end.
    """
    checkpoint = write_checkpoint(folder / "tiny")
    copy = Copy(
        folder / "data",
        VOICESITE_ENGINE=engine,
        VOICESITE_MODEL=str(checkpoint),
        OMP_NUM_THREADS="1",
        MLX_DISABLE_COMPILE="1",
    )
    copy.start()
    try:
        copy.wait_until_ready()
        copy.settle_in()
        _, studio, _ = copy.open("/")
        assert re.search(rf'value="{engine}:[^"]*tiny"[^>]* checked', studio), studio
        hosts = set()
        for _ in range(2):
            assert _spoken(copy, copy.speak)["seconds"] > 1
            hosts.add(copy.find("engine host").pid)
        assert len(hosts) == 1, "the model stays loaded"
        other = next(key for key in re.findall(r'name="model"\s+value="(kokoro:[^"]+)"', studio))
        _spoken(copy, lambda text, seed: copy.speak("Good morning.", seed=seed, model=other))
        assert copy.find("engine host").pid not in hosts, "another model is another process"
    finally:
        copy.stop()
    assert copy.processes() == []


def _spoken(copy: Copy, ask) -> dict:
    """A generation that completed."""
    errors = []
    for seed in range(1, 30):
        pk = ask(TEXT, seed=str(seed))

        def ended(pk=pk):
            row = copy.row(pk)
            return row if row["state"] in ("completed", "failed") else None

        row = wait_for(ended, 90, copy.log.read_text)
        if row["state"] == "completed":
            sound, rate = soundfile.read(copy.folder / "media" / row["audio"])
            assert rate == 24_000 and abs(len(sound) / rate - row["seconds"]) < 0.01 and abs(sound).max() > 0.05
            return row
        assert "couldn’t be spoken well" in row["error"], row["error"] + copy.log.read_text()
        errors.append(row["error"])
    raise AssertionError(f"No seed did: {errors}")
