"""Export voices as an archive and import them again."""

import hashlib
import io
import json
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from tests import FIXTURES
from tests.factories import GenerationFactory, VoiceFactory
from tests.voices.archives import archive_files, hostile_archives
from voices.archives import exporting, importing
from voices.archives import manifest as manifests
from voices.archives.zipfiles import ArchiveRejected, Zip
from voices.clips.service import attach, cut, store_recording
from voices.models import CONSENT_WORDING, AuditEntry, Clip, Recording, Tag, VoiceImport, VoiceProfile
from voicesite.jobs import attempts
from voicesite.jobs.job import State
from voicesite.limits import quotas
from voicesite.web import admission


def make_voice(owner, name="Jane", fixture="english_austen_1.wav") -> VoiceProfile:
    """Return a voice with all that an archive can hold: two clips, tags, words."""
    clip = store_recording(owner, FIXTURES / fixture, fixture)
    voice = VoiceProfile(owner=owner, name=name, description="Warm,\nslow.", language="en-gb", clip=clip)
    voice.consent(owner)
    voice.save()
    words = [["It", 0.2, 0.4, 0.99], ["is", 0.4, 0.6, 0.31]]
    Clip.objects.filter(pk=clip.pk).update(voice=voice, language="en-gb", transcript="It is", words=words)
    attach(cut(clip.recording, 1.0, 5.0), voice)
    voice.tags.set([Tag.objects.get_or_create(name=tag)[0] for tag in ("story", "warm")])
    return voice


def contents(voice: VoiceProfile) -> dict:
    """Return all of a voice that an archive keeps, in comparable form."""
    voice = VoiceProfile.objects.get(pk=voice.pk)
    clips = voice.clips.select_related("recording").order_by("start", "end")
    fields = ("start", "end", "seconds", "sha256", "language", "transcript", "words")
    return {
        "description": voice.description,
        "language": voice.language,
        "tags": sorted(tag.name for tag in voice.tags.all()),
        "clips": [{name: getattr(clip, name) for name in fields} for clip in clips],
        "audio": [clip.audio.read() for clip in clips],
        "recordings": [(clip.recording.original.read(), clip.recording.audio.read()) for clip in clips],
        "names": [clip.recording.original_name for clip in clips],
        "shown": voice.clip.sha256,
    }


def export(client, *voices) -> bytes:
    response = client.get(reverse("voices:export"), {"voice": [voice.pk for voice in voices]})
    assert response.status_code == 200
    archive = b"".join(response.streaming_content)
    assert len(archive) == int(response["Content-Length"])
    return archive


def send(client, archive: bytes, name="voices.zip"):
    return client.post(reverse("voices:import"), {"archive": SimpleUploadedFile(name, archive, "application/zip")})


def answers(*choices, consent="on") -> dict:
    data = {"consent": consent} if consent else {}
    for number, (act, name) in enumerate(choices):
        data |= {f"{number}-act": act, f"{number}-name": name}
    return data


def bring(client, archive: bytes, *choices) -> VoiceImport:
    """Upload an archive, confirm the choices, and run the job."""
    page = send(client, archive).url
    assert client.post(page, answers(*choices)).status_code == 302
    return work()


def work() -> VoiceImport:
    """Run the import that waits, as a worker does."""
    job = VoiceImport.objects.claimable().get()
    assert job.claim()
    attempts.run(job, importing.take_in)
    job.refresh_from_db()
    return job


