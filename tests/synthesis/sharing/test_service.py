"""Which speech may be heard by a link, for how long, and what ends it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import CastMember, ListeningLink
from synthesis.sharing import service as sharing
from synthesis.workers.sweeper import delete_leftovers
from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory
from voices.curation import service as curation
from voices.models import AuditEntry, VoiceProfile
from voicesite.models import User
from voicesite.web.rejection import Rejected

SHARED = VoiceProfile.Visibility.SHARED


@pytest.fixture
def speech(user):
    return GenerationFactory(completed=True, owner=user)


@pytest.fixture
def link(speech):
    return sharing.share(speech)


def test_a_link_lasts_a_week_and_cannot_be_guessed(link, speech):
    assert timedelta(days=6.9) < link.expires_at - timezone.now() < timedelta(days=7.1)
    assert len(link.token) == 32, "192 bits"
    assert sharing.opened(link.token) == link
    assert AuditEntry.objects.get(act="link_made").voice == speech.voice


def test_sharing_again_changes_the_link_and_keeps_its_address(link, speech):
    again = sharing.share(speech, days=30, title="For grandmother", show_text=True)
    assert (again.pk, again.token) == (link.pk, link.token)
    kept = ListeningLink.objects.get()
    assert (kept.title, kept.show_text) == ("For grandmother", True)
    assert kept.expires_at - timezone.now() > timedelta(days=29)


@pytest.mark.parametrize("token", ["", "x", "x" * 32, "x" * 65, "a\0b", "é" * 32])
def test_what_is_no_token_opens_nothing(link, token):
    assert sharing.opened(token) is None


def test_what_has_expired_never_opens_again(link, speech):
    ListeningLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sharing.opened(link.token) is None
    again = sharing.share(speech)
    assert again.token != link.token and sharing.opened(again.token) and not sharing.opened(link.token)


def test_its_owner_ends_it_and_makes_another(link, speech, user):
    assert sharing.end(link, ListeningLink.Ending.OWNER, user)
    assert not sharing.end(link, ListeningLink.Ending.OWNER, user), "it had ended"
    assert sharing.opened(link.token) is None
    assert sharing.share(speech).token != link.token


def test_what_staff_end_is_not_shared_anew(link, speech, staff):
    assert sharing.end(link, ListeningLink.Ending.STAFF, staff)
    entry = AuditEntry.objects.get(act="link_ended")
    assert entry.actor == staff and entry.voice == speech.voice and "ada" in entry.detail
    another_take = GenerationFactory(
        completed=True, owner=speech.owner, voice=speech.voice, take_group=speech.take_group, is_picked=False
    )
    for take in (speech, another_take):
        with pytest.raises(Rejected, match="Staff turned off"):
            sharing.share(take)
    ListeningLink.objects.all().delete()
    assert sharing.share(speech)


def suspend(speech, staff):
    curation.suspend(staff, speech.voice, "No consent.")


def delete_the_voice(speech, staff):
    curation.delete(staff, speech.voice)


def lose_the_voice(speech, staff):
    VoiceProfile.objects.update(owner=staff)


def suspend_the_cast(speech, staff):
    voice = VoiceFactory(owner=speech.owner)
    CastMember.objects.create(generation=speech, name="Bob", voice=voice, voice_name=voice.name)
    curation.suspend(staff, voice, "No consent.")


def delete_the_cast(speech, staff):
    CastMember.objects.create(generation=speech, name="Bob", voice=None, voice_name="Bob’s")


def suspend_the_voice_of_a_sentence(speech, staff):
    sentence = SegmentFactory(generation=speech, voice=VoiceFactory(owner=speech.owner), take=True)
    curation.suspend(staff, sentence.voice, "No consent.")


def switch_links_off(speech, staff):
    pytest.importorskip("django.conf").settings.LISTENING_LINKS = False


def dismiss_the_owner(speech, staff):
    User.objects.filter(pk=speech.owner_id).update(is_active=False)


def delete_the_speech(speech, staff):
    speech.delete()


@pytest.mark.parametrize(
    "act",
    [
        suspend,
        delete_the_voice,
        lose_the_voice,
        suspend_the_cast,
        delete_the_cast,
        suspend_the_voice_of_a_sentence,
        switch_links_off,
        dismiss_the_owner,
        delete_the_speech,
    ],
)
def test_it_closes_at_once(link, speech, staff, settings, act):
    settings.LISTENING_LINKS = True  # so that it is restored
    assert sharing.opened(link.token)
    act(speech, staff)
    assert sharing.opened(link.token) is None
    if act not in (dismiss_the_owner, delete_the_speech):
        assert sharing.why_not(speech.__class__.objects.get(pk=speech.pk))


def test_a_suspension_ends_links_for_good(link, speech, staff):
    other = sharing.share(GenerationFactory(completed=True, owner=speech.owner))
    curation.suspend(staff, speech.voice, "No consent.")
    curation.lift_suspension(staff, speech.voice)
    link.refresh_from_db()
    assert link.ending == ListeningLink.Ending.VOICE and sharing.opened(link.token) is None
    assert sharing.opened(other.token) == other


def test_speech_in_a_shared_voice_may_be_shared_while_that_is(user, stranger):
    voice = VoiceFactory(owner=stranger, visibility=SHARED)
    link = sharing.share(GenerationFactory(completed=True, owner=user, voice=voice))
    assert sharing.opened(link.token)
    curation.unshare(stranger, voice)
    assert sharing.opened(link.token) is None


def test_what_is_not_spoken_yet_is_not_shared(user):
    with pytest.raises(Rejected, match="nothing to play"):
        sharing.share(GenerationFactory(owner=user))


def test_the_sweeper_deletes_old_links_but_those_that_staff_ended(user, staff):
    def made(**fields):
        link = sharing.share(GenerationFactory(completed=True, owner=user))
        ListeningLink.objects.filter(pk=link.pk).update(**fields)
        return link.pk

    long_ago, lately = timezone.now() - timedelta(days=31), timezone.now() - timedelta(days=29)
    ended = ListeningLink.Ending
    for gone in ({"expires_at": long_ago}, {"ended_at": long_ago, "ending": ended.OWNER}):
        made(**gone)
    kept = {made(), made(expires_at=lately), made(ended_at=long_ago, ending=ended.STAFF)}
    delete_leftovers()
    assert set(ListeningLink.objects.values_list("pk", flat=True)) == kept


def test_listeners_reports_reach_staff_but_do_not_flood_them(link, speech):
    for number in range(curation.MAX_ANONYMOUS_REPORTS + 3):
        sharing.report(link, f"This is my voice, {number}.")
    reports = speech.voice.reports.all()
    assert len(reports) == curation.MAX_ANONYMOUS_REPORTS
    assert {report.reporter for report in reports} == {None}
    assert f"listening link {link.pk}" in reports[0].reason and "This is my voice" in reports[0].reason
