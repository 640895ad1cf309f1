"""Compare what should have been said with what a transcriber heard. Pure.

Both sides are read in the same way first, and words that sound the same are the same. Of what still differs, much is the
transcriber's own doing: it mistakes names and short words, and repeats or collapses what is said several times.
`Difference.matters` tells what a listener would notice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from . import english, sounds
from .tokens import UNSPACED_LANGUAGES, Token, tokens

MAX_REPEATED_WORDS = 12  # in a phrase that is repeated
LOOP_REPETITIONS = (
    4  # of what is said once or twice: transcribers do that, while engines' loops are stopped as they speak
)
MAX_JOINED_WORDS = 3  # “never the less”
MAX_JOINED_NUMBERS = 8  # “555 0199” and its digits
MAX_ALIGNED_CELLS = 1_600  # words wanted by words heard in one stretch: beyond, they are paired in order
ALIKE = 0.65  # likeness of words of which a transcriber may hear one as the other, unless it is confident
CONFIDENT = 0.9
SHORT_LETTERS = (
    3  # of a word that is said so briefly that it may be heard as any other such word, unless it is a number
)
LOOSELY_ALIKE = 0.5  # the same for a name, or a word heard as several: of those, transcribers know least
SAME_NAME = 0.75  # likeness of two ways to write a name


@dataclass(frozen=True)
class Difference:
    """A word (or a few) that was heard otherwise, missed or added."""

    missing: str  # as written in the text; empty if nothing is missing
    start: int  # of what was heard instead, in characters of the heard text
    end: int  # equal to `start` if nothing was
    words: int  # at least 1
    matters: bool  # a listener would notice: it is no slip, and doesn't sound alike


@dataclass(frozen=True)
class Comparison:
    words: int  # of the text; characters in Chinese, Japanese and Korean
    differences: tuple[Difference, ...]

    @property
    def error_rate(self) -> float:
        """Return the words that differ per word of the text. It may exceed 1."""
        wrong = sum(difference.words for difference in self.differences)
        return wrong / self.words if self.words else float(bool(wrong))


def compare(
    text: str,
    heard: str,
    language: str,
    words: Iterable[Sequence] = (),
    pronounced: Collection[tuple[int, int]] = (),
) -> Comparison:
    """Return how what was heard differs from the text.

    Case, punctuation, numerals, contractions, compounds written as one word or several, British or American spelling,
    homophones and names that sound alike don't matter, nor how often what is repeated is repeated.

    language: a code of voices.languages; empty if unknown: numerals then differ from words. words: those of `heard`, as
    voices.text.alignment.Word; without them, the transcriber is taken to be unsure. pronounced: places in `text` of words
    that are said as their author wants, so that they may be heard as anything, but not missed.
    """
    wanted, got = tokens(text, language), tokens(heard, language)
    free = {index for start, end in pronounced for index in range(start, end)}
    confidences = _confidences(words)

    def compared(wanted: list[Token], got: list[Token]) -> Comparison:
        return Comparison(len(wanted), tuple(_differences(wanted, got, text, heard, language, confidences, free)))

    found = compared(wanted, got)
    if found.differences:
        found = min(found, compared(_without_loops(wanted), _without_loops(got)), key=lambda each: each.error_rate)
    return found


def _differences(
    wanted: list[Token],
    got: list[Token],
    text: str,
    heard: str,
    language: str,
    confidences: list[tuple[int, float]],
    free: Collection[int],
) -> Iterator[Difference]:
    base = language.split("-")[0]
    at_wanted = at_got = 0
    blocks = Levenshtein.opcodes([each.key for each in wanted], [each.key for each in got]).as_matching_blocks()
    for block in blocks:
        instead = got[at_got : block.b]
        stretch = wanted[at_wanted : block.a]
        needed = [each for each in stretch if not instead or each.start not in free]
        for missing, extra, place in _paired(needed, instead, base):
            if not missing and len(needed) < len(stretch):
                continue  # it is how one that is free was heard
            start = got[at_got + place].start if at_got + place < len(got) else len(heard)
            end = extra[-1].end if extra else start
            yield Difference(
                text[missing[0].start : missing[-1].end] if missing else "",
                start,
                end,
                max(len({each.start for each in missing}), len({each.start for each in extra})),
                _matters(missing, extra, base, _least(confidences, start, end)),
            )
        at_wanted, at_got = block.a + block.size, block.b + block.size


def _without_loops(words: list[Token]) -> list[Token]:
    """Return the words with two of each run of repetitions: transcribers don't count more.

    Digits are kept, unless there are many.
    """
    for length in range(1, MAX_REPEATED_WORDS + 1):
        kept: list[Token] = []
        same = 0  # how many words before this one are as those `length` before them
        index = 0
        while index < len(words):
            same = same + 1 if index >= length and words[index].key == words[index - length].key else 0
            kept.append(words[index])
            if same >= 2 * length and same % length == 0:
                phrase = kept[-length:]
                if not all(each.is_number for each in phrase) or same >= MAX_JOINED_NUMBERS * length:
                    del kept[-length:]
                    if same >= (LOOP_REPETITIONS - 1) * length:
                        kept[-length:] = [each._replace(is_loop=True) for each in kept[-length:]]
            index += 1
        words = kept
    return words


def _paired(
    wanted: Sequence[Token], got: Sequence[Token], base: str
) -> list[tuple[Sequence[Token], Sequence[Token], int]]:
    """Return what differs between two stretches, word by word, as alike as can be, and where in `got`."""
    if not wanted or not got:
        return [([each], [], 0) for each in wanted] + [([], [each], place) for place, each in enumerate(got)]
    if len(wanted) * len(got) > MAX_ALIGNED_CELLS:
        shorter = min(len(wanted), len(got))
        pairs = [
            ([one], [got[place]], place) for place, one in enumerate(wanted[:shorter]) if one.key != got[place].key
        ]
        rest = _paired(wanted[shorter:], got[shorter:], base)
        return pairs + [(missing, extra, shorter + place) for missing, extra, place in rest]
    cost = [[0.0] * (len(got) + 1) for _ in range(len(wanted) + 1)]
    step = [[(0, 0)] * (len(got) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) + 1):
        for j in range(len(got) + 1):
            options = [(cost[i - 1][j] + 1, (1, 0))] if i else []
            options += [(cost[i][j - 1] + 1, (0, 1))] if j else []
            numbers = i and j and wanted[i - 1].is_number and got[j - 1].is_number
            longest = MAX_JOINED_NUMBERS if numbers else MAX_JOINED_WORDS
            for a in range(1, min(i, longest) + 1):
                for b in range(1, min(j, longest) + 1):
                    if (price := _price(wanted[i - a : i], got[j - b : j], base)) is not None:
                        options.append((cost[i - a][j - b] + price, (a, b)))
            if options:
                cost[i][j], step[i][j] = min(options)
    found: list[tuple[Sequence[Token], Sequence[Token], int]] = []
    i, j = len(wanted), len(got)
    while i or j:
        a, b = step[i][j]
        if not a or not b or _price(wanted[i - a : i], got[j - b : j], base):
            found.append((wanted[i - a : i], got[j - b : j], j - b))
        i, j = i - a, j - b
    return found[::-1]


def _price(wanted: Sequence[Token], got: Sequence[Token], base: str) -> float | None:
    """Return the price of taking these words for those: 0 if they sound the same; None if they can't be taken so."""
    one, other = _joined(wanted), _joined(got)
    if base in sounds.SPELLED_AS_SAID:
        one, other = sounds.key(one, base), sounds.key(other, base)
    if one == other and one.endswith("00") and max(len(wanted), len(got)) > 2:
        return None  # round numbers aren't read digit by digit
    if len(wanted) == len(got) == 1 and wanted[0].key == got[0].key or one == other:
        return 0.0
    longer = max(len(wanted), len(got))
    if longer > MAX_JOINED_WORDS or base in UNSPACED_LANGUAGES:
        return 1.0 if longer == 1 else None
    likeness = _likeness(wanted, got, base)
    is_name = any(each.is_name for each in wanted)
    if likeness >= SAME_NAME and is_name and len(wanted) == 1:
        return 0.0
    if longer == 1:
        return 1.0 - likeness / 2
    if len(wanted) == len(got) or likeness < LOOSELY_ALIKE:
        return None
    if not is_name and likeness < max(_likeness([one], [other], base) for one in wanted for other in got):
        return None  # rather that one, and others missed or added
    return longer * (1 - likeness / 2)