def media(settings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.mark.own_process
def test_a_voice_comes_back_as_it_left(page, client, user, stranger):
    voice = make_voice(user)
    before = contents(voice)
    archive = export(page, voice)
    client.force_login(stranger)
    done = bring(client, archive, ("new", "Jane"))
    assert (done.state, done.file.name, done.error, done.stage) == (State.COMPLETED, "", "", "")
    copy = VoiceProfile.objects.get(owner=stranger)
    assert contents(copy) == before
    assert copy.pk != voice.pk and copy.clip.owner == copy.clip.recording.owner == stranger
    assert copy.consent_by == stranger and copy.consent_wording.startswith(CONSENT_WORDING)
    assert "ada confirmed" in copy.consent_wording, "the record of the archive is kept in words"
    assert [clip.speech_seconds > 1 for clip in copy.clips.all()] == [True, True]
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", "actor__username"))
    assert acts == [("exported", "ada"), ("imported", "eve")]
    shown = client.get(reverse("voices:import_detail", args=[done.pk])).text
    assert reverse("voices:detail", args=[copy.pk]) in shown


def test_an_archive_is_counted_until_its_voices_are_which_have_to_fit_too(page, client, user, stranger, settings):
    archive = export(page, make_voice(user))
    client.force_login(stranger)
    settings.STORED_MAX_BYTES = len(archive)
    page = send(client, archive).url
    settings.STORED_MAX_BYTES = 1000
    assert client.post(page, answers(("new", "Jane"))).status_code == 302
    failed = work()
    assert failed.state == State.FAILED and "Nothing was imported" in failed.error
    stored = quotas.stored_bytes(stranger)
    assert stored == failed.bytes == len(archive) and not VoiceProfile.objects.filter(owner=stranger).exists()
    settings.STORED_MAX_BYTES = len(archive)
    assert client.post(page, answers(("new", "Jane"))).status_code == 302
    done = work()
    assert (done.state, done.bytes) == (State.COMPLETED, 0), done.error
    rows = [*Recording.objects.filter(owner=stranger), *Clip.objects.filter(owner=stranger)]
    assert quotas.stored_bytes(stranger) == sum(row.bytes for row in rows) > 0


# ---------------------------------------------------------------------------------------------------------------------
# The format


def read(archive: bytes, **changes) -> dict:
    bounds = replace(importing.bounds(), **changes)
    return manifests.read(Zip(io.BytesIO(archive), bounds.total_bytes), bounds).preview()


def test_any_program_reads_an_archive(page, user):
    voice = make_voice(user)
    with zipfile.ZipFile(io.BytesIO(export(page, voice))) as opened:
        assert opened.testzip() is None
        manifest = json.loads(opened.read("manifest.json"))
        assert "readable without that program" in opened.read("README.txt").decode()
        (voice_entry,) = manifest["voices"]
        files = [clip["audio"] for clip in voice_entry["clips"]]
        files += [recording[kind] for recording in voice_entry["recordings"] for kind in ("original", "audio")]
        assert {file["path"] for file in files} | {"README.txt", "manifest.json"} == set(opened.namelist())
        for file in files:
            content = opened.read(file["path"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    assert (manifest["format"], manifest["version"]) == ("voicesite voices", 1)
    assert voice_entry["consent"] == {"wording": CONSENT_WORDING, "at": voice.consent_at.isoformat(), "by": "ada"}
    assert (voice_entry["name"], voice_entry["tags"]) == ("Jane", ["story", "warm"])
    assert {file["path"].split("/")[0] for file in files} == {"01-jane"}


ONE_OF_EACH = list({hostile.kind: hostile for hostile in hostile_archives.archives()}.values())


@pytest.mark.parametrize("hostile", ONE_OF_EACH, ids=lambda hostile: hostile.kind)
def test_a_hostile_archive_is_refused_for_what_is_wrong_with_it(hostile):
    try:
        assert read(hostile.make())["voices"]
    except ArchiveRejected as rejected:
        assert (not hostile.codes or rejected.code in hostile.codes) and len(rejected.message) > 25
    else:  # what only its sound would tell
        later = {"checksum", "not_audio", "damaged", "contradiction", "no_speech", hostile_archives.HARMLESS}
        assert not hostile.codes or later & hostile.codes


def test_a_member_that_goes_on_where_it_says_it_ends_is_refused():
    with pytest.raises(ArchiveRejected, match="“manifest.json” in this archive is damaged"):
        read(hostile_archives.hidden_bytes())


def test_what_is_larger_than_this_site_allows_is_refused():
    with pytest.raises(ArchiveRejected, match="would have more than"):
        read(archive_files.good(), total_bytes=100_000)
    with pytest.raises(ArchiveRejected, match="more than 0 MB"):
        read(archive_files.good(), file_bytes=1000)


def test_one_voice_of_a_language_that_is_not_known_keeps_no_other_out():
    klingon = archive_files.voice("Worf") | {"language": "tlh"}
    preview = read(archive_files.archive_of(archive_files.manifest(klingon, archive_files.voice())))
    worf, jane = preview["voices"]
    assert "“tlh”, isn’t supported on this site" in worf["problem"] and not jane["problem"]


def test_names_are_made_harmless():
    for name, kept in (("\u202eenaJ\x00", "enaJ"), ("J" * 5000, "J" * 80), ("\n", "A voice without a name")):
        archive = archive_files.changed("voices", 0, "name", to=name)
        assert read(archive)["voices"][0]["name"] == kept
    nameless = archive_files.voice()
    del nameless["name"]
    assert (
        read(archive_files.archive_of(archive_files.manifest(nameless)))["voices"][0]["name"]
        == "A voice without a name"
    )


def test_texts_are_cleaned_and_only_some_keep_their_lines():
    voice = archive_files.voice() | {"description": " Warm,\x00\nslow. ", "tags": ["a\nb", "", 7, "a b"]}
    voice["clips"][0] |= {"transcript": "One\u202e\ntwo", "words": [["He\x00", 0, 1, 7]]}
    voice["consent"]["by"] = "a\nda"
    (preview,) = read(archive_files.archive_of(archive_files.manifest(voice)))["voices"]
    assert (preview["description"], preview["tags"], preview["consent"]["by"]) == ("Warm,\nslow.", ["a b"], "a da")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("name_of_a_newer_version",), 7, ""),
        (("clips", 0, "transcript"), "x" * 2001, "Its “transcript” is longer than 2,000 characters."),
        (("clips", 0, "language"), 7, "Its “language” is not a text."),
        (("clips", 0, "words"), [["a", "0", 1, 1]], "Its “words” is not written as it should be."),
        (("clips", 0, "audio"), None, "One of its clips has no sound."),
        (("tags",), ["x"] * 31, "Its “tags” is not a list of 30 or fewer."),
        (("recordings",), [], "Its “recordings” is empty."),
    ],
)
def test_a_voice_that_is_badly_described_says_where(path, value, words):
    good = archive_files.voice("Joan")
    files = {f"other/{name}": content for name, content in archive_files.content().items()}
    bad = archive_files.voice("Jane", tuple(files))
    place = bad
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    archive = archive_files.archive_of(archive_files.manifest(bad, good), archive_files.content() | files)
    assert [voice["problem"] for voice in read(archive)["voices"]] == [words, ""]


