"""How a voice is heard on pages: by itself first, its original beside it, and how far a new one is."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.generations.samples import audition, with_samples
from synthesis.models import Fitting, Generation
from tests.factories import FittingFactory, GenerationFactory, VoiceFactory
from voices.models import VoiceProfile
from voicesite.jobs.job import State

LIST = reverse("voices:list")
LIVE = reverse("synthesis:live_auditions")


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Jane")


def fitted(voice):
    return FittingFactory(voice=voice, state=State.COMPLETED, as_of=voice.updated_at, finished_at=timezone.now())


def sampled(voice, **state):
    fields = {"is_sample": True, "text": "This is how I sound."} | (state or {"completed": True})
    return GenerationFactory(owner=voice.owner, voice=voice, **fields)


def address(voice):
    return reverse("synthesis:audition", args=[voice.pk])


def detail(voice):
    return reverse("voices:detail", args=[voice.pk])


def sources(text) -> list[str]:
    return re.findall(r'<audio[^>]* src="([^"?]+)', text)


def test_the_voice_comes_first_and_its_original_beside_it(page, voice):
    fitted(voice)
    sample = sampled(voice)
    own, original = (
        reverse(name, args=[pk]) for name, pk in (("synthesis:audio", sample.pk), ("voices:clip_audio", voice.clip_id))
    )
    shown = page.get(detail(voice)).text
    assert sources(shown) == [own, original, original], "once more with all that is known of the recording"
    assert 'aria-pressed="true">Voice<' in shown and 'aria-pressed="false">Original<' in shown
    assert "This is how I sound." in shown and "hx-get" not in shown
    card = page.get(LIST).text
    assert sources(card) == [own] and f'href="{original}"' in card and "Original: hear the recording of Jane" in card


def test_a_new_voice_is_prepared_while_its_original_is_heard(page, voice):
    shares = []
    for step in (
        lambda: None,
        lambda: FittingFactory(voice=voice),
        lambda: Fitting.objects.update(state=State.GENERATING, progress=50, stage="Loading the model"),
        lambda: Fitting.objects.update(state=State.COMPLETED, finished_at=timezone.now(), stage=""),
        lambda: sampled(voice, running=True, stage="Loading the model", progress=50),
    ):
        step()
        shown, card = page.get(detail(voice)).text, page.get(LIST).text
        assert "Preparing this voice…" in shown and f'hx-get="{address(voice)}"' in shown
        assert set(sources(shown)) == {reverse("voices:clip_audio", args=[voice.clip_id])}
        assert "Preparing…" in card and "Loading the model" not in card and f'hx-get="{LIVE}"' in card
        answer, row = page.get(address(voice)), page.get(f"{LIVE}?watched={voice.pk}")
        assert answer.status_code == row.status_code == 200
        assert f'id="hear-{voice.pk}" hx-swap-oob="true"' in row.text
        shares.append(int(re.search(r'id="preparing-[^"]+"\s+max="100"\s+value="(\d+)"', row.text)[1]))
    assert shares == [0, 0, 40, 80, 90]
    Generation.objects.all().delete()
    sample = sampled(voice)
    answer, row = page.get(address(voice)), page.get(f"{LIVE}?watched={voice.pk}")
    assert answer.status_code == row.status_code == 286, "which ends the polls"
    assert "Ready: Jane" in answer.text and str(sample.pk) in row.text


def test_without_an_engine_nothing_is_promised(page, voice, settings):
    fitted(voice)
    settings.ENGINE = "nowhere"
    assert not audition(with_samples(VoiceProfile.objects.all()).get()).is_preparing


@pytest.mark.parametrize("state", [{"failed": True}, {"cancelled": True}])
def test_a_sample_that_could_not_be_made_leaves_the_original(page, voice, state):
    fitted(voice)
    sampled(voice, **state)
    assert page.get(address(voice)).status_code == 286
    assert sources(page.get(LIST).text) == [reverse("voices:clip_audio", args=[voice.clip_id])]


def test_a_voice_that_may_not_speak_is_not_prepared(page, voice):
    VoiceProfile.objects.update(retired_at=timezone.now())
    shown = page.get(detail(voice)).text
    assert 'id="preparing-' not in shown and "Use this voice" not in shown and "<audio" in shown


def test_a_built_in_voice_is_its_recording(page):
    voice = VoiceFactory(builtin=True)
    shown, card = page.get(detail(voice)).text, page.get(LIST).text
    assert sources(shown) == sources(card) == [reverse("voices:clip_audio", args=[voice.clip_id])]
    assert "Original" not in shown and "Original" not in card and 'id="preparing-' not in shown + card


def test_a_strangers_voice_is_not_there(page, stranger):
    theirs = VoiceFactory(owner=stranger, name="A secret")
    assert page.get(address(theirs)).status_code == 404
    answer = page.get(f"{LIVE}?watched={theirs.pk}")
    assert (answer.status_code, answer.text.strip()) == (286, "")
    VoiceProfile.objects.update(visibility="shared")
    assert "Preparing this voice…" in page.get(address(theirs)).text


def test_lists_cost_the_same_for_one_and_for_twenty(page, user, count_queries):
    costs = []
    for more in (1, 19):
        for voice in VoiceFactory.create_batch(more, owner=user):
            fitted(voice)
            sampled(voice)
        watched = "&".join(f"watched={pk}" for pk in VoiceProfile.objects.values_list("pk", flat=True))
        costs.append((count_queries(page, f"{LIVE}?{watched}"), count_queries(page, LIST)))
    assert costs[0] == costs[1] and costs[0][0] == 3
