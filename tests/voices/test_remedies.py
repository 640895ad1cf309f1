"""Which button stands beside advice: one that can help with that, here, and was not pressed already."""

import pytest

from tests.factories import ClipFactory
from voices.analysis.quality import DENOISE, EXCERPT, RECORD
from voices.models import ExcerptSearch
from voices.templatetags.remedies import advice_with_remedies
from voicesite.jobs.job import State


def buttons(clip, *remedies, level="warning", **page) -> list[str]:
    clip.advice = [[level, f"Sentence {number}.", remedy] for number, remedy in enumerate(remedies)]
    shown = advice_with_remedies(clip, **{"recorder": True, **page})
    assert [(level, sentence) for level, sentence, _ in shown] == [(level, said) for level, said, _ in clip.advice]
    return [button for *_, button in shown]


@pytest.fixture
def clip(user):
    return ClipFactory(owner=user, recording__seconds=15.0)


def test_each_button_is_shown_once_beside_the_first_that_it_helps(clip):
    assert buttons(clip, DENOISE, RECORD, RECORD, "") == ["clean", "record", "", ""]


def test_what_is_good_enough_needs_no_button(clip):
    assert buttons(clip, DENOISE, RECORD, level="hint") == ["", ""]


def test_what_is_clean_already_is_recorded_again(clip):
    clip.original_audio = "clips/plain.wav"
    assert buttons(clip, DENOISE) == ["record"]


def test_where_nothing_is_recorded_nothing_says_so(clip):
    assert buttons(clip, RECORD, DENOISE, EXCERPT, recorder=False) == ["", "clean", "adjust"]


@pytest.mark.parametrize(
    ("seconds", "state", "others", "button"),
    [
        (15.0, None, False, "adjust"),
        (3.0, None, False, "record"),
        (60.0, None, False, "search"),
        (60.0, State.FAILED, False, "search"),
        (60.0, State.GENERATING, False, ""),
        (60.0, State.COMPLETED, False, "adjust"),
        (60.0, State.COMPLETED, True, "next"),
        (15.0, None, True, "next"),
    ],
)
def test_another_stretch_is_searched_shown_or_chosen_by_hand(clip, seconds, state, others, button):
    clip.recording.seconds = seconds
    if state:
        ExcerptSearch.objects.create(recording=clip.recording, state=state)
    assert buttons(clip, EXCERPT, others=others) == [button]
