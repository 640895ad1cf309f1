"""Acts on voices: when each is possible, which of two people at once succeeds, and the audit log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Generation
from tests.factories import ClipFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.curation import service as curation
from voices.curation import tags, transfer
from voices.models import AuditEntry, Clip, Collection, Recording, Report, Tag, VoiceProfile
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.backends


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("actor_name", "act"))


def again(voice) -> VoiceProfile:
    return VoiceProfile.objects.get(pk=voice.pk)


def test_a_voice_is_shared_when_its_owner_asks_and_staff_agree(user, staff):
    voice = VoiceFactory(owner=user)
    assert not curation.approve(staff, voice), "nobody asked"
    assert curation.request_sharing(user, voice) and not curation.request_sharing(user, voice)
    assert not again(voice).is_shared
    assert curation.approve(staff, voice) and not curation.approve(staff, voice)
    assert again(voice).is_shared and again(voice).share_requested_at is None
    assert curation.unshare(user, voice) and not curation.unshare(user, voice)
    assert acts() == [("ada", "share_asked"), ("curator", "shared"), ("ada", "unshared")]


@pytest.mark.parametrize("unfit", ["suspended_at", "retired_at"])
def test_a_voice_that_may_not_speak_is_not_shared(user, staff, unfit):
    asked = VoiceFactory(owner=user, share_requested_at=timezone.now(), **{unfit: timezone.now()})
    own = VoiceFactory(owner=staff, **{unfit: timezone.now()})
    for voice in (asked, own):
        assert not curation.approve(staff, voice) and not again(voice).is_shared
    assert not curation.request_sharing(staff, own) and not again(own).is_shared
    assert acts() == []


def test_a_refusal_has_a_reason_until_it_is_asked_again(user, staff):
    voice = VoiceFactory(owner=user)
    curation.request_sharing(user, voice)
    stale = again(voice)
    assert curation.refuse_sharing(staff, voice, "Too noisy.")
    assert again(voice).share_refusal == "Too noisy."
    assert not curation.approve(staff, stale), "another of the staff refused it meanwhile"
    assert curation.request_sharing(user, voice) and again(voice).share_refusal == ""
    assert curation.withdraw_request(user, voice) and not curation.withdraw_request(user, voice)
    assert not curation.refuse_sharing(staff, voice, "Too late.") and again(voice).share_refusal == ""


def test_staff_share_their_own_at_once_and_others_only_when_asked(user, staff):
    own, other = VoiceFactory(owner=staff), VoiceFactory(owner=user)
    assert curation.request_sharing(staff, own) and again(own).is_shared
    assert not curation.approve(staff, other)


def test_a_suspension_stops_what_is_being_made_and_nobody_may_use_it(user, staff):
    work = GenerationFactory(voice=VoiceFactory(visibility="shared"), owner=user)
    voice = work.voice
    done = GenerationFactory(voice=voice, completed=True)
    assert curation.suspend(staff, voice, "It is somebody else's.")
    work.refresh_from_db()
    done.refresh_from_db()
    assert (work.state, done.state) == ("cancelled", "completed")
    assert not VoiceProfile.objects.usable_by(voice.owner).exists()
    assert not VoiceProfile.objects.visible_to(user).exists()
    assert not curation.suspend(staff, voice, "Once more.") and again(voice).suspension == "It is somebody else's."
    assert not curation.request_sharing(voice.owner, voice)
    assert not Generation.objects.get(pk=work.pk).retry(), "nor does what was stopped begin again"
    assert curation.lift_suspension(staff, voice) and not curation.lift_suspension(staff, voice)
    assert VoiceProfile.objects.usable_by(user).exists() and again(voice).suspension == ""
    assert Generation.objects.get(pk=work.pk).retry()


def test_a_running_attempt_is_asked_to_stop(staff):
    work = GenerationFactory(running=True)
    curation.suspend(staff, work.voice, "Stop.")
    work.refresh_from_db()
    assert work.cancel_requested and work.state == "generating"


def test_a_retired_voice_speaks_nothing_new_until_it_is_back(user, staff):
    voice = VoiceFactory(owner=user)
    curation.request_sharing(user, voice)
    assert curation.retire(user, voice) and not curation.retire(user, voice)
    assert not VoiceProfile.objects.usable_by(user).exists() and VoiceProfile.objects.visible_to(user).exists()
    assert not curation.approve(staff, voice) and not curation.request_sharing(user, voice)
    assert curation.bring_back(user, voice) and not curation.bring_back(user, voice)
    assert VoiceProfile.objects.usable_by(user).exists()


def test_of_a_deleted_voice_nothing_is_changed_or_written(user, staff):
    voice = VoiceFactory(owner=user)
    VoiceProfile.objects.filter(pk=voice.pk).delete()
    assert not curation.suspend(staff, voice, "Gone.") and not curation.retire(user, voice)
    assert acts() == []


def test_a_deletion_keeps_the_consent_in_the_log(user):
    voice = VoiceFactory(owner=user, name="Grandmother")
    voice.save(update_fields=voice.consent(user))
    curation.delete(user, voice)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.voice_name, entry.voice) == ("deleted", "Grandmother", None)
    assert "confirmed by ada" in entry.detail and voice.consent_wording in entry.detail


# ---------------------------------------------------------------------------------------------------------------------
# Reports


def test_a_report_is_open_once_for_each_person_and_answered_once(user, stranger, staff):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    assert curation.report(user, voice, "It is my uncle.") and not curation.report(user, voice, "Really.")
    assert curation.report(UserFactory(), voice, "It is mine.")
    first = Report.objects.get(reporter=user)
    assert curation.answer_report(staff, first, "He agreed.", suspend_it=False)
    assert not curation.answer_report(staff, first, "Twice.", suspend_it=True)
    first.refresh_from_db()
    assert (first.answer, first.closed_by, again(voice).suspended_at) == ("He agreed.", staff, None)
    assert Report.objects.filter(closed_at=None).count() == 1
    assert curation.report(user, voice, "He did not."), "after an answer one may report anew"


def test_a_suspension_answers_all_reports_of_a_voice(user, staff):
    voice, other = VoiceFactory.create_batch(2, visibility="shared")
    for reporter in (user, UserFactory()):
        curation.report(reporter, voice, "No consent.")
    curation.report(user, other, "Another matter.")
    curation.answer_report(staff, voice.reports.first(), "Right.", suspend_it=True)
    assert again(voice).suspension == "Right."
    assert set(voice.reports.values_list("answer", flat=True)) == {"Right."}
    assert other.reports.filter(closed_at=None).exists()


def test_reports_of_one_person_a_day_are_limited(user, monkeypatch):
    monkeypatch.setattr(curation, "MAX_REPORTS_PER_DAY", 2)
    for voice in VoiceFactory.create_batch(2):
        curation.report(user, voice, "No.")
    with pytest.raises(Rejected, match="more tomorrow"):
        curation.report(user, VoiceFactory(), "No.")
    Report.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert curation.report(user, VoiceFactory(), "No.")


# ---------------------------------------------------------------------------------------------------------------------
# Transfer and merge


def test_a_transfer_takes_the_clips_along_and_finds_a_free_name(user, stranger, staff):
    voice = VoiceFactory(owner=user, name="Jane")
    voice.save(update_fields=voice.consent(user))
    VoiceFactory(owner=stranger, name="Jane")
    spoken = GenerationFactory(voice=voice, owner=user, completed=True)
    assert transfer.transfer(staff, voice, stranger) and not transfer.transfer(staff, voice, stranger)
    moved = again(voice)
    assert (moved.owner, moved.name) == (stranger, "Jane (2)")
    assert (moved.clip.owner, moved.clip.recording.owner) == (stranger, stranger)
    assert (moved.consent_by, moved.consented) == (user, "ada")
    spoken.refresh_from_db()
    assert (spoken.owner, spoken.voice) == (user, moved)
    assert AuditEntry.objects.get().detail == "from ada to eve as “Jane (2)”"


def test_a_recording_with_other_clips_is_copied_for_who_gets_one_of_them(user, stranger, staff):
    voice = VoiceFactory(owner=user)
    draft = ClipFactory(owner=user, recording=voice.clip.recording)
    transfer.transfer(staff, voice, stranger)
    copy = again(voice).clip.recording
    draft.refresh_from_db()
    assert copy != draft.recording and (copy.owner, draft.recording.owner) == (stranger, user)
    assert copy.original.read() == draft.recording.original.read() and copy.audio.name != draft.recording.audio.name
    assert Recording.objects.count() == 2


def test_voices_that_are_one_become_one(user, staff, stranger):
    keep, other = VoiceFactory(owner=user, name="Jane"), VoiceFactory(owner=user, name="Jane again")
    spoken = GenerationFactory(voice=other, owner=stranger, completed=True)
    clip, collection = other.clip, Collection.objects.create(name="Stories")
    tags.set_tags(keep, ["warm"])
    tags.set_tags(other, ["warm", "low"])
    collection.voices.add(other)
    curation.report(stranger, other, "Mine.")
    transfer.merge(staff, keep, [keep, other])
    assert set(VoiceProfile.objects.all()) == {keep}
    assert set(Clip.objects.filter(voice=keep)) == {keep.clip, clip}
    assert set(keep.tags.values_list("name", flat=True)) == {"warm", "low"} and keep in collection.voices.all()
    assert keep.reports.count() == 1
    spoken.refresh_from_db()
    assert (spoken.voice, spoken.voice_name, spoken.owner) == (keep, "Jane", stranger)
    assert clip.audio.storage.exists(clip.audio.name)
    entry = AuditEntry.objects.get(act="merged", voice=None)
    assert entry.voice_name == "Jane again" and "into “Jane”" in entry.detail and "consent confirmed" in entry.detail


def test_of_two_open_reports_of_one_person_one_is_left_when_voices_become_one(user, stranger, staff):
    keep, other = VoiceFactory.create_batch(2, owner=user, visibility="shared")
    for voice in (keep, other):
        curation.report(stranger, voice, f"“{voice.name}” is my uncle.")
    curation.report(UserFactory(username="bob"), other, "It is mine.")
    Report.objects.create(voice=other, reporter=stranger, reason="Long ago.", closed_at=timezone.now())
    transfer.merge(staff, keep, [keep, other])
    left = keep.reports.order_by("closed_at", "reporter__username").values_list("reporter__username", "reason")
    assert set(left) == {("eve", f"“{keep.name}” is my uncle."), ("bob", "It is mine."), ("eve", "Long ago.")}


def test_reports_of_people_without_an_account_all_stay_when_voices_become_one(user, stranger, staff):
    keep, other = VoiceFactory.create_batch(2, owner=user, visibility="shared")
    for voice in (keep, other):
        curation.report_anonymously(voice, f"“{voice.name}” is my uncle.")
    curation.report(stranger, other, "It is mine.")
    transfer.merge(staff, keep, [keep, other])
    left = {f"“{keep.name}” is my uncle.", f"“{other.name}” is my uncle.", "It is mine."}
    assert set(keep.reports.values_list("reason", flat=True)) == left


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"owner": UserFactory}, "different people"), ({"suspended_at": timezone.now}, "suspended"), (None, "two voices")],
)
def test_what_can_not_be_merged_stays_as_it_is(user, staff, changes, words):
    keep = VoiceFactory(owner=user)
    others = (
        [] if changes is None else [VoiceFactory(**{"owner": user} | {key: make() for key, make in changes.items()})]
    )
    with pytest.raises(Rejected, match=words):
        transfer.merge(staff, keep, others)
    assert VoiceProfile.objects.count() == 1 + len(others) and acts() == []


# ---------------------------------------------------------------------------------------------------------------------
# Tags


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("", []),
        (" Warm ,  warm,LOW   voice,, ", ["warm", "low voice"]),
        ("a\u202eb,\u200b,c\td", ["a b", "c d"]),
    ],
)
def test_tags_are_put_in_one_form(written, names):
    assert tags.TagsField().clean(written) == names


@pytest.mark.parametrize(("written", "words"), [("x" * 41, "too long"), (",".join("abcdefghijk"), "11 tags")])
def test_too_much_for_tags_is_said(written, words):
    with pytest.raises(tags.forms.ValidationError, match=words):
        tags.TagsField().clean(written)


def test_tags_that_are_one_become_one(staff):
    voice = VoiceFactory()
    tags.set_tags(voice, ["story", "stories"])
    keep, other = Tag.objects.get(name="stories"), Tag.objects.get(name="story")
    tags.merge_tags(staff, keep, [other])
    assert [tag.name for tag in voice.tags.all()] == ["stories"] and acts() == [("curator", "tagged")]


def test_staff_give_and_take_tags(staff):
    voice = VoiceFactory()
    assert tags.add_tags(staff, voice, ["warm", "low"]) and not tags.add_tags(staff, voice, ["low"])
    assert tags.remove_tags(staff, voice, ["warm"]) and not tags.remove_tags(staff, voice, ["warm"])
    assert [tag.name for tag in voice.tags.all()] == ["low"]
    assert list(AuditEntry.objects.order_by("pk").values_list("detail", flat=True)) == [
        "with warm, low",
        "without warm",
    ]
