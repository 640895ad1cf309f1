import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Generation
from synthesis.workers import sweeper
from tests.factories import ClipFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.curation import service as curation
from voices.curation.tags import set_tags
from voices.models import AuditEntry, Clip, Collection, Report, Tag, VoiceProfile

pytestmark = pytest.mark.backends

LIST_URL, REPORTS_URL, AUDIT_URL = (f"/admin/voices/{model}/" for model in ("voiceprofile", "report", "auditentry"))


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(username="curator", is_staff=True))  # no permissions one by one
    return client


def act(client, action, *voices, **words):
    data = {"action": action, "_selected_action": [voice.pk for voice in voices]} | words
    return client.post(LIST_URL, data | ({"words": "1"} if words else {}), follow=True)


def again(voice):
    return VoiceProfile.objects.get(pk=voice.pk)


def log():
    """Who did what, without who looked."""
    return list(AuditEntry.objects.exclude(act="looked").order_by("pk").values_list("actor_name", "act"))


def test_a_row_says_what_a_curator_asks(curator, stranger, sees_all):
    voice = VoiceFactory(owner=stranger, name="Grandmother", clip__grade=3)
    spoken = GenerationFactory(voice=voice, owner=stranger, is_sample=True, completed=True)
    row = curator.get(LIST_URL).text
    for sound in (reverse("voices:clip_audio", args=[voice.clip_id]), reverse("synthesis:audio", args=[spoken.pk])):
        assert f'<audio controls preload="none" src="{sound}"' in row
        assert curator.get(sound).status_code == 200, "staff may hear it"
    for said in ("Grandmother", "eve", "Good", "Private", f"{voice.consent_at:%Y-%m-%d}"):
        assert said in row


@pytest.mark.parametrize("address", [LIST_URL, f"{LIST_URL}review/", REPORTS_URL, AUDIT_URL, "/admin/voices/tag/"])
def test_a_list_costs_as_many_queries_for_many(curator, count_queries, address):
    def some(count):
        for _ in range(count):
            voice = VoiceFactory(share_requested_at=timezone.now())
            Report.objects.create(voice=voice, reporter=voice.owner, reason="Not me.")
            curation.retire(voice.owner, voice)
            set_tags(voice, [voice.name.lower()])
            VoiceProfile.objects.filter(pk=voice.pk).update(share_requested_at=timezone.now(), retired_at=None)

    some(2)
    few = count_queries(curator, address)
    some(10)
    assert count_queries(curator, address) == few <= 16


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=mother", {"Grandmother"}),
        ("q=eve", {"Grandmother"}),
        ("q=warm", {"Newsreader"}),
        ("q=zebra", set()),
        ("standing=shared", {"Newsreader"}),
        ("standing=asks", {"Grandmother"}),
        ("standing=retired", set()),
        ("standing=nonsense", {"Grandmother", "Newsreader"}),
        ("language=es", {"Newsreader"}),
        ("clip__grade__exact=1", {"Newsreader"}),
        ("", {"Grandmother", "Newsreader"}),
    ],
)
def test_search_and_filters(curator, stranger, query, shown):
    VoiceFactory(owner=stranger, name="Grandmother", share_requested_at=timezone.now())
    set_tags(VoiceFactory(name="Newsreader", visibility="shared", language="es", clip__grade=1), ["warm", "warmer"])
    assert set(curator.get(f"{LIST_URL}?{query}").context["cl"].queryset.values_list("name", flat=True)) == shown


# --- the queue


def test_who_asked_first_is_first_in_the_queue(curator, stranger):
    assert "No voices are waiting" in curator.get(f"{LIST_URL}review/").text
    late = VoiceFactory(owner=stranger, name="Late", share_requested_at=timezone.now())
    early = VoiceFactory(owner=stranger, name="Early", share_requested_at=timezone.now() - timedelta(days=1))
    VoiceFactory(name="Silent")
    page = curator.get(f"{LIST_URL}review/").text
    assert page.index("Early") < page.index("Late") and "Silent" not in page
    assert "<strong>2</strong> voices waiting for review" in curator.get("/admin/").text
    assert reverse("voices:clip_audio", args=[late.clip_id]) in page
    response = act(curator, "approve", early, late)
    assert "Shared with everyone: Early, Late." in response.text
    assert again(early).is_shared and log() == [("curator", "shared")] * 2


