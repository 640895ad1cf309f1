"""Rank the best excerpts of a long recording: 5 to 15 s of clean whole sentences by its main speaker. Pure.

1. Voice activity detection finds the speech. Candidates are all parts from one pause to another.
2. Each gets a score of what is cheap to measure: signal-to-noise ratio, clipping, share of speech, length of the pauses
   at both ends, and whether the voice falls at the end.
3. The speech is embedded in windows; the densest cluster is the main speaker. Candidates in which another one speaks are
   dropped.
4. The best of the rest that do not overlap are graded as clips are, with DNSMOS and reverberation, and ranked.

Memory beyond the recording itself: some bytes per frame, and a block of half a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voicesite.modelhost.protocol import OnProgress, Progress
from voicesite.texts import N_

from . import quality, speaker_encoder
from .reference_audio import FULL_SCALE, LONG_SECONDS, AudioRejected, make_reference, snr
from .vad import FRAME_SAMPLES, MAYBE_SPEECH_PROBABILITY, SAMPLE_RATE, mask_of, runs_of, speech_probabilities

MIN_EXCERPT_SECONDS, MAX_EXCERPT_SECONDS = 5.0, 15.0
BEST_EXCERPT_SECONDS = 8.0, 13.0  # lengths in this range get the full score
MAX_PAUSE_SECONDS = 1.2  # within an excerpt
SENTENCE_PAUSE_SECONDS = 0.6  # a pause between sentences
MARGIN_SECONDS = 0.2  # at most, of the pauses before and after
MAX_EXCERPTS, FINALIST_COUNT = 6, 12

WINDOW_STEP_SECONDS = 0.8  # between windows of the speaker encoder
MAIN_SPEAKER_SIMILARITY = 0.72  # to the main speaker's centroid: theirs have 0.75 to 0.9, others' a median of 0.57
STRANGER_SIMILARITY = 0.62  # no window of an excerpt may be below it
MAX_SAMPLED_WINDOWS = 1500  # that the search for the main speaker starts from

_FRAMES_PER_SECOND = SAMPLE_RATE / FRAME_SAMPLES


@dataclass(frozen=True)
class Excerpt:
    """A part of a recording that would make a good clip."""

    start: float  # seconds into the recording
    end: float
    score: float  # 0 to 1


@dataclass(frozen=True)
class _Frames:
    """Measurements of each frame of 32 ms, and the phrases: runs of speech between two pauses."""

    power: np.ndarray  # variance of its samples
    clipped: np.ndarray  # samples at full scale
    speech: np.ndarray  # bool
    phrases: np.ndarray  # (phrases, 2) frames: start, end


@dataclass(frozen=True)
class _Candidate:
    start: int  # frame at which its first word starts
    end: int
    before: float  # seconds of the pauses around it
    after: float
    score: float  # 0 to 1, by what is cheap to measure


def rank_excerpts(wave: np.ndarray, on_progress: OnProgress = lambda progress: None) -> list[Excerpt]:
    """Return the best excerpts of a recording, float32 (samples,) at 24 kHz, best first; none if all are poor.

    `on_progress` is called several times a second; it may raise to end the search.
    """

    def tell(share: float, stage: str) -> None:
        on_progress(Progress(0, round(1000 * share), 1000, stage))

    frames = _measure_frames(wave, lambda share: tell(0.35 * share, N_("Finding speech")))
    starts, windows = _windows(wave, frames, lambda share: tell(0.35 + 0.4 * share, N_("Identifying speakers")))
    finalists = _without_overlap(_of_main_speaker(_candidates(frames), starts, windows))
    graded = []
    for number, candidate in enumerate(finalists):
        tell(0.75 + 0.25 * number / len(finalists), N_("Comparing the best stretches"))
        if excerpt := _grade(wave, frames, candidate):
            graded.append(excerpt)
    graded.sort(key=lambda each: -each[1].score)
    best = max((mark for mark, _ in graded), default=0)
    return [excerpt for mark, excerpt in graded if mark > quality.POOR and mark >= best - 1][:MAX_EXCERPTS]


def quick_excerpt(wave: np.ndarray) -> tuple[float, float]:
    """Return start and end of a first excerpt, in seconds: all of a short recording, or the best candidate of a long one.

    Speakers are not told apart: that would take too long.
    """
    seconds = len(wave) / SAMPLE_RATE
    if seconds <= LONG_SECONDS:
        return 0.0, seconds
    frames = _measure_frames(wave, lambda share: None)
    if candidates := _candidates(frames):
        return _extent(max(candidates, key=lambda candidate: candidate.score), len(frames.power))
    # There are no pauses, or hardly any speech: take the part with the most speech.
    length = round(BEST_EXCERPT_SECONDS[0] * _FRAMES_PER_SECOND)
    start = int(np.argmax(np.convolve(frames.speech, np.ones(length), mode="valid"))) / _FRAMES_PER_SECOND
    return round(start, 3), round(start + BEST_EXCERPT_SECONDS[0], 3)


def _measure_frames(wave: np.ndarray, on_block: Callable[[float], object]) -> _Frames:
    likely = speech_probabilities(wave, on_block)
    frames = wave[: len(likely) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    # One by one: together, they would take as much memory as the recording.
    power = np.array([frame.var() for frame in frames], float)
    clipped = np.array([(np.abs(frame) > FULL_SCALE).sum() for frame in frames], int)
    speech = mask_of(likely)
    phrases = [part for start, end in runs_of(speech) for part in _split_phrase(likely, start, end)]
    return _Frames(power, clipped, speech, np.array(phrases, int).reshape(-1, 2))


def _split_phrase(likely: np.ndarray, start: int, end: int) -> list[tuple[int, int]]:
    """Split a run of speech at its longest gap, recursively, until no part is too long for an excerpt.

    A part without gaps can't be split between words: it stays long, and becomes no candidate.
    """
    if end - start <= 0.6 * MAX_EXCERPT_SECONDS * _FRAMES_PER_SECOND:
        return [(start, end)]
    gaps = [(a + start, b + start) for a, b in runs_of(likely[start:end] < MAYBE_SPEECH_PROBABILITY)]
    gaps = [(a, b) for a, b in gaps if b - a >= 3 and a - start > _FRAMES_PER_SECOND and end - b > _FRAMES_PER_SECOND]
    if not gaps:
        return [(start, end)]
    a, b = max(gaps, key=lambda gap: gap[1] - gap[0])
    return _split_phrase(likely, start, a) + _split_phrase(likely, b, end)


def _candidates(frames: _Frames) -> list[_Candidate]:
    """Return every part from one pause to another that is neither too short nor too long."""
    found, phrases = [], frames.phrases
    shortest, longest = BEST_EXCERPT_SECONDS
    level = 10 * np.log10(frames.power + 1e-10)
    spoken, clipped = (np.concatenate([[0], np.cumsum(part)]) for part in (frames.speech, frames.clipped))
    pauses = np.diff(np.concatenate([[0], phrases.ravel(), [len(frames.power)]]))[::2] / _FRAMES_PER_SECOND
    for first in range(len(phrases)):
        start = phrases[first, 0]
        for last in range(first, len(phrases)):
            end = phrases[last, 1]
            seconds = (end - start) / _FRAMES_PER_SECOND
            too_long = seconds > MAX_EXCERPT_SECONDS - 2 * MARGIN_SECONDS
            if too_long or (last > first and pauses[last] > MAX_PAUSE_SECONDS):
                break
            if seconds < MIN_EXCERPT_SECONDS:
                continue
            before, after = float(pauses[first]), float(pauses[last + 1])
            longer, shorter = seconds - 2, MAX_EXCERPT_SECONDS + 3 - seconds  # than a useless excerpt
            length = min(1.0, longer / (shortest - 2), shorter / (MAX_EXCERPT_SECONDS + 3 - longest))
            pause = min(before, SENTENCE_PAUSE_SECONDS) + min(after, SENTENCE_PAUSE_SECONDS)
            speech_share = (spoken[end] - spoken[start]) / (end - start)
            around = slice(max(start - 6, 0), end + 6)
            clipped_share = (clipped[end] - clipped[start]) / ((end - start) * FRAME_SAMPLES)
            fall = np.mean(level[start:end]) - np.mean(level[max(end - 10, start) : end])  # dB
            score = (
                0.4 * np.clip((snr(frames.power[around], frames.speech[around]) - 5) / 30, 0, 1)
                + 0.2 * length
                + 0.15 * np.clip((speech_share - 0.5) / 0.4, 0, 1)
                + 0.2 * pause / (2 * SENTENCE_PAUSE_SECONDS)
                + 0.05 * np.clip(fall / 10, 0, 1)
                - 0.5 * (clipped_share > quality.CLIPPED_SHARE)
            )
            found.append(_Candidate(int(start), int(end), before, after, float(np.clip(score, 0, 1))))
    return found


def _of_main_speaker(candidates: list[_Candidate], starts: np.ndarray, windows: np.ndarray) -> list[_Candidate]:
    """Return the candidates in which only the main speaker speaks. starts, windows: as `_windows` returns them."""
    if not len(windows):
        return []
    similarities = windows @ _main_speaker(windows)
    kept = []
    for candidate in candidates:
        first = np.searchsorted(starts, candidate.start / _FRAMES_PER_SECOND - 0.4)
        last = np.searchsorted(starts, candidate.end / _FRAMES_PER_SECOND - 1.2)
        inside = similarities[first:last]
        if len(inside) and inside.min() > STRANGER_SIMILARITY and np.mean(inside > MAIN_SPEAKER_SIMILARITY) > 0.8:
            kept.append(candidate)
    return kept


def _windows(wave: np.ndarray, frames: _Frames, on_block: Callable[[float], object]) -> tuple[np.ndarray, np.ndarray]:
    """Return the start in seconds of each window that is mostly speech, and its speaker embedding."""
    size = speaker_encoder.PARTIAL_FRAMES * speaker_encoder.HOP_SAMPLES / speaker_encoder.SAMPLE_RATE
    spoken = np.concatenate([[0], np.cumsum(frames.speech)])
    room = max(len(frames.speech) / _FRAMES_PER_SECOND - size, 0)
    every = np.arange(0, room + WINDOW_STEP_SECONDS, WINDOW_STEP_SECONDS)
    edges = np.rint(np.stack([every, every + size]) * _FRAMES_PER_SECOND)
    first, last = np.clip(edges, 0, len(frames.speech)).astype(int)
    starts = every[(spoken[last] - spoken[first]) / _FRAMES_PER_SECOND > 0.6 * size]
    embeddings = [np.zeros((0, 256), np.float32)]
    for block in range(0, len(starts), 24):
        some = starts[block : block + 24]
        # Where speech is rare, windows are far apart: cut there, so that no long silence is resampled with them.
        for part in np.split(some, np.flatnonzero(np.diff(some) > 10) + 1):
            piece = wave[round(part[0] * SAMPLE_RATE) : round((part[-1] + size) * SAMPLE_RATE)]
            embeddings.append(speaker_encoder.embed_at(piece, SAMPLE_RATE, part - part[0]))
        on_block(block / len(starts))
    return starts, np.concatenate(embeddings)


def _main_speaker(windows: np.ndarray) -> np.ndarray:
    """Return the centre of the densest cluster of embeddings, (256,) of unit norm, by mean shift with a flat kernel."""
    sample = windows[np.linspace(0, len(windows) - 1, min(len(windows), MAX_SAMPLED_WINDOWS)).astype(int)]
    centre = sample[(sample @ sample.T > MAIN_SPEAKER_SIMILARITY).sum(1).argmax()]
    for _ in range(10):
        near = windows @ centre > MAIN_SPEAKER_SIMILARITY
        centre = windows[near].mean(0) if near.any() else centre
        centre = centre / np.linalg.norm(centre)
    return centre


def _without_overlap(candidates: list[_Candidate]) -> list[_Candidate]:
    """Return the best FINALIST_COUNT candidates, best first, without those that overlap with a better one."""
    kept: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        if len(kept) == FINALIST_COUNT:
            break
        if all(candidate.end <= other.start or candidate.start >= other.end for other in kept):
            kept.append(candidate)
    return kept


def _extent(candidate: _Candidate, frame_count: int) -> tuple[float, float]:
    """Return the start and end of a candidate in seconds, with a little of the pauses around it."""
    start = candidate.start / _FRAMES_PER_SECOND - min(candidate.before / 2, MARGIN_SECONDS)
    end = candidate.end / _FRAMES_PER_SECOND + min(candidate.after / 2, MARGIN_SECONDS)
    return round(max(start, 0.0), 3), round(min(end, frame_count / _FRAMES_PER_SECOND), 3)


def _grade(wave: np.ndarray, frames: _Frames, candidate: _Candidate) -> tuple[int, Excerpt] | None:
    """Return a candidate's grade as a clip, and its excerpt; None if it can't be a clip of one person."""
    start, end = _extent(candidate, len(frames.power))
    try:
        reference, measured = make_reference(wave[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
    except AudioRejected:
        return None
    found = quality.measure(reference)
    mark, _ = quality.grade(measured, found)
    if found.several_speakers:
        return None
    opinion = np.clip((found.mos - 1.5) / 2, 0, 1)
    score = (mark - quality.POOR + 0.5 * candidate.score + 0.5 * opinion) / 4
    return mark, Excerpt(start, end, round(float(score), 3))
