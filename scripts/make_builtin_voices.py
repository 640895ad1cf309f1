"""Make the clips of the built-in voices: `python scripts/make_builtin_voices.py`.

Each is a published voice of Kokoro that speaks a few sentences, kept as any recording is: trimmed, levelled, measured.
Writes a FLAC file for each into synthesis/builtin_voices/clips, and what was measured into voices.json beside them.
"""

import json
from dataclasses import asdict, replace

import numpy as np
import soundfile

from synthesis.builtin_voices.installing import FOLDER, VOICES
from synthesis.engines.base import Audio, Reference, Utterance
from synthesis.engines.kokoro.engine import RATE, KokoroEngine
from voices.analysis import quality
from voices.analysis.reference_audio import make_reference

# About eight seconds, which is what engines like to clone from, and about nothing.
SAID = {
    "en": "Good morning. The kettle is on, the bread is still warm, and there is nowhere we have to be before noon. "
    "Shall we open a window, and listen to the rain?",
    "es": "Buenos días. El café está listo, el pan todavía está caliente, y no tenemos que salir antes del mediodía. "
    "¿Abrimos una ventana, y escuchamos la lluvia?",
}


def main() -> None:
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    made = {}
    for voice in VOICES:
        said = SAID[voice.language.split("-")[0]]
        conditioning = engine.condition(Reference(np.zeros(0, np.float32), RATE, preset=voice.preset))
        spoken = engine.synthesize([Utterance(said, voice.language, conditioning)], lambda progress: None)
        whole = np.concatenate([part.samples for part in spoken if isinstance(part, Audio)])
        reference, measured = make_reference(whole)
        measured = quality.judge(reference, measured)
        soundfile.write(FOLDER / f"{voice.preset}.flac", reference, RATE, subtype="PCM_16")
        made[voice.preset] = {"transcript": said, **asdict(replace(measured, advice=[]))}  # nobody records them anew
        print(voice.preset, measured.seconds, measured.grade, measured.advice)
    lines = (f"{json.dumps(preset)}: {json.dumps(measured, ensure_ascii=False)}" for preset, measured in made.items())
    (FOLDER / "voices.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