def test_a_refusal_asks_for_a_reason_that_its_owner_reads(curator, client, stranger):
    voice = VoiceFactory(owner=stranger, name="Radio", share_requested_at=timezone.now())
    asked = act(curator, "refuse", voice)
    assert "Its owner will see this" in asked.text and again(voice).share_requested_at
    assert "This field is required" in act(curator, "refuse", voice, reason=" ").text
    assert "Not shared: Radio." in act(curator, "refuse", voice, reason="It is a recording of the radio.").text
    client.force_login(stranger)
    assert "It is a recording of the radio." in client.get(reverse("voices:detail", args=[voice.pk])).text
    assert log() == [("curator", "share_refused")]


def test_what_nobody_asked_to_share_is_not_shared(curator, stranger):
    voice = VoiceFactory(owner=stranger, name="Mine")
    assert "Unchanged: Mine." in act(curator, "approve", voice).text
    assert not again(voice).is_shared and log() == []


# --- other acts


def test_a_voice_is_suspended_at_once_and_what_it_speaks_stops(curator):
    work = GenerationFactory()
    assert "Suspended: " in act(curator, "suspend", work.voice, reason="Somebody else’s voice.").text
    work.refresh_from_db()
    assert work.state == "cancelled" and again(work.voice).suspension == "Somebody else’s voice."
    assert "No longer suspended" in act(curator, "lift", work.voice).text
    assert again(work.voice).is_usable and log() == [("curator", "suspended"), ("curator", "suspension_lifted")]


@pytest.mark.parametrize(
    ("action", "undone", "field"),
    [("retire", "bring_back", "retired_at")],
)
def test_acts_that_need_no_words(curator, action, undone, field):
    voice = VoiceFactory()
    act(curator, action, voice)
    assert getattr(again(voice), field)
    act(curator, undone, voice)
    assert not getattr(again(voice), field)
    assert [actor for actor, _ in log()] == ["curator"] * 2


def test_a_shared_voice_is_made_private(curator):
    voice = VoiceFactory(visibility="shared")
    assert "Private now" in act(curator, "unshare", voice).text
    assert not again(voice).is_shared and log() == [("curator", "unshared")]


def test_voices_are_given_to_somebody_else(curator, user, stranger):
    VoiceFactory(owner=stranger, name="Jane")
    voice = VoiceFactory(owner=user, name="Jane")
    assert "There is no user called ev. Did you mean eve?" in act(curator, "transfer", voice, to="ev").text
    assert "Transferred: Jane." in act(curator, "transfer", voice, to="eve").text
    given = again(voice)
    assert (given.owner, given.name) == (stranger, "Jane (2)") and {clip.owner for clip in given.clips.all()} == {
        stranger
    }


def test_voices_are_tagged_and_collected(curator):
    voices = VoiceFactory.create_batch(2)
    act(curator, "add_tags", *voices, tags="Warm, low")
    act(curator, "remove_tags", voices[0], tags="low")
    assert [sorted(map(str, voice.tags.all())) for voice in voices] == [["warm"], ["low", "warm"]]
    curator.post("/admin/voices/collection/add/", {"name": "Winter play", "description": ""})
    collection = Collection.objects.get()
    act(curator, "collect", *voices, collection=collection.pk)
    act(curator, "take_out", voices[0], collection=collection.pk)
    assert list(collection.voices.all()) == [voices[1]]
    assert [did for _, did in log()] == ["tagged"] * 3 + ["collected"] * 3


