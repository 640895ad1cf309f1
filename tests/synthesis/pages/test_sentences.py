"""A sentence of a text is changed on a page: with htmx as a part of it, without as a page of its own."""

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Generation, Segment
from synthesis.pages.sentences import GONE, NOTHING_NEW, UNSAVED
from synthesis.segments import editing, edits
from synthesis.workers import tasks
from tests.factories import GenerationFactory, SegmentFactory, SegmentTakeFactory, UserFactory, VoiceFactory
from tests.fakes.engine import FakeEngine
from voices.models import VoiceProfile
from voicesite.jobs.job import State

SENTENCES = ("The ferry left at dawn.", "Nobody had slept.", "A gull cried twice.")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def generation(user):
    made = GenerationFactory(owner=user, completed=True, text=" ".join(SENTENCES))
    for text in SENTENCES:
        SegmentFactory(generation=made, text=text, take=True)
    return made


def of(name, generation, *more):
    return reverse(f"synthesis:{name}", args=[generation.pk, *more])


@pytest.fixture
def press(page, generation):
    """Press a button of the panel of a sentence, with the fields as they are filled in unless others are given."""

    def send(do="save", index=1, htmx=True, **fields):
        segment = generation.segments.get(index=index)
        filled = {"segment": segment.pk, "text": segment.text, "voice": segment.voice_id, "pause": segment.pause}
        posted = {name: value for name, value in (filled | {"do": do} | fields).items() if value is not None}
        return page.post(of("sentence", generation, index), posted, headers=HTMX if htmx else {})

    return send


def texts(generation):
    return list(generation.segments.in_text().values_list("text", flat=True))


def waiting(generation):
    return list(generation.segments.unspoken().values_list("text", flat=True))


def test_the_panel_has_the_sentence_and_its_takes(page, generation, user):
    segment = generation.segments.get(index=1)
    other = VoiceFactory(owner=user, name="Ben")
    take = SegmentTakeFactory(
        segment=segment, text="Nobody slept.", voice=other, is_marked=True, words=[["No body", 0, 1]]
    )
    shown = page.get(of("sentence", generation, 1), headers=HTMX).text
    assert "<html" not in shown and ">\nNobody had slept.</textarea>" in shown
    assert shown.index("Take 2") < shown.index("Take 1") and shown.count("In use") == 1
    assert "<q>Nobody slept.</q>" in shown and "Heard: <q>No body</q>" in shown
    assert (
        f'href="{of("take_audio", generation, take.pk)}"' in shown and shown.count('aria-label="Use this take: ') == 1
    )
    assert f'<option value="{other.pk}">Ben</option>' in shown and "selected" in shown
    assert '<option value="7">had slept.</option>' in shown, "a place to split it, without a script"


def test_the_same_address_is_a_page_of_its_own(page, generation):
    shown = page.get(of("sentence", generation, 1)).text
    assert "<html" in shown and "hx-disable" in shown and ">\nNobody had slept.</textarea>" in shown
    assert of("sentence", generation, 1) in page.get(of("sentences", generation)).text


def test_words_are_saved_and_the_old_sound_stays_until_they_are_spoken(page, generation, press):
    answer = press(text="Nobody had eaten.")
    assert answer.status_code == 200 and answer.headers["HX-Trigger"] == '{"segments-changed": {}}'
    assert "Sentence 2 is being spoken again." in answer.text and "Undo: sentence 2, other words" in answer.text
    assert ">\nNobody had eaten.</textarea>" in answer.text and 'id="waiting"' in answer.text
    assert waiting(generation) == ["Nobody had eaten."]
    assert "<audio" in page.get(of("progress", generation)).text
    edit = generation.edits.get()
    poll = page.get(of("sentences_made", generation), {"waited": edit.pk})
    assert 'id="waiting"' in poll.text and "HX-Trigger" not in poll.headers
    tasks.run_next()
    poll = page.get(of("sentences_made", generation), {"waited": edit.pk})
    assert "Sentence 2 is ready." in poll.text and 'id="waiting"' not in poll.text
    assert poll.headers["HX-Trigger"] == '{"sentences-made": {}}'


