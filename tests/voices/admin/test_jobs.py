"""Work on recordings in the administration."""

import pytest

from tests.factories import UserFactory, VoiceFactory
from voices.models import ExcerptSearch, Transcription

SEARCHES, TRANSCRIPTIONS = "/admin/voices/excerptsearch/", "/admin/voices/transcription/"


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(username="curator", is_staff=True))
    return client


@pytest.fixture
def transcription(stranger):
    voice = VoiceFactory(owner=stranger)
    return Transcription.objects.create(
        clip=voice.clip, state="failed", error="Too little memory.", replaces="Nobody shall read this."
    )


def test_a_transcription_is_found_and_tried_again_and_what_was_said_is_not_shown(curator, transcription):
    page = f"{TRANSCRIPTIONS}{transcription.pk}/change/"
    for shown in (curator.get(f"{TRANSCRIPTIONS}?q=eve").text, curator.get(page).text):
        assert "Too little memory." in shown and "Nobody shall read this." not in shown
    curator.post(TRANSCRIPTIONS, {"action": "try_again", "_selected_action": transcription.pk, "next": page})
    transcription.refresh_from_db()
    assert transcription.state == "pending"


def test_lists_cost_the_same_for_one_row_and_for_many(curator, transcription, count_queries):
    def more(count):
        for voice in VoiceFactory.create_batch(count):
            Transcription.objects.create(clip=voice.clip)
            ExcerptSearch.objects.create(recording=voice.clip.recording)

    more(1)
    few = [count_queries(curator, where) for where in (SEARCHES, TRANSCRIPTIONS)]
    more(9)
    assert [count_queries(curator, where) for where in (SEARCHES, TRANSCRIPTIONS)] == few and max(few) <= 12


def test_people_do_not_get_in(page, transcription):
    for where in (SEARCHES, TRANSCRIPTIONS, f"{TRANSCRIPTIONS}{transcription.pk}/change/"):
        assert page.get(where, follow=True).status_code == 403