# ---------------------------------------------------------------------------------------------------------------------
# Export


def test_one_exports_what_is_ones_own_and_not_suspended(page, user, stranger, staff, client):
    mine, theirs = VoiceFactory(owner=user, name="Mine"), VoiceFactory(owner=stranger, visibility="shared")
    suspended = VoiceFactory(owner=user, name="Gone", suspended_at=timezone.now())
    address = reverse("voices:export")
    shown = page.get(address).text
    assert "Mine" in shown and theirs.name not in shown and "Left out" in shown
    for voice in (theirs.pk, suspended.pk, uuid.uuid4(), "nonsense"):
        assert page.get(address, {"voice": voice}).status_code == 422
    with zipfile.ZipFile(io.BytesIO(export(page, mine, theirs, suspended))) as opened:
        assert [voice["name"] for voice in json.loads(opened.read("manifest.json"))["voices"]] == ["Mine"]
    client.force_login(staff)
    export(client, theirs, suspended)
    sent = client.post(address, {"voice": [theirs.pk]})
    assert sent.status_code == 200, "in a form, since many do not fit an address"
    sent.close()


def test_an_archive_holds_no_more_than_can_be_taken_in_again(page, user, monkeypatch):
    monkeypatch.setattr(exporting, "MAX_VOICES", 1)
    voices = VoiceFactory.create_batch(2, owner=user)
    response = page.post(reverse("voices:export"), {"voice": [voice.pk for voice in voices]})
    assert response.status_code == 422 and "1 voices at most" in response.text


def test_a_person_gets_four_archives_at_once(page, user):
    voice = VoiceFactory(owner=user)
    address = {"voice": voice.pk}
    open_ones = [page.get(reverse("voices:export"), address) for _ in range(4)]
    refused = page.get(reverse("voices:export"), address)
    assert refused.status_code == 429 and "other archives" in refused.text
    for response in open_ones:
        b"".join(response.streaming_content)
    again = page.get(reverse("voices:export"), address)
    assert again.status_code == 200
    again.close()
    assert not admission._places


def test_a_file_that_is_gone_is_said_before_anything_is_sent(page, user):
    voice = VoiceFactory(owner=user, name="Hollow")
    voice.clip.audio.storage.delete(voice.clip.audio.name)
    response = page.get(reverse("voices:export"), {"voice": voice.pk})
    assert response.status_code == 422 and "A file of Hollow is gone" in response.text


# ---------------------------------------------------------------------------------------------------------------------
# Import


@pytest.mark.own_process
def test_an_archive_that_is_refused_says_why_and_leaves_nothing(page, settings):
    for sent, words in ((b"", "empty"), (b"RIFF", "not a zip"), (archive_files.good()[:-9], "incomplete")):
        response = send(page, sent)
        assert response.status_code == 422 and words in response.text
    settings.IMPORT_MAX_BYTES = 50_000
    assert "the limit is" in send(page, archive_files.good()).text
    assert "Choose an archive first" in page.post(reverse("voices:import")).text
    assert not VoiceImport.objects.exists() and not media(settings)


