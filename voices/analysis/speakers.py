"""Tell whether one person speaks in a recording, or several. Pure.

1. Windows of 1.6 s are embedded, and parted into the two groups that are furthest apart (2-means).
2. People speak in turns: the groups are smoothed over time, so that a change costs something. The windows in which turns
   change hold both voices, and are left out where a group has others.
3. What counts is how similar the two groups are, how long the shorter one speaks, since a second or two of anybody may
   sound unlike the rest, and by how much their pitch differs.

The constants were chosen by recordings of some of the speakers of `python -m tests.benchmarks recordings`.
"""

from dataclasses import dataclass

import numpy as np

from . import speaker_encoder
from .pitch import HOP_SECONDS
from .vad import FRAME_SAMPLES, SAMPLE_RATE

MIN_SPEECH_SECONDS = 4.0  # with less, nothing is said: one person's two seconds may differ as much as two people's

_WINDOW_SECONDS, _STEP_SECONDS = 1.6, 0.4
_MIN_SPEECH_SHARE = 0.6  # of a window
_CHANGE_COST = 0.15  # of a change of turns, in similarity
_SURE_SECONDS = 0.85  # a window whose neighbours, so far away, are in the same group holds one voice
_FRAMES_PER_SECOND = SAMPLE_RATE / FRAME_SAMPLES


@dataclass(frozen=True)
class Groups:
    """The two groups into which a recording is parted."""

    similarity: float  # of their speaker embeddings; 1 if there is one group
    seconds: float  # of speech in the shorter one
    semitones: float  # between their median pitches

    @property
    def are_two_people(self) -> bool:
        limit = 0.60 + 0.035 * min(self.seconds, 4) + 0.02 * float(np.clip(self.semitones - 2, 0, 4))
        return self.similarity < limit


def groups(wave: np.ndarray, speech: np.ndarray, hertz: np.ndarray) -> Groups | None:
    """Part the speech of `wave`, float32 (samples,) at 24 kHz; None if there is too little.

    speech: which frames hold speech, as of `vad.speech_mask`. hertz: the pitch, as of `pitch.track`.
    """
    if speech.sum() < MIN_SPEECH_SECONDS * _FRAMES_PER_SECOND:
        return None
    starts = _starts(speech)
    if len(starts) < 2:
        return None
    windows = speaker_encoder.embed_at(wave, SAMPLE_RATE, starts)
    labels, similarity = _in_turns(windows, starts)
    if labels.min() == labels.max():
        return Groups(1.0, 0.0, 0.0)
    times = (np.arange(len(hertz)) + 2.5) * HOP_SECONDS  # the middles of its frames
    spoken = speech[np.minimum((times * _FRAMES_PER_SECOND).astype(int), len(speech) - 1)]
    group = labels[np.abs(times[:, None] - starts - _WINDOW_SECONDS / 2).argmin(1)]
    seconds = min(np.sum(spoken & (group == one)) for one in (0, 1)) * HOP_SECONDS
    pitches = [12 * np.log2(hertz[spoken & (group == one) & ~np.isnan(hertz)]) for one in (0, 1)]
    voiced = min(map(len, pitches)) > 10
    semitones = abs(float(np.median(pitches[0]) - np.median(pitches[1]))) if voiced else 0.0
    return Groups(similarity, float(seconds), semitones)


def _starts(speech: np.ndarray) -> np.ndarray:
    """Return the start in seconds of each window that is mostly speech."""
    spoken = np.concatenate([[0], np.cumsum(speech)])
    every = np.arange(0, max(len(speech) / _FRAMES_PER_SECOND - _WINDOW_SECONDS, 0) + 1e-6, _STEP_SECONDS)
    first, last = (np.rint(edges * _FRAMES_PER_SECOND).astype(int) for edges in (every, every + _WINDOW_SECONDS))
    heard = (spoken[np.minimum(last, len(speech))] - spoken[first]) / _FRAMES_PER_SECOND
    return every[heard > _MIN_SPEECH_SHARE * _WINDOW_SECONDS]


def _in_turns(windows: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the group of each window, 0 or 1, and how similar the groups are."""
    centres = _furthest_groups(windows)
    neighbours = np.abs(starts[:, None] - starts) <= _SURE_SECONDS
    for _ in range(3):
        labels = _smoothed(windows @ centres.T)
        if labels.min() == labels.max():
            break
        sure = np.array([np.all(labels[near] == label) for near, label in zip(neighbours, labels, strict=True)])
        chosen = [sure & (labels == one) if np.any(sure & (labels == one)) else labels == one for one in (0, 1)]
        centres = np.stack([_centre(windows[some]) for some in chosen])
    return labels, float(centres[0] @ centres[1])


def _furthest_groups(windows: np.ndarray) -> np.ndarray:
    """Return the centres of two groups (2, 256), by 2-means that starts with the two windows that are furthest apart."""
    apart = np.unravel_index((windows @ windows.T).argmin(), (len(windows), len(windows)))
    centres = windows[list(apart)]
    for _ in range(8):
        nearest = (windows @ centres.T).argmax(1)
        if nearest.min() == nearest.max():
            break
        centres = np.stack([_centre(windows[nearest == one]) for one in (0, 1)])
    return centres


def _centre(windows: np.ndarray) -> np.ndarray:
    mean = windows.mean(0)
    return mean / np.linalg.norm(mean)


def _smoothed(similarities: np.ndarray) -> np.ndarray:
    """Return the likeliest group of each window, where each change of groups has a cost (Viterbi).

    similarities: of each window to the two centres, (windows, 2).
    """
    best, came_from = similarities[0].copy(), np.zeros(similarities.shape, int)
    for index, similarity in enumerate(similarities[1:], 1):
        changed = best[::-1] - _CHANGE_COST
        came_from[index] = np.where(best >= changed, [0, 1], [1, 0])
        best = np.maximum(best, changed) + similarity
    labels = np.full(len(similarities), best.argmax())
    for index in range(len(similarities) - 1, 0, -1):
        labels[index - 1] = came_from[index, labels[index]]
    return labels