def test_marks_are_shown_as_they_are_written_and_kept(page, generation, press):
    Generation.objects.update(text="The ferry left at dawn. Nobody had {slept|sleept}. A gull cried twice.")
    assert "Nobody had {slept|sleept}.</textarea>" in page.get(of("sentence", generation, 1), headers=HTMX).text
    assert NOTHING_NEW in press(text="Nobody had {slept|sleept}.").text
    press(text="They had {slept|sleept}.")
    assert generation.segments.get(index=1).spoken == "They had sleept."
    assert "They had {slept|sleept}. A gull" in Generation.objects.get().text
    press(text="They had slept.")
    assert generation.segments.get(index=1).spoken == "They had slept.", "the mark was taken away"
    assert "They had slept. A gull" in Generation.objects.get().text


def test_voice_and_pause_are_changed(generation, press, user):
    ben = VoiceFactory(owner=user, name="Ben")
    press(voice=ben.pk, pause="0.75")
    segment = generation.segments.get(index=1)
    assert (segment.voice, segment.pause, segment.state) == (ben, 0.75, Segment.State.PENDING)
    assert "The pause after sentence 1 is changed." in press(index=0, pause="1").text
    assert waiting(generation) == ["Nobody had slept."]


def test_saving_what_is_the_same_changes_nothing(generation, press):
    assert NOTHING_NEW in press().text
    assert Generation.objects.get().state == State.COMPLETED
    press(pause="1")
    assert NOTHING_NEW in press().text, "not what was changed before"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " … "}, "There is nothing to say in it."),
        ({"pause": "11"}, "A pause goes from 0 to 10 seconds."),
        ({"pause": "long"}, "A pause goes from 0 to 10 seconds."),
        ({"voice": "00000000-0000-4000-8000-000000000000"}, "There is no such voice"),
        ({"text": "a\x00"}, "a null character"),
        ({"do": "dance"}, "That didn’t work"),
        ({"do": "split", "text": "Nobody had eaten."}, UNSAVED),
    ],
)
def test_what_cannot_be_is_said_and_what_was_written_stays(generation, press, fields, words):
    answer = press(**{"text": "Nobody had lunch."} | fields if "do" not in fields else fields)
    assert answer.status_code == 422 and words in answer.text and "hx-swap-oob" in answer.text
    assert fields.get("text", "Nobody had").strip().replace("\x00", "") in answer.text
    assert texts(generation) == list(SENTENCES) and Generation.objects.get().state == State.COMPLETED


def test_a_voice_of_somebody_else_is_not_offered_nor_taken(page, generation, press):
    secret = VoiceFactory(name="Secret")
    assert "Secret" not in page.get(of("sentence", generation, 1)).text
    assert press(voice=secret.pk).status_code == 422


def test_a_voice_that_is_not_seen_any_more_is_not_named(page, generation):
    """Its owner may have changed its name since."""
    secret = VoiceFactory(name="Secret")
    Segment.objects.filter(index=1).update(voice=secret)
    generation.segments.get(index=1).takes.update(voice=secret)
    shown = page.get(of("sentence", generation, 1)).text
    assert "Secret" not in shown and "No longer available: choose another" in shown and "Unavailable voice" in shown


def test_a_voice_that_is_gone_is_asked_for_only_when_it_is_needed(page, generation, press):
    Segment.objects.filter(index=1).update(voice=None)
    assert "No longer available: choose another" in page.get(of("sentence", generation, 1)).text
    assert press(pause="1").status_code == 200
    assert "The voice of sentence 2 was deleted" in press("again").text
    VoiceProfile.objects.update(retired_at=timezone.now())
    assert "(can’t be used any more)" in page.get(of("sentence", generation, 0)).text
    assert press(index=0, pause="1").status_code == 200
    assert "can’t be used any more: choose another for it" in press("again", index=0).text


def test_several_changes_in_a_row_while_it_is_spoken(generation, press):
    assert press(text="Nobody had eaten.").status_code == 200
    assert press("again", index=0).status_code == 200
    assert press(index=2, text="A gull cried once.").status_code == 200
    assert press(text="Nobody had eaten well.").status_code == 200
    tasks.run_next()
    assert Generation.objects.get().state == State.COMPLETED and not waiting(generation)


def test_it_is_split_joined_and_deleted(page, generation, press):
    answer = press("split", at=7)
    assert texts(generation) == [SENTENCES[0], "Nobody", "had slept.", SENTENCES[2]]
    assert "Sentence 2 is split." in answer.text and ">\nNobody</textarea>" in answer.text
    answer = press("join")
    assert texts(generation) == list(SENTENCES) and "Sentences 2 and 3 are joined." in answer.text
    answer = press("delete")
    assert texts(generation) == [SENTENCES[0], SENTENCES[2]]
    assert "Sentence 2 is deleted." in answer.text and "<textarea" not in answer.text
    assert 'id="sentence"' in answer.text, "it is closed"