def test_duplicates_become_one(curator, user, stranger):
    one, two = VoiceFactory(owner=user, name="Jane"), VoiceFactory(owner=user, name="Jane again")
    spoken = GenerationFactory(voice=two, owner=user, completed=True)
    foreign = VoiceFactory(owner=stranger)
    assert "Choose at least two voices" in act(curator, "merge", one).text
    assert "belong to different people" in act(curator, "merge", one, foreign).text
    assert "Which one stays" in act(curator, "merge", one, two).text
    assert "Merged Jane again into Jane." in act(curator, "merge", one, two, keep=one.pk).text
    spoken.refresh_from_db()
    assert not VoiceProfile.objects.filter(pk=two.pk).exists()
    assert one.clips.count() == 2 and spoken.voice == one


def test_voices_are_exported(curator, stranger):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    response = act(curator, "export", voice)
    assert response["Content-Type"] == "application/zip"
    assert zipfile.is_zipfile(io.BytesIO(b"".join(response)))
    assert log() == [("curator", "exported")]


def test_a_button_leads_back_and_nowhere_else(curator):
    voice = VoiceFactory()
    page = f"{LIST_URL}{voice.pk}/change/"
    data = {"action": "retire", "_selected_action": voice.pk}
    assert curator.post(LIST_URL, data | {"next": page}).url == page
    assert curator.post(LIST_URL, data | {"action": "bring_back", "next": "https://evil.example/"}).url == LIST_URL


# --- the page of one


def test_the_page_of_a_voice_has_all_that_there_is_to_know(curator, user, stranger):
    voice = VoiceFactory(owner=user, clip__transcript="Good morning.", clip__grade=4)
    ClipFactory(owner=user, voice=voice)
    Report.objects.create(voice=voice, reporter=stranger, reason="That is my voice.")
    curation.request_sharing(user, voice)
    page = curator.get(f"{LIST_URL}{voice.pk}/change/").text
    for said in (
        "Good morning.",
        "Excellent",
        "That is my voice.",
        "asked to share it",
        voice.consent_wording,
        "Decline",
    ):
        assert said in page
    assert page.count("<audio") == 3


def test_a_voice_is_corrected_but_its_recording_and_consent_are_not(curator, stranger):
    voice = VoiceFactory(owner=stranger, name="Nmae")
    data = {"name": "Name", "description": "", "language": "es", "tags": "warm"}
    others = {"owner": "", "consent_wording": "none", "visibility": "shared", "share_requested_at": "2026-01-01"}
    assert curator.post(f"{LIST_URL}{voice.pk}/change/", data | others).status_code == 302
    changed = VoiceProfile.objects.get()
    assert (changed.name, changed.language, [*map(str, changed.tags.all())]) == ("Name", "es", ["warm"])
    assert (changed.owner, changed.consent_wording, changed.clip) == (stranger, voice.consent_wording, voice.clip)
    assert not changed.is_shared and changed.share_requested_at is None
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor_name) == ("changed", "curator") and "“Nmae” became “Name”" in entry.detail


def test_a_name_that_its_owner_has_already_is_refused_in_words(curator, stranger):
    voice = VoiceFactory(owner=stranger, name="One")
    VoiceFactory(owner=stranger, name="Two")
    VoiceFactory(name="Three")
    data = {"description": "", "language": "es", "tags": ""}
    response = curator.post(f"{LIST_URL}{voice.pk}/change/", data | {"name": "Two"})
    assert response.status_code == 200 and "already have a voice of this name" in response.text
    assert curator.post(f"{LIST_URL}{voice.pk}/change/", data | {"name": "Three"}).status_code == 302


# --- reports, and the log


def test_a_report_is_answered_and_who_sent_it_reads_that(curator, client, stranger):
    voice = VoiceFactory(visibility="shared")
    report = Report.objects.create(voice=voice, reporter=stranger, reason="That is my voice.")
    assert "That is my voice." in curator.get(REPORTS_URL).text
    page = f"{REPORTS_URL}{report.pk}/change/"
    assert curator.post(page, {"answer": ""}).status_code == 200 and not Report.objects.get().closed_at
    assert curator.post(page, {"answer": "We asked: it is not."}).status_code == 302
    assert "That is my voice." not in curator.get(REPORTS_URL).text
    assert "We asked: it is not." in curator.get(f"{REPORTS_URL}?answered=yes").text
    assert curator.post(page, {"answer": "Something else"}).status_code == 403, "it is answered once"
    client.force_login(stranger)
    assert "We asked: it is not." in client.get(reverse("voices:detail", args=[voice.pk])).text