def _joined(words: Sequence[Token]) -> str:
    return "".join(each.word for each in words)


def _likeness(wanted: Sequence[Token], got: Sequence[Token], base: str) -> float:
    if any(each.is_number for each in (*wanted, *got)):
        return 0.0
    return sounds.likeness(_joined(wanted), _joined(got), base)


def _matters(missing: Sequence[Token], extra: Sequence[Token], base: str, confidence: float) -> bool:
    words = {each.word for each in (*missing, *extra)}
    if any(each.is_number for each in (*missing, *extra)):
        return True
    if not missing and all(each.is_loop for each in extra):
        return False
    if base == "en" and words & english.NEGATIONS:
        return True
    if base == "en" and words <= english.SLIGHT:
        return False
    if not missing or not extra or confidence >= CONFIDENT:
        return True
    is_name = any(each.is_name for each in missing)
    if any(each.is_name for each in extra) and not is_name:  # no word that the transcriber knows
        return True
    is_short = max(len(_joined(missing)), len(_joined(extra))) <= SHORT_LETTERS and base not in UNSPACED_LANGUAGES
    alike = LOOSELY_ALIKE if is_name or len(missing) != len(extra) else ALIKE
    return not is_short and _likeness(missing, extra, base) < alike


def _confidences(words: Iterable[Sequence]) -> list[tuple[int, float]]:
    """Return where each word ends, in characters of the text that the words make up, and the confidence in it."""
    found: list[tuple[int, float]] = []
    end = 0
    for text, _, _, confidence in words:
        end += len(text if found else text.lstrip())
        found.append((end, confidence))
    return found


def _least(confidences: list[tuple[int, float]], start: int, end: int) -> float:
    """Return the least confidence in a word between `start` and `end`; 0 if unknown."""
    first = bisect_right(confidences, start, key=lambda word: word[0])
    last = bisect_left(confidences, end, key=lambda word: word[0])
    return min((confidence for _, confidence in confidences[first : last + 1]), default=0.0)