def test_a_take_is_used(generation, press):
    segment = generation.segments.get(index=1)
    SegmentTakeFactory(segment=segment, text="Nobody slept.")
    answer = press("", take=2)
    assert "Sentence 2 now uses take 2." in answer.text and ">\nNobody slept.</textarea>" in answer.text
    assert not waiting(generation)


def test_what_is_posted_means_the_sentence_that_was_shown(page, generation, press):
    segment = generation.segments.get(index=1)
    editing.remove(generation, 0)
    fields = {"segment": segment.pk, "do": "save", "text": "Nobody had eaten.", "voice": segment.voice_id}
    page.post(of("sentence", generation, 1), fields, headers=HTMX)
    assert texts(generation) == ["Nobody had eaten.", SENTENCES[2]]
    editing.remove(generation, 0)
    answer = page.post(of("sentence", generation, 1), fields | {"text": "Nobody at all."}, headers=HTMX)
    assert answer.status_code == 422 and GONE in answer.text and "Nobody at all.</textarea>" in answer.text
    assert texts(generation) == [SENTENCES[2]]


def test_what_was_changed_in_another_window_stays_unless_it_is_changed_here_too(page, generation, press, user):
    shown = page.get(of("sentence", generation, 1), headers=HTMX).text
    segment, other = generation.segments.get(index=1), VoiceFactory(owner=user, name="Ben")
    was = {"was_text": segment.text, "was_voice": segment.voice_id, "was_pause": segment.pause}
    assert all(f'name="{name}" value="{value}"' in shown for name, value in was.items())
    stale = was | {"text": segment.text, "voice": segment.voice_id}
    press(text="Nobody had eaten.", voice=other.pk)
    assert "The pause after sentence 2" in press(**stale, pause=1.5).text
    assert texts(generation)[1] == "Nobody had eaten." and generation.segments.get(index=1).voice == other
    answer = press(**stale | {"text": "Nobody at all.", "voice": other.pk}, pause=segment.pause)
    assert answer.status_code == 422 and "Nobody at all.</textarea>" in answer.text
    assert "changed elsewhere, to “Nobody had eaten.”. Save again" in answer.text
    assert answer.text.count("changed elsewhere") == 1, (
        "the same voice is no contradiction, and the pause was not touched"
    )
    assert generation.segments.get(index=1).pause == 1.5
    assert 'name="was_text" value="Nobody had eaten."' in answer.text and 'value="1.5"' in answer.text
    press(text="Nobody at all.", was_text="Nobody had eaten.")
    assert texts(generation)[1] == "Nobody at all."


def test_without_a_script_one_is_led_back_and_told(page, generation, press):
    answer = press(text="Nobody had eaten.", htmx=False)
    assert answer.url == of("sentence", generation, 1)
    shown = page.get(answer.url).text
    assert "Sentence 2 is being spoken again." in shown and "Undo: sentence 2, other words" in shown
    assert press("delete", htmx=False).url == of("sentences", generation)
    assert press(pause="99", index=0, htmx=False).status_code == 422
    answer = page.post(of("undo", generation))
    assert answer.url == of("sentences", generation) and "Undone: sentence 2, deleted." in page.get(answer.url).text


def test_takes_are_shown_anew_once_there_is_another(page, generation, press):
    where = of("sentence_takes", generation, 1)
    assert "every 2s" not in page.get(where, headers=HTMX).text
    assert "every 2s" in press("again").text
    assert page.get(where, headers=HTMX).status_code == 204, "somebody may listen to an old one"
    tasks.run_next()
    shown = page.get(where, headers=HTMX).text
    assert "Take 2" in shown and "every 2s" not in shown
    press("again")
    Generation.objects.update(state=State.FAILED)
    assert "every 2s" not in page.get(where, headers=HTMX).text, "nobody speaks it"


def test_undo_says_what_it_undoes_also_after_a_reload(page, generation, press):
    assert "Undo:" not in page.get(of("detail", generation)).text
    press(text="Nobody had eaten.")
    assert "Undo: sentence 2, other words" in page.get(of("detail", generation)).text
    answer = page.post(of("undo", generation), headers=HTMX)
    assert "Undone: sentence 2, other words." in answer.text and "Undo:" not in answer.text
    assert answer.headers["HX-Trigger"] == '{"segments-changed": {}}' and texts(generation) == list(SENTENCES)
    answer = page.post(of("undo", generation), headers=HTMX)
    assert answer.status_code == 422 and "There is nothing to undo." in answer.text