def test_a_report_suspends_the_voice(curator, stranger):
    voice = VoiceFactory(visibility="shared")
    report = Report.objects.create(voice=voice, reporter=stranger, reason="That is my voice.")
    curator.post(f"{REPORTS_URL}{report.pk}/change/", {"answer": "It is taken down.", "suspend": "on"})
    assert again(voice).suspension == "It is taken down."
    assert curator.get(f"{REPORTS_URL}{report.pk}/change/").status_code == 200
    assert curator.post(f"{REPORTS_URL}{report.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_log_is_read_and_never_changed(curator, user):
    voice = VoiceFactory(owner=user, name="Jane")
    curation.request_sharing(user, voice)
    curation.delete(user, voice)
    entry = AuditEntry.objects.first()
    page = curator.get(AUDIT_URL).text
    assert "Jane (deleted)" in page and "asked to share it" in page
    assert (
        "Jane" in curator.get(f"{AUDIT_URL}?act=deleted").text
        and "Jane (" not in curator.get(f"{AUDIT_URL}?act=shared").text
    )
    assert curator.post(f"{AUDIT_URL}{entry.pk}/change/", {"act": "shared"}).status_code == 403
    assert curator.post(f"{AUDIT_URL}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert curator.get(f"{AUDIT_URL}add/").status_code == 403


def test_tags_are_renamed_merged_and_deleted(curator):
    voice = VoiceFactory()
    set_tags(voice, ["warm", "wram", "old"])
    warm, wram, old = (Tag.objects.get(name=name) for name in ("warm", "wram", "old"))
    tags = "/admin/voices/tag/"
    chosen = {"action": "merge", "_selected_action": [warm.pk, wram.pk]}
    assert "Which one stays" in curator.post(tags, chosen).text
    curator.post(tags, chosen | {"words": "1", "keep": warm.pk})
    curator.post(f"{tags}{warm.pk}/change/", {"name": "cosy"})
    curator.post(f"{tags}{old.pk}/delete/", {"post": "yes"})
    assert list(map(str, voice.tags.all())) == ["cosy"]
    assert [did for _, did in log()] == ["tagged"] * 3


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleting_takes_the_files_along_and_leaves_what_was_spoken(how, curator, django_capture_on_commit_callbacks):
    spoken = GenerationFactory(completed=True)
    voice = spoken.voice
    files = [voice.clip.audio, voice.clip.recording.original, voice.clip.recording.audio]
    with django_capture_on_commit_callbacks(execute=True):
        if how == "one":
            curator.post(f"{LIST_URL}{voice.pk}/delete/", {"post": "yes"})
        else:
            curator.post(LIST_URL, {"action": "delete_selected", "_selected_action": [voice.pk], "post": "yes"})
    assert not VoiceProfile.objects.exists() and not Clip.objects.exists()
    assert not any(file.storage.exists(file.name) for file in files)
    assert Generation.objects.get().voice_name == voice.name


def test_there_is_no_adding_without_a_recording(curator):
    assert curator.get(f"{LIST_URL}add/").status_code == 403


def test_people_do_not_get_in(page):
    assert page.get(LIST_URL).status_code in (302, 404)


def test_of_a_person_who_is_deleted_no_file_stays(stranger, settings):
    """Deleting an account deletes its rows at once; their files go with the next sweep after they are a day old."""
    GenerationFactory(owner=stranger, completed=True)
    ClipFactory(owner=stranger)
    kept = VoiceFactory().clip
    stranger.delete()
    sweeper.delete_leftovers(timedelta(0))
    files = {
        path.relative_to(settings.MEDIA_ROOT).as_posix() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()
    }
    assert files == {kept.recording.original.name, kept.recording.audio.name, kept.audio.name}
