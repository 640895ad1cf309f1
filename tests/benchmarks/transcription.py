"""How well the bundled transcriber writes down the English fixtures, also under noise, and how long that takes.

Word error rates as `voices.text.word_errors.error_rate` counts them, against what is said by tests/fixtures/README.md.
"""

import time

import numpy as np
import soxr

from tests.voices.files import speech
from tests.voices.sounds import noise, with_noise
from voices.analysis.reference_audio import make_reference
from voices.analysis.vad import SAMPLE_RATE
from voices.text.word_errors import error_rate
from voices.transcription.transcribers.bundled import BundledWhisper

TRANSCRIPTS = {
    "english_austen_1": "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his "
    "power to do for them.",
    "english_austen_2": "Unless to be rather cold hearted and rather selfish is to be ill disposed.",
    "english_austen_short": "He was not an ill disposed young man.",
    "english_ivr": "Congratulations. You have successfully installed and executed the Asterisk open source PBX.",
}
SNR_BY_CONDITION = {"as it is": None, "noise, 20 dB": 20, "noise, 10 dB": 10, "noise, 5 dB": 5}


def main() -> None:
    began = time.perf_counter()
    whisper = BundledWhisper()
    whisper.load(whisper.models[0].name)
    loading = time.perf_counter() - began
    spent = heard_seconds = 0.0
    print(f"| recording | {' | '.join(SNR_BY_CONDITION)} |\n|---|{'---|' * len(SNR_BY_CONDITION)}")
    errors, counts, heard = [], [], []
    for name, said in TRANSCRIPTS.items():
        row = []
        for what, db in SNR_BY_CONDITION.items():
            wave = speech(name) if db is None else with_noise(speech(name), noise(speech(name)), db)
            reference = soxr.resample(make_reference(wave.astype(np.float32))[0], SAMPLE_RATE, 16_000)
            began = time.perf_counter()
            text = whisper.transcribe(reference, "en-us", lambda progress: None).text
            spent, heard_seconds = spent + time.perf_counter() - began, heard_seconds + len(reference) / 16_000
            row.append(error_rate(said, text, "en-us"))
            heard.append(f"{name}, {what}: {text}")
        errors.append(row)
        counts.append(len(said.split()))
        print(f"| {name} | {' | '.join(f'{rate:.1%}' for rate in row)} |", flush=True)
    print(f"| all, by words | {' | '.join(f'{rate:.1%}' for rate in np.average(errors, axis=0, weights=counts))} |\n")
    print("\n".join(heard))
    print(
        f"\nLoaded in {loading:.1f} s on {whisper.runs_on}; a second of speech is written down in "
        f"{1000 * spent / heard_seconds:.0f} ms."
    )


if __name__ == "__main__":
    main()