def test_only_the_page_for_archives_takes_more_than_a_recording_has(page, settings):
    settings.CLIP_MAX_BYTES = 50_000
    assert send(page, archive_files.good()).status_code == 422, "a file of it is larger than a recording may be"
    assert "can be imported. Jane: One of its files has more" in send(page, archive_files.good()).text


def test_an_archive_is_looked_into_before_anything_is_taken_in(page, user):
    VoiceFactory(owner=user, name="Jane")
    shown = page.get(send(page, archive_files.good()).url).text
    for words in (
        "Keep both",
        "Replace Jane",
        "Skip",
        'value="Jane (2)"',
        "I agree.",
        "story",
        "ada, 2026-01-02",
    ):
        assert words in shown
    assert VoiceProfile.objects.count() == 1


@pytest.mark.parametrize(
    ("choices", "consent", "words"),
    [
        ([("new", "Eve")], "", "consent of its speaker"),
        ([("new", "")], "on", "Enter a name"),
        ([("new", "Jane")], "on", "already have a voice of this name"),
        ([("skip", "")], "on", "Every voice is skipped"),
        ([("replace them all", "Eve")], "on", "not one of the available choices"),
        ([], "on", "This field is required"),
    ],
)
def test_an_answer_that_can_not_be_is_said(page, user, choices, consent, words):
    VoiceFactory(owner=user, name="Jane")
    address = send(page, archive_files.good()).url
    response = page.post(address, answers(*choices, consent=consent))
    assert response.status_code == 422 and words in response.text
    assert not VoiceImport.objects.claimable().exists()


def test_both_are_kept_or_one_is_replaced_as_was_said(page, user, django_capture_on_commit_callbacks, settings):
    old = VoiceFactory(owner=user, name="Jane", visibility="shared", suspended_at=timezone.now())
    spoken = GenerationFactory(owner=user, voice=old, completed=True)
    before = media(settings)
    bring(page, archive_files.good(), ("new", "Jane the other"))
    assert VoiceProfile.objects.filter(owner=user).count() == 2 and before <= media(settings)
    with django_capture_on_commit_callbacks(execute=True):
        done = bring(page, archive_files.good(), ("replace", "ignored"))
    assert done.state == State.COMPLETED
    old.refresh_from_db()
    assert (old.language, old.clip.transcript) == ("en-gb", "He was not an ill disposed young man.")
    assert old.suspended_at and old.visibility == "shared", "who may use it was not the archive's to say"
    assert not {name for name in before if name.startswith("clips")} & media(settings)
    spoken.refresh_from_db()
    assert spoken.voice == old


def test_a_voice_of_voicebox_comes_in_with_the_words_of_its_samples(page, user):
    address = send(page, archive_files.voicebox(), "jane.voicebox.zip").url
    assert "exported from voicebox" in page.get(address).text
    done = bring(page, archive_files.voicebox(), ("new", "Jane"))
    assert done.state == State.COMPLETED, done.error
    clip = VoiceProfile.objects.get(owner=user).clip
    assert (clip.transcript, clip.language) == ("He was not an ill disposed young man.", "en-us")
    assert clip.recording.original.read() == (FIXTURES / "english_austen_short.wav").read_bytes()
    assert "without a record" in clip.voice.consent_wording


def test_a_recording_of_a_telephone_comes_in(page, user):
    """AMR begins with the two characters that programs begin with."""
    done = bring(page, archive_files.swapped(0, b"#!AMR\n" + bytes(100)), ("new", "Jane"))
    assert done.state == State.COMPLETED, done.error
    done = bring(page, archive_files.swapped(0, b"#!/bin/sh\n" + bytes(100)), ("new", "Joan"))
    assert done.state == State.FAILED and "not an audio file" in done.error