def test_undo_shows_an_open_panel_anew_only_if_that_sentence_changed(page, generation, press):
    first, second = generation.segments.filter(index__lt=2).order_by("index")
    press(text="Nobody had eaten.")
    press(pause="2")
    undo = of("undo", generation)
    shown = page.post(undo, {"segment": first.pk}, headers=HTMX).text
    assert "<textarea" not in shown, "somebody may write there"
    assert 'id="waiting"' not in shown, "the change before this one is not what is being made"
    answer = page.post(undo, {"segment": second.pk}, headers=HTMX)
    assert ">\nNobody had slept.</textarea>" in answer.text


def test_marked_sentences_are_listed_and_spoken_again(page, generation):
    assert "may have wrong words" not in page.get(of("detail", generation)).text
    for index in (0, 2):
        take = generation.segments.get(index=index).take
        take.is_marked, take.words = True, [["else", 0.0, 0.3]]
        take.save()
    for name in ("detail", "sentences", "marked_sentences"):
        shown = page.get(of(name, generation)).text
        assert "2 sentences may have wrong words." in shown and 'aria-label="Show sentence 3"' in shown
    assert "Speak again" in page.get(of("sentence", generation, 0)).text
    answer = page.post(of("marked_again", generation), headers=HTMX)
    assert "2 sentences are being spoken again." in answer.text
    assert waiting(generation) == [SENTENCES[0], SENTENCES[2]]
    assert page.post(of("marked_again", generation), headers=HTMX).status_code == 422


def test_where_takes_do_not_vary_other_words_are_offered_instead(page, generation, monkeypatch):
    monkeypatch.setattr(FakeEngine, "takes_vary", False)
    take = generation.segments.get(index=0).take
    take.is_marked, take.words = True, []
    take.save()
    shown = page.get(of("detail", generation)).text
    assert "Another take would sound the same" in shown and "marked-again" not in shown
    assert "reads the same words the same way" in page.get(of("sentence", generation, 0)).text


def test_sentences_that_are_no_longer_kept_are_written_anew(page, user):
    shown = page.get(of("detail", GenerationFactory(owner=user, completed=True))).text
    assert "no longer stored" in shown and 'id="sentence"' not in shown
    waits = GenerationFactory(owner=user)
    shown = page.get(of("detail", waits)).text
    assert "no longer kept" not in shown and "Undo" not in shown
    assert page.get(of("sentence", waits, 0)).status_code == 404
    assert page.post(of("sentence", waits, 0), {"do": "save"}).status_code == 404


def test_a_text_with_other_takes_has_its_take_shown_anew(page, generation, press, user):
    assert f'id="take-{generation.pk}"' not in press(text="Nobody had eaten.").text
    GenerationFactory(owner=user, completed=True, take_group=generation.take_group, is_picked=False)
    answer = press(text="Nobody had eaten at all.").text
    assert f'id="take-{generation.pk}"' in answer and 'id="live"' in answer and "every 1s" in answer


def test_a_panel_costs_the_same_with_one_take_and_with_twenty(page, generation, count_queries, user):
    segment, costs = generation.segments.get(index=1), []
    for _ in range(2):
        costs.append([count_queries(page, of("sentence", generation, 1), headers=headers) for headers in ({}, HTMX)])
        for _ in range(19):
            SegmentTakeFactory(segment=segment, voice=VoiceFactory(owner=user), is_marked=True, words=[["a", 0, 1]])
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 11


@pytest.mark.parametrize("name", ["sentence", "sentence_takes", "sentences_made", "marked_sentences"])
def test_it_is_its_owners_alone(page, client, generation, name):
    where = of(name, generation, *([1] if name in ("sentence", "sentence_takes") else []))
    assert page.get(where).status_code == 200
    client.force_login(UserFactory())
    assert client.get(where).status_code == 404
    if name != "sentence":
        assert client.post(where).status_code == 405


@pytest.mark.parametrize("name", ["sentence", "undo", "marked_again"])
def test_it_is_changed_by_its_owner_alone(page, client, generation, name):
    where = of(name, generation, *([1] if name == "sentence" else []))
    editing.change(generation, 1, pause=1.0)
    if name != "sentence":
        assert page.get(where).status_code == 405
    client.force_login(UserFactory())
    assert client.post(where, {"do": "delete"}).status_code == 404
    assert texts(generation) == list(SENTENCES) and edits.undo(generation) == "Sentence 2: pause"
