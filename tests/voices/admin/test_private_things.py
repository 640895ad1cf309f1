"""What staff see and hear of other people's private voices and texts, by VOICESITE_STAFF_ACCESS, and that each look is logged."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Generation
from tests.factories import (
    ClipFactory,
    GenerationFactory,
    PronunciationFactory,
    SegmentFactory,
    UserFactory,
    VoiceFactory,
)
from voices.curation import service as curation
from voices.curation import transfer
from voices.models import AuditEntry, Clip, Report, VoiceProfile
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.backends

VOICES, SPEECH, CHECKS, WORDS = (
    f"/admin/{model}/"
    for model in ("voices/voiceprofile", "synthesis/generation", "synthesis/evaluation", "synthesis/pronunciationentry")
)
SECRETS = (
    "Dear diary",
    "Nobody knows",
    "Heard nobody",
    "Whispered words",
    "In her kitchen",
    "grandma-kitchen",
    "Zaphod",
)


class World:
    """What somebody made and keeps to themselves."""

    def __init__(self, owner):
        self.voice = VoiceFactory(
            owner=owner, name="Grandmother", description="In her kitchen", clip__transcript="Whispered words."
        )
        clip = self.voice.clip
        Clip.objects.filter(pk=clip.pk).update(original_audio=clip.audio.name)
        clip.recording.original_name = "grandma-kitchen.wav"
        clip.recording.save()
        self.sample = GenerationFactory(owner=owner, voice=self.voice, is_sample=True, completed=True, title="Sample")
        self.speech = GenerationFactory(
            owner=owner,
            voice=self.voice,
            completed=True,
            title="Dear diary",
            text="Nobody knows what I wrote.",
            recognized_text="Heard nobody.",
        )
        self.take = SegmentFactory(generation=self.speech, text="Nobody knows.", take=True).take
        self.entry = PronunciationFactory(owner=owner, word="Zaphod")

    def clip_sounds(self):
        clip = self.voice.clip_id
        return [reverse("voices:clip_audio", args=[clip]), reverse("voices:original_audio", args=[clip])]

    def recording(self):
        return reverse("voices:recording_audio", args=[self.voice.clip.recording_id])

    def speech_sounds(self):
        return [
            reverse("synthesis:audio", args=[self.speech.pk]),
            reverse("synthesis:take_audio", args=[self.speech.pk, self.take.pk]),
            reverse("synthesis:take_words", args=[self.speech.pk, self.take.pk]),
        ]

    def sample_sound(self):
        return reverse("synthesis:audio", args=[self.sample.pk])

    def sounds(self):
        return [*self.clip_sounds(), self.recording(), *self.speech_sounds(), self.sample_sound()]


@pytest.fixture
def world(stranger):
    return World(stranger)


@pytest.fixture(params=["curator", "superuser"])
def curator(request, client, db):
    client.force_login(UserFactory(username="curator", is_staff=True, is_superuser=request.param == "superuser"))
    return client


def statuses(client, addresses):
    return {client.get(address).status_code for address in addresses}


def looks():
    kinds = AuditEntry.objects.filter(act__in=("looked", "listened")).order_by("pk")
    return list(kinds.values_list("actor_name", "act", "detail"))


def test_nothing_private_is_seen_or_heard(curator, world):
    assert statuses(curator, world.sounds()) == {404}
    assert curator.get(f"/api/clips/{world.voice.clip_id}").status_code == 404
    assert curator.get(f"/api/generations/{world.speech.pk}").status_code == 404
    chosen = {"_selected_action": world.speech.pk}
    shown = [
        curator.get(where, follow=True)
        for where in (
            "/admin/",
            VOICES,
            f"{VOICES}{world.voice.pk}/change/",
            SPEECH,
            f"{SPEECH}{world.speech.pk}/change/",
            f"{SPEECH}{world.speech.pk}/delete/",
            CHECKS,
            WORDS,
        )
    ]
    shown.append(curator.post(SPEECH, chosen | {"action": "delete_selected"}))
    shown.append(curator.post(SPEECH, chosen | {"action": "delete_selected", "post": "yes"}, follow=True))
    shown.append(curator.get("/admin/"))  # which lists what one did last
    for page in shown:
        assert page.status_code == 200
        for secret in SECRETS:
            assert secret not in page.text, page.request["PATH_INFO"]
        assert "<audio" not in page.text
    assert "Grandmother" in shown[1].text, "that there is such a voice is no secret"
    assert looks() == []


@pytest.mark.parametrize(
    "probe",
    [
        f"{SPEECH}?q=diary",
        f"{SPEECH}?q=nobody",
        f"{CHECKS}?q=diary",
        f"{VOICES}?q=kitchen",
        f"{WORDS}?q=zaphod",
        f"{SPEECH}?title__contains=diary",
        f"{SPEECH}?text__startswith=Nobody",
        f"{SPEECH}?recognized_text__contains=Heard",
        f"{SPEECH}?segments__text__contains=Nobody",
        f"{CHECKS}?generation__title__contains=diary",
        f"{VOICES}?description__contains=kitchen",
        f"{VOICES}?clip__transcript__contains=Whispered",
        f"{VOICES}?clips__transcript__contains=Whispered",
        f"{VOICES}?generations__title__contains=diary",
    ],
)
def test_no_search_finds_out_what_is_private(client, staff, world, probe):
    client.force_login(staff)
    page = client.get(probe)
    if page.status_code == 200:
        assert page.context["cl"].result_count == 0
    else:
        assert page.status_code in (302, 400)


def test_a_request_to_share_opens_the_voice_and_no_text(curator, world, stranger):
    curation.request_sharing(stranger, world.voice)
    open_ = [*world.clip_sounds(), world.recording(), world.sample_sound()]
    assert statuses(curator, open_) == {200} and statuses(curator, world.speech_sounds()) == {404}
    for page in (f"{VOICES}review/", f"{VOICES}{world.voice.pk}/change/"):
        shown = curator.get(page).text
        assert "Whispered words." in shown and "In her kitchen" in shown and "<audio" in shown
    curation.withdraw_request(stranger, world.voice)
    assert statuses(curator, world.sounds()) == {404}


def test_a_report_opens_the_voice_and_what_its_owner_spoke_with_it(curator, world, user):
    VoiceProfile.objects.update(visibility="shared")
    by_others = GenerationFactory(owner=user, voice=world.voice, completed=True, text="Of somebody else.")
    assert statuses(curator, [*world.clip_sounds(), world.sample_sound()]) == {200}
    assert statuses(curator, [world.recording(), *world.speech_sounds()]) == {404}, "only the clips are shared"
    curation.report(user, world.voice, "That is my grandmother.")
    assert statuses(curator, world.sounds()) == {200}
    assert "Nobody knows what I wrote." in curator.get(f"{SPEECH}{world.speech.pk}/change/").text
    assert "Of somebody else." not in curator.get(f"{SPEECH}{by_others.pk}/change/").text
    assert curator.get(reverse("synthesis:audio", args=[by_others.pk])).status_code == 404
    Report.objects.update(closed_at=timezone.now())
    assert statuses(curator, world.speech_sounds()) == {404}


def test_where_staff_see_all_they_do(curator, world, sees_all):
    assert statuses(curator, world.sounds()) == {200}
    assert "Dear diary" in curator.get(f"{SPEECH}?q=nobody").text
    assert "Nobody knows what I wrote." in curator.get(f"{SPEECH}{world.speech.pk}/change/").text
    assert "Whispered words." in curator.get(f"{VOICES}{world.voice.pk}/change/").text
    assert "Zaphod" in curator.get(WORDS).text


def test_each_look_is_logged_once_an_hour(curator, world, sees_all):
    for _ in range(3):
        curator.get(world.sounds()[0], headers={"Range": "bytes=0-3"})
    clip, voice, speech = world.voice.clip_id, world.voice.pk, world.speech.pk
    assert looks() == [("curator", "listened", f"clip {clip}")]
    for where in (*world.sounds(), SPEECH, WORDS, f"{SPEECH}{speech}/change/", f"{VOICES}{voice}/change/"):
        curator.get(where)
    curator.get(f"/api/clips/{clip}")
    assert set(looks()) == {
        ("curator", "listened", f"clip {clip}"),
        ("curator", "listened", f"the whole recording of clip {clip}"),
        ("curator", "listened", f"speech {speech}"),
        ("curator", "listened", f"speech {world.sample.pk}"),
        ("curator", "looked", "titles of your speech"),
        ("curator", "looked", "your pronunciations"),
        ("curator", "looked", f"speech {speech}"),
        ("curator", "looked", f"voice {voice}"),
        ("curator", "looked", f"clip {clip}"),
    }
    known = len(looks())
    assert len(set(looks())) == known
    AuditEntry.objects.update(at=timezone.now() - timedelta(minutes=61))
    curator.get(world.sounds()[0])
    assert len(looks()) == known + 1
    shown = curator.get("/admin/voices/auditentry/?act=listened").text
    assert "listened to, by staff" in shown and "Grandmother" in shown
    assert not any(secret in curator.get("/admin/voices/auditentry/").text for secret in SECRETS)


def test_one_logs_no_look_at_what_is_ones_own_or_everyones(client, staff, stranger, sees_all):
    own, shared = World(staff), VoiceFactory(owner=stranger, visibility="shared")
    client.force_login(staff)
    for where in (*own.sounds(), f"{VOICES}{own.voice.pk}/change/", f"{SPEECH}{own.speech.pk}/change/"):
        assert client.get(where).status_code == 200
    client.get(reverse("voices:clip_audio", args=[shared.clip_id]))
    client.get(f"{VOICES}{shared.pk}/change/")
    assert looks() == []


def test_people_who_hear_a_shared_voice_are_not_logged(page, stranger):
    page.get(reverse("voices:clip_audio", args=[VoiceFactory(owner=stranger, visibility="shared").clip_id]))
    assert looks() == []


def test_a_private_voice_is_exported_by_its_owner_only(curator, world):
    data = {"action": "export", "_selected_action": [world.voice.pk]}
    assert "their owners export these" in curator.post(VOICES, data, follow=True).text
    assert curator.get(f"{reverse('voices:export')}?voice={world.voice.pk}").status_code == 422


def test_staff_give_no_private_voice_to_themselves(staff, user, world):
    with pytest.raises(Rejected, match="not to yourself"):
        transfer.transfer(staff, world.voice, staff)
    assert transfer.transfer(staff, world.voice, user)


def test_correcting_a_private_voice_keeps_what_is_not_shown(curator, world):
    data = {"name": "Granny", "language": "en-us", "tags": ""}
    curator.post(f"{VOICES}{world.voice.pk}/change/", data)
    voice = VoiceProfile.objects.get()
    assert (voice.name, voice.description) == ("Granny", "In her kitchen")


def test_people_are_told_where_they_type(page, user, settings):
    VoiceFactory(owner=user)
    for where, told in (("studio", "only if someone reports your voice"), ("voices:new", "until you share it")):
        assert told in page.get(reverse(where)).text
    settings.STAFF_ACCESS = "all"
    for where in ("studio", "voices:new"):
        assert "Only you and staff see and hear this. Each look by staff is logged." in page.get(reverse(where)).text


def test_a_draft_is_nobody_elses_in_any_setting(curator, stranger, sees_all):
    draft = ClipFactory(owner=stranger)
    assert curator.get(reverse("voices:clip_audio", args=[draft.pk])).status_code == 404
    assert Generation.objects.count() == 0
