"""One of each thing that somebody can have on a site, with real files."""

from datetime import timedelta

from django.utils import timezone

from synthesis.models import Draft, Folder, ListeningLink, SegmentEdit, TextTag, VoiceAlias
from tests.factories import (
    ClipFactory,
    GenerationFactory,
    PronunciationFactory,
    SegmentFactory,
    UserFactory,
    VoiceFactory,
)
from voices import audit
from voicesite.hooks.models import Webhook
from voicesite.models import KeepingRule
from voicesite.people.keys import issue


def everything_of(person) -> dict[str, str]:
    """Make one of each thing that somebody can have; return what only that thing says, by the file in which it is told."""
    voice = VoiceFactory(owner=person, name="Großmutter", clip__transcript="Whispered words")
    clip = ClipFactory(owner=person, transcript="A draft of a clip")
    speech = GenerationFactory(owner=person, voice=voice, completed=True, title="Dear diary", text="Nobody knows this.")
    SegmentFactory(generation=speech, text="A sentence of mine", take=True)
    SegmentEdit.objects.create(generation=speech, what="Sentence 1: other words", before={"text": "Before that"})
    ListeningLink.objects.create(
        generation=speech, title="For Bo", expires_at=timezone.now() + timedelta(days=1), listens=3
    )
    PronunciationFactory(owner=person, word="Zaphod")
    Draft.objects.create(owner=person, text="Not said yet")
    VoiceAlias.objects.create(owner=person, name="alloy", voice=voice)
    Webhook.objects.create(owner=person, url="https://example.org/told", events=["voice.ready"])
    speech.folder = Folder.objects.create(owner=person, name="Secret plans")
    speech.save(update_fields=["folder"])
    TextTag.objects.create(generation=speech, name="confession")
    KeepingRule.objects.create(person=person, kind="speech", own_days=30)
    issue(person, "Kitchen radio", ["read"])
    person.failed_sign_ins.create(address="192.0.2.77")
    audit.record_look_into(UserFactory(first_name="Curator"), [voice])
    recording = clip.recording_id
    return {
        "profile.json": person.username,
        "sign-ins.json": "192.0.2.77",
        "keys.json": "Kitchen radio",
        "webhooks.json": "https://example.org/told",
        "settings.json": '"own_days": 30',
        "voices/001-großmutter/voice.json": "Whispered words",
        f"recordings/{recording}/recording.json": "A draft of a clip",
        "draft.json": "Not said yet",
        "pronunciations.json": "Zaphod",
        "voice-names.json": "alloy",
        "folders.json": "Secret plans",
        "links.json": "For Bo",
        "log.json": f"voice {voice.pk}",
    }
