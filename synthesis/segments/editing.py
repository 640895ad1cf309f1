"""Change the sentences of a generation, one by one: only what changed is spoken again, and all is joined anew.

A sentence here is a segment. Each function is one transaction, by the rules of `edits`; whoever calls it has checked that
the generation is the person's own. Raises Rejected where a change is not possible, with the reason in words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from synthesis.engines import engine_class
from synthesis.models import MAX_SEGMENT_TAKES, Generation, Segment
from synthesis.scripts.characters import has_words, is_cjk
from synthesis.scripts.cutting import CLAUSE_PAUSE_SECONDS
from synthesis.scripts.dialogue import speaking
from synthesis.scripts.script import ScriptSegment, prepare
from synthesis.scripts.sentences import SENTENCE_PAUSE_SECONDS, Span
from voices.models import VoiceProfile
from voicesite.texts import N_
from voicesite.web.rejection import Rejected

from . import written_text
from .edits import Edit, editing

MOST_AT_ONCE = 500  # sentences that one change has spoken again: the database waits 3 ms for each
NO_WORDS = N_("There is nothing to say in it. Delete the sentence instead?")
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]」』]*\Z")


def change(
    generation: Generation,
    index: int,
    *,
    text: str | None = None,
    voice: VoiceProfile | None = None,
    pause: float | None = None,
    has_marks: bool = False,
) -> None:
    """Give a sentence other words, another voice, or another pause after it, in seconds.

    Words may have marks, as in any text; with `has_marks` they have all that there are to be, while otherwise those that
    differ from what stands there only by its marks change nothing. Where words make several sentences, these replace the
    one. The voice is one that its owner may use. A pause alone is not spoken: the whole is only joined anew.
    """
    with editing(generation) as edit:
        segment, place = edit.segment(index), edit.place(index)
        voice = voice or segment.voice
        parts: list[ScriptSegment] = []
        standing = generation.text[place.start : place.end] if has_marks and place else segment.text
        if text is not None and text.split() != standing.split():
            parts = _read(generation, text)
            if not parts:
                raise Rejected("invalid", NO_WORDS).about("text")
            if names := speaking(text, generation.cast.values_list("name", flat=True)):
                words = _(
                    "{names} is a speaker of this dialogue: leave the name out, and choose a voice for the sentence."
                ).format(names=names[0])
                raise Rejected("invalid", words).about("text")
            text = written_text.without_last_pause(text.strip())
            edit.text = written_text.replaced(generation.text, place, text) if place else None
            place = place and Span(place.start, place.start + len(text))
            pause = parts[-1].pause or None if pause is None else pause
        if pause is not None and round(pause, 3) != round(segment.pause, 3):
            edit.text = written_text.with_pause(edit.text, place, pause) if edit.text is not None and place else None
        else:
            pause = segment.pause
        other_voice = voice is not None and voice.pk != segment.voice_id
        if parts or other_voice:
            _check_voice(generation, voice, segment.number)
        what = N_("Sentence {number}: pause")
        if parts or other_voice:
            what = N_("Sentence {number}: other words") if parts else N_("Sentence {number}: another voice")
        edit.what = what.format(number=index + 1)
        if len(parts) > 1:
            edit.replace([segment], _rows(segment, parts, voice, pause))
            return
        edit.set(segment, pause=pause)
        changes: dict[str, Any] = {"voice_id": voice.pk} if voice and other_voice else {}
        if parts:
            changes |= {"text": parts[0].text, "spoken": parts[0].spoken}
            edit.set(segment, pause_before=parts[0].pause_before or segment.pause_before)
        if changes:
            edit.speak(segment, **changes)


def speak_again(generation: Generation, index: int) -> None:
    """Speak another take of a sentence. The one that is heard stays until then, and is kept.

    A sentence that waits to be spoken already is left as it is. Its words are read anew, as the dictionary is by now.
    """
    with editing(generation) as edit:
        _speak_again(edit, generation.segments.filter(pk=edit.segment(index).pk))


def speak_marked_again(generation: Generation) -> None:
    """Speak another take of each sentence in which other words were heard than it has: of the first MOST_AT_ONCE."""
    with editing(generation) as edit:
        marked = generation.segments.in_text().filter(state=Segment.State.COMPLETED, take__is_marked=True)
        if not marked.exists():
            raise Rejected("conflict", _("No sentence is marked: wherever speech was checked, the words match."))
        _speak_again(edit, marked, MOST_AT_ONCE)


def _speak_again(edit: Edit, rows: QuerySet[Segment], most: int | None = None) -> None:
    generation = edit.generation
    segments = list(rows.select_related("voice").annotate(spoken_takes=Count("takes")))
    spoken = [segment for segment in segments if segment.state == Segment.State.COMPLETED]
    again = [segment for segment in spoken if segment.spoken_takes < MAX_SEGMENT_TAKES][:most]
    if spoken and not again:
        raise Rejected(
            "conflict",
            _(
                "There are {max_segment_takes} takes of this sentence, which is the limit: pick one of them, or "
                "change its words."
            ).format(max_segment_takes=MAX_SEGMENT_TAKES),
        )
    for segment in {segment.voice_id: segment for segment in reversed(again)}.values():  # the first of each voice
        _check_voice(generation, segment.voice, segment.number)
    for segment, words in zip(again, _read_again(generation, again), strict=True):
        edit.speak(segment, tries=segment.tries + 1, spoken=words)
    where = (
        N_("Sentence {number}").format(number=segments[0].number)
        if len(segments) == 1
        else N_("{count} sentences").format(count=len(again))
    )
    edit.what = N_("{where}: another take").format(where=where)


def pick(generation: Generation, index: int, number: int) -> None:
    """Let take `number` of a sentence be heard: it has the words and the voice of that take then."""
    with editing(generation) as edit:
        segment, place = edit.segment(index), edit.place(index)
        take = segment.takes.filter(number=number).first()
        if take is None:
            raise Rejected("not_found", _("This sentence has no take {number}.").format(number=number))
        edit.what = N_("Sentence {number}: take {take}").format(number=index + 1, take=number)
        if take.text != segment.text:
            edit.text = written_text.replaced(generation.text, place, take.text) if place else None
        words = {"text": take.text, "spoken": take.spoken, "voice_id": take.voice_id}
        if take.pk != segment.take_id or segment.state != Segment.State.COMPLETED:
            state = Segment.State.COMPLETED
            edit.set(segment, take_id=take.pk, state=state, revision=segment.revision + 1, **words)


def split(generation: Generation, index: int, at: int) -> None:
    """Make two sentences of one, at the end of the word that is nearest to character `at`. Both are spoken anew."""
    with editing(generation) as edit:
        segment = edit.segment(index)
        halves = _halves(segment.text, at)
        first, second = (_read(generation, half) for half in halves)
        if not (first and second):
            raise Rejected("invalid", _("Both parts need words, so this sentence can't be split.")).about("at")
        _check_voice(generation, segment.voice, segment.number)
        ends = _SENTENCE_END.search(halves[0])
        first[-1] = replace(first[-1], pause=SENTENCE_PAUSE_SECONDS if ends else CLAUSE_PAUSE_SECONDS)
        second[0] = replace(second[0], starts_paragraph=False)
        edit.what = N_("Sentence {number}: split").format(number=index + 1)
        edit.replace([segment], _rows(segment, first + second, segment.voice, segment.pause))


def split_places(text: str) -> list[int]:
    """Return where a sentence can be split: before which characters, counted from 0."""
    return [
        place
        for place in range(1, len(text))
        if text[place - 1].isspace() or (is_cjk(text[place - 1]) and is_cjk(text[place]))
        if has_words(text[:place]) and has_words(text[place:])
    ]


def join(generation: Generation, index: int) -> None:
    """Make one sentence of two, the one at `index` and the next. It is spoken anew."""
    with editing(generation) as edit:
        first, second = edit.segment(index), generation.segments.in_text().filter(index=index + 1).first()
        if second is None:
            raise Rejected("conflict", _("This is the last sentence; there is nothing to join it with."))
        if (first.voice_id, first.speaker) != (second.voice_id, second.speaker):
            raise Rejected(
                "conflict", _("These two have different voices. Only sentences in the same voice can be joined.")
            )
        text, spoken = _joined(first.text, second.text), _joined(first.spoken, second.spoken)
        most = engine_class(generation.engine).max_characters
        if len(spoken) > most:
            raise Rejected(
                "conflict",
                _("Together they have {count} characters as they are read; the limit is {most}.").format(
                    count=len(spoken), most=most
                ),
            )
        _check_voice(generation, first.voice, first.number)
        if place := edit.place(index):
            edit.text = written_text.without_pause(generation.text, place)
        edit.what = N_("Sentences {number} and {next}: joined").format(number=index + 1, next=index + 2)
        edit.replace([first, second], _rows(first, [ScriptSegment(text, spoken, 0.0)], first.voice, second.pause))


def remove(generation: Generation, index: int) -> None:
    """Delete a sentence, which must not be the only one. Nothing is spoken: the others are joined without it."""
    with editing(generation) as edit:
        segment, place = edit.segment(index), edit.place(index)
        beside = list(generation.segments.in_text().filter(index__in=(index - 1, index + 1)))
        if not beside:
            raise Rejected("conflict", _("This is the only sentence. Delete the whole text instead."))
        for other in beside:
            if other.number == segment.number - 1:
                edit.set(other, pause=max(other.pause, segment.pause) if len(beside) == 2 else 0.0)
            else:
                pause = max(other.pause_before, segment.pause_before)
                begins = other.starts_paragraph or segment.starts_paragraph
                edit.set(other, pause_before=pause, starts_paragraph=begins)
        edit.text = written_text.replaced(generation.text, place, "") if place else None
        edit.what = N_("Sentence {number}: deleted").format(number=index + 1)
        edit.replace([segment], [])


def _read(generation: Generation, text: str) -> list[ScriptSegment]:
    """Return the sentences that words make, as the engine of the generation reads them."""
    engine = engine_class(generation.engine)
    return list(prepare(text, generation.language, engine, generation.dictionary()).segments)


def _read_again(generation: Generation, segments: Iterable[Segment]) -> list[str]:
    """Return what is to be spoken of sentences by the dictionary as it is now, with the marks that the text has."""
    texts, speakers = zip(*generation.segments.in_text().values_list("text", "speaker"), strict=True)
    places = written_text.find(generation.text, texts, set(speakers) - {""})
    engine, dictionary = engine_class(generation.engine), generation.dictionary()
    spoken = []
    for segment in segments:
        place = places[segment.number - 1]
        words = generation.text[place.start : place.end] if place else segment.text
        parts = prepare(words, generation.language, engine, dictionary).segments
        same = len(parts) == 1 and parts[0].text == segment.text
        spoken.append(parts[0].spoken if same else segment.spoken)
    return spoken


def _rows(
    like: Segment, parts: Sequence[ScriptSegment], voice: VoiceProfile | None, last_pause: float
) -> list[Segment]:
    """Return rows for the parts that replace `like`, unsaved: its beginning, its speaker, and `last_pause` at the end."""
    rows = [
        Segment(
            generation_id=like.generation_id,
            text=part.text,
            spoken=part.spoken,
            speaker=like.speaker,
            voice=voice,
            pause=part.pause,
            starts_paragraph=part.starts_paragraph,
        )
        for part in parts
    ]
    rows[0].pause_before = parts[0].pause_before or like.pause_before
    rows[0].starts_paragraph = like.starts_paragraph
    rows[-1].pause = last_pause
    return rows


def _check_voice(generation: Generation, voice: VoiceProfile | None, number: int) -> None:
    """Raise Rejected where a voice is deleted, or may not speak for the owner of the generation any more."""
    if voice is None:
        raise Rejected(
            "conflict", _("The voice of sentence {number} was deleted: choose another for it.").format(number=number)
        )
    if not VoiceProfile.objects.usable_by(generation.owner).filter(pk=voice.pk).exists():
        # Without its name, which its owner may have changed since nobody else may see it.
        raise Rejected(
            "conflict",
            _("The voice of sentence {number} can’t be used any more: choose another for it.").format(number=number),
        )


def _halves(text: str, at: int) -> tuple[str, str]:
    """Return the two parts of a text, cut between the two words that are nearest to character `at`. Raises Rejected."""
    places = split_places(text)
    if not places:
        raise Rejected("invalid", _("This is a single word; it can’t be split.")).about("at")
    place = min(places, key=lambda place: abs(place - at))
    return text[:place].rstrip(), text[place:].lstrip()


def _joined(first: str, second: str) -> str:
    return first + second if is_cjk(first[-1]) and is_cjk(second[0]) else f"{first} {second}"
