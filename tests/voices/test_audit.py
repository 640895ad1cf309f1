import pytest

from tests.factories import VoiceFactory
from voices import audit
from voices.models import CONSENT_WORDING, AuditEntry, VoiceProfile

pytestmark = pytest.mark.backends


def test_an_entry_outlives_the_voice_and_the_person(user, stranger):
    voice = VoiceFactory(owner=stranger, name="Grandmother")
    audit.record(user, voice, "suspended", "x" * 600)
    voice.delete()
    user.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name, entry.voice, entry.voice_name) == (None, "ada", None, "Grandmother")
    assert entry.detail == "x" * 500


def test_the_site_itself_is_nobody(user):
    audit.record(None, VoiceFactory(), "imported")
    assert AuditEntry.objects.get().actor_name == ""


def test_an_entry_is_written_once(user):
    audit.record(user, VoiceFactory(), "retired")
    entry = AuditEntry.objects.get()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_only_known_acts_are_written(user):
    with pytest.raises(ValueError, match="sung"):
        audit.record(user, VoiceFactory(), "sung")


def test_a_consent_keeps_its_words_and_its_person(user, stranger, monkeypatch):
    voice = VoiceFactory(owner=stranger)
    voice.save(update_fields=voice.consent(user))
    monkeypatch.setattr("voices.models.CONSENT_WORDING", "Other words.")
    user.delete()
    voice = VoiceProfile.objects.get()
    assert (voice.consent_wording, voice.consent_by, voice.consented) == (CONSENT_WORDING, None, "ada")


def test_a_consent_of_somebody_who_has_left_has_no_name(db):
    unknown = VoiceFactory(consent_by=None)
    assert unknown.consented == "someone who has left"