@pytest.mark.parametrize("end", ["damaged", "cancelled", "taken", "killed"])
def test_an_import_that_ends_early_leaves_nothing_half_and_can_be_tried_again(page, user, settings, end, monkeypatch):
    if end == "damaged":
        archive = archive_files.changed("voices", 0, "clips", 0, "audio", "sha256", to="0" * 64)
    else:
        archive = archive_files.good()
    address = send(page, archive).url
    page.post(address, answers(("new", "Jane")))
    before = media(settings)
    add = importing._Attempt.add

    def interrupt(attempt, unpacked):
        add(attempt, unpacked)
        if unpacked.kind == "clip":
            match end:
                case "cancelled":
                    page.post(f"{address}cancel")
                case "taken":
                    VoiceFactory(owner=user, name="Jane")
                case "killed":
                    monkeypatch.setattr(importing._Attempt, "undo", lambda attempt: None)
                    raise attempts.ShuttingDown

    monkeypatch.setattr(importing._Attempt, "add", interrupt)
    job = work()
    expected = {"damaged": "failed", "cancelled": "cancelled", "taken": "failed", "killed": "pending"}
    assert job.state == expected[end]
    assert not Clip.objects.exclude(voice__name="Jane").exists()
    assert not Recording.objects.exclude(clips__voice__name="Jane").exists()
    if end == "killed":
        assert len(media(settings) - before) == 3, "what no row names is swept away later"
        monkeypatch.setattr(importing._Attempt, "add", add)
        assert work().state == State.COMPLETED and VoiceProfile.objects.get(owner=user).name == "Jane"
        return
    if end == "damaged":
        assert media(settings) == before
        assert "its checksum is another" in page.get(address).text
    if end == "taken":
        assert "now have another voice called Jane" in page.get(address).text
        monkeypatch.setattr(importing._Attempt, "add", add)
        assert page.post(address, answers(("new", "Jane the other"))).status_code == 302
        assert work().state == State.COMPLETED


def test_the_page_moves_and_then_shows_what_came(page, user):
    address = send(page, archive_files.good()).url
    assert page.get(f"{address}progress")["HX-Refresh"] == "true", "nothing moves before it is answered"
    page.post(address, answers(("new", "Jane")))
    assert "Waiting" in page.get(f"{address}progress").text and 'hx-trigger="every 1s"' in page.get(address).text
    assert page.post(address, answers(("new", "Twice"))).status_code == 302
    work()
    assert page.get(f"{address}progress")["HX-Refresh"] == "true"
    assert "1 voice imported" in page.get(address).text
    VoiceProfile.objects.all().delete()
    assert "have been deleted" in page.get(address).text


def test_a_strangers_import_is_not_there(page, client, user, stranger):
    address = send(page, archive_files.good()).url
    client.force_login(stranger)
    assert client.get(address).status_code == client.get(f"{address}progress").status_code == 404
    for act in ("", "cancel", "discard"):
        assert client.post(f"{address}{act}", answers(("new", "Jane"))).status_code == 404
    assert "voices.zip" not in client.get(reverse("voices:import")).text
    client.logout()
    for page_ in (address, reverse("voices:import"), reverse("voices:export")):
        assert client.get(page_).url.startswith("/account/login/")


def test_archives_that_nobody_answers_go(page, user, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        addresses = [send(page, archive_files.good()).url for _ in range(4)]
    assert VoiceImport.objects.count() == len(media(settings)) == 3, "of more than three the oldest"
    with django_capture_on_commit_callbacks(execute=True):
        page.post(f"{addresses[-1]}discard")
        page.post(addresses[-2], answers(("new", "Jane")))
        importing.discard_old(timezone.now() + timedelta(seconds=1))
    assert [job.choices[0]["name"] for job in VoiceImport.objects.all()] == ["Jane"], "what is under way stays"
    assert len(media(settings)) == 1


def test_the_pages_cost_as_many_queries_for_many_voices(page, user, count_queries):
    many = archive_files.archive_of(archive_files.manifest(*(archive_files.voice(f"Voice {n}") for n in range(1))))
    few = count_queries(page, send(page, many).url)
    VoiceFactory.create_batch(5, owner=user)
    assert count_queries(page, send(page, many).url) == few <= 6
    assert count_queries(page, reverse("voices:export")) <= 5


def test_commands_write_and_take_in_archives(user, stranger, tmp_path, capsys):
    VoiceFactory(owner=stranger, name="Jane")
    came, again = tmp_path / "came.zip", tmp_path / "again.zip"
    came.write_bytes(archive_files.good())
    call_command("import_voices", str(came), user="ada")
    call_command("import_voices", str(came), user="ada")
    call_command("import_voices", str(came), user="ada", replace=True)
    assert list(user.voices.order_by("name").values_list("name", flat=True)) == ["Jane", "Jane (2)"]
    call_command("export_voices", str(again), "Jane", user="ada")
    assert [voice["name"] for voice in read(again.read_bytes())["voices"]] == ["Jane"]
    for words, command in {
        "nobody called bob": ("import_voices", str(came), "--user", "bob"),
        "not a zip archive": ("import_voices", __file__, "--user", "ada"),
        "no voice called Tom": ("export_voices", str(tmp_path / "a.zip"), "Tom", "--user", "ada"),
        "is there already": ("export_voices", str(again), "--user", "ada"),
    }.items():
        with pytest.raises(CommandError, match=words):
            call_command(*command)
