"""The forms of voices under concurrent requests, hostile file names and floods of uploads."""

import gc
import io
import tempfile
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import ClipFactory, UserFactory, VoiceFactory
from tests.voices.hostile import recording
from voices.analysis.reference_audio import AudioRejected
from voices.clips import service as clips
from voices.clips.forms import AnotherClipForm
from voices.intake import process as intake
from voices.models import CONSENT_WORDING, Clip, VoiceProfile
from voices.profiles.forms import DetailsForm, VoiceForm
from voicesite.web import admission

pytestmark = pytest.mark.backends


def upload(name="speech.wav", content=None):
    return SimpleUploadedFile(name, recording("wav") if content is None else content)


def answers(**changes):
    return {"name": "Jane", "language": "en-gb", "description": "", "transcript": "", "consent": "on"} | changes


@pytest.fixture
def taken_in(monkeypatch):
    """Fake the decoding of uploads."""
    measured = intake.Measured(7.0, 6.5, 30.0, 0.0, -23.0, [1, 100], [["good", "Clear."]])
    received = intake.Received(b"fLaC", 7.2, [1, 100], intake.ReferenceAudio(b"RIFF", measured, 0.0, 7.2))
    monkeypatch.setattr(intake, "take_in", lambda path, limits: received)


# --- two requests at once


def test_of_two_voices_of_one_name_one_is_made_and_the_other_told(user):
    drafts = ClipFactory.create_batch(2, owner=user)
    first, second = (VoiceForm(answers(clip=draft.pk), user=user) for draft in drafts)
    assert first.is_valid() and second.is_valid()  # both looked before either wrote
    assert first.save() and second.save() is None
    assert "already have a voice of this name" in str(second.errors["name"])
    assert VoiceProfile.objects.get().clip == drafts[0]
    assert Clip.objects.drafts().get() == drafts[1]  # not lost: it goes with another name


def test_the_page_tells_it_too(page, user, monkeypatch):
    draft = ClipFactory(owner=user)
    VoiceFactory(owner=user, name="Jane")
    monkeypatch.setattr(VoiceForm, "clean_name", lambda form: form.cleaned_data["name"])  # it looked too early
    response = page.post("/voices/new/", answers(clip=draft.pk))
    assert response.status_code == 422 and "already have a voice of this name" in response.text
    assert f'value="{draft.pk}"' in response.text


def test_of_two_voices_of_one_recording_one_is_made_and_the_other_told(user):
    draft = ClipFactory(owner=user)
    first, second = (VoiceForm(answers(name=name, clip=draft.pk), user=user) for name in ("One", "Two"))
    assert first.is_valid() and second.is_valid()
    assert first.save() and second.save() is None
    assert "was deleted" in str(second.errors["clip"])


def test_of_two_replacements_the_last_stays_and_no_file_is_left_over(user, django_capture_on_commit_callbacks):
    voice = VoiceFactory(owner=user)
    drafts = ClipFactory.create_batch(2, owner=user)
    with django_capture_on_commit_callbacks(execute=True):
        clips.replace(voice.clip, drafts[0])
        clips.replace(drafts[0], drafts[1])
    assert Clip.objects.get() == drafts[1] == VoiceProfile.objects.get().clip
    for gone in (voice.clip, drafts[0]):
        assert not gone.audio.storage.exists(gone.audio.name)


def test_of_two_replacements_of_one_clip_the_second_is_told(user):
    voice = VoiceFactory(owner=user)
    drafts = ClipFactory.create_batch(2, owner=user)
    clips.replace(voice.clip, drafts[0])
    with pytest.raises(clips.Gone):
        clips.replace(voice.clip, drafts[1])
    assert VoiceProfile.objects.get().clip == drafts[0]
    assert Clip.objects.drafts().get() == drafts[1]


def test_of_two_voices_that_want_one_recording_one_has_it(user):
    draft = ClipFactory(owner=user)
    forms = [AnotherClipForm(answers(clip=draft.pk), voice=VoiceFactory(owner=user)) for _ in range(2)]
    assert all(form.is_valid() for form in forms)
    assert forms[0].save() and forms[1].save() is None
    assert "was deleted" in str(forms[1].errors["clip"])
    assert Clip.objects.get(pk=draft.pk).voice == forms[0].voice


def test_a_clip_is_not_given_to_a_voice_that_was_deleted(page, user, monkeypatch):
    voice, draft = VoiceFactory(owner=user), ClipFactory(owner=user)
    valid = AnotherClipForm.is_valid

    def is_valid(form):
        answer = valid(form)
        clips.delete_voice(VoiceProfile.objects.get(pk=voice.pk))
        return answer

    monkeypatch.setattr(AnotherClipForm, "is_valid", is_valid)
    address = reverse("voices:add_clip", args=[voice.pk])
    assert page.post(address, answers(clip=draft.pk)).status_code == 404
    assert Clip.objects.get() == draft and draft.voice is None


def test_an_edit_does_not_bring_back_what_was_deleted(page, user, monkeypatch):
    voice = VoiceFactory(owner=user)
    valid = DetailsForm.is_valid

    def is_valid(form):
        answer = valid(form)
        clips.delete_voice(VoiceProfile.objects.get(pk=voice.pk))
        return answer

    monkeypatch.setattr(DetailsForm, "is_valid", is_valid)
    assert page.post(reverse("voices:edit", args=[voice.pk]), answers()).status_code == 404
    assert not VoiceProfile.objects.exists()


def test_an_edit_does_not_undo_what_a_curator_did_meanwhile(user):
    edit = DetailsForm(answers(), instance=VoiceFactory(owner=user))
    assert edit.is_valid()
    VoiceProfile.objects.update(visibility="shared")
    assert edit.save()
    assert VoiceProfile.objects.get().is_shared


# --- consent


def test_another_recording_wants_consent_anew(user):
    voice = VoiceFactory(owner=user, consent_wording="As it was asked.")
    before = voice.consent_at
    draft = ClipFactory(owner=user)
    without = AnotherClipForm(answers(consent="", clip=draft.pk), voice=voice)
    assert not without.is_valid() and "consent of its speaker" in str(without.errors["consent"])
    another = AnotherClipForm(answers(clip=draft.pk), voice=voice)
    assert another.is_valid() and another.save()
    after = VoiceProfile.objects.get()
    assert (after.consent_wording, after.consent_by) == (CONSENT_WORDING, user)
    assert after.consent_at > before and set(after.clips.all()) == {voice.clip, draft}


# --- floods


def test_of_the_drafts_of_a_person_the_newest_ten_are_kept_and_the_person_is_told(
    user, stranger, taken_in, page, django_capture_on_commit_callbacks
):
    other = ClipFactory(owner=stranger)
    used = VoiceFactory(owner=user).clip
    oldest = ClipFactory(owner=user, recording__original_name="first take.wav")
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(clips.MAX_DRAFTS - 1):
            assert "deleted" not in page.post("/voices/clips/", {"recording": upload()}).text
        assert "the oldest was deleted: “first take.wav”" in page.post("/voices/clips/", {"recording": upload()}).text
    assert Clip.objects.drafts().filter(owner=user).count() == clips.MAX_DRAFTS
    assert not Clip.objects.filter(pk=oldest.pk).exists()
    assert not oldest.audio.storage.exists(oldest.audio.name)
    assert Clip.objects.filter(pk__in=[other.pk, used.pk]).count() == 2


@pytest.fixture
def slow(monkeypatch):
    """Fake decoders that run until the event `let_go`; return it, with how many run `now`, and the `most` at once."""
    let_go, state = threading.Event(), {"now": 0, "most": 0}
    lock = threading.Lock()

    def take_in(path, limits):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        let_go.wait(10)
        with lock:
            state["now"] -= 1
        raise AudioRejected("no_speech", "None.")

    monkeypatch.setattr(intake, "take_in", take_in)
    monkeypatch.setattr(clips.uploads, "patience", 0.3)
    state["let_go"] = let_go
    return state


def flood(owners, tmp_path) -> tuple[list[threading.Thread], list[str]]:
    """Upload for each of `owners` at once; return the threads, and the list that collects the codes of rejections."""
    path, codes = tmp_path / "upload", []
    path.write_bytes(b"RIFF")

    def send(owner):
        try:
            clips.store_recording(owner, path, "speech.wav")
        except AudioRejected as rejected:
            codes.append(rejected.code)

    threads = [threading.Thread(target=send, args=[owner]) for owner in owners]
    for thread in threads:
        thread.start()
    return threads, codes


def test_a_flood_of_one_person_leaves_a_decoder_to_the_others(slow, tmp_path):
    greedy, modest = UserFactory.build(pk=1), UserFactory.build(pk=2)
    threads, codes = flood([greedy] * 10, tmp_path)
    for thread in threads[2:]:
        thread.join(0.1)
    late, other = flood([modest], tmp_path)
    late[0].join(0.5)
    assert other == []  # it is being decoded
    slow["let_go"].set()
    for thread in threads + late:
        thread.join()
    assert other == ["no_speech"]
    assert sorted(codes) == ["busy"] * 9 + ["no_speech"]
    assert slow["most"] == 2


def test_a_flood_of_many_people_leaves_threads_to_the_pages(slow, tmp_path, settings):
    settings.WEB_THREADS = 16
    threads, codes = flood([UserFactory.build(pk=pk) for pk in range(16)], tmp_path)
    for thread in threads:
        thread.join(0.05)
    assert sum(thread.is_alive() for thread in threads) <= 5
    slow["let_go"].set()
    for thread in threads:
        thread.join()
    assert codes.count("busy") >= 11 and slow["most"] == 2
    assert not admission._held


def test_who_has_to_wait_too_long_is_asked_to_come_again(page, monkeypatch):
    monkeypatch.setattr(clips.uploads, "per_person", 0)
    for address in ("/voices/clips/", "/voices/new/"):
        response = page.post(address, answers() | {"recording": upload()})
        assert response.status_code == 429
        assert "again in a few seconds" in response.text
    assert 'value="Jane"' in response.text


# --- requests


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.wav", "passwd.wav"),
        ("C:\\Users\\me\\voice.wav", "voice.wav"),
        ("no\0thing.wav", "nothing.wav"),
        ("two\nlines.wav", "twolines.wav"),
        ("abc\u202egpj.wav", "abcgpj.wav"),
        ("x" * 800 + ".wav", "x" * 251 + ".wav"),
        ("<script>.wav", "<script>.wav"),
        ("no extension", "no extension"),
    ],
)
def test_names_are_harmless(page, taken_in, name, kept):
    response = page.post("/voices/clips/", {"recording": Named(name)})
    clip = Clip.objects.get()
    assert clip.recording.original_name == kept
    assert clip.recording.original.name.startswith(f"recordings/{clip.recording_id}/original")
    assert "<script>.wav" not in response.text


def test_a_name_of_pages_is_refused(page):
    assert page.post("/voices/clips/", {"recording": Named("x" * 5000)}).status_code == 400


class Named(io.BytesIO):
    """An upload whose file name the client does not clean."""

    def __init__(self, name):
        super().__init__(b"RIFF")
        self.name = name


def test_a_name_that_no_text_can_hold(user, taken_in, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"RIFF")
    assert clips.store_recording(user, path, "caf\udce9\0\n.wav").recording.original_name == "caf.wav"


def test_of_many_files_the_first_is_taken(page, taken_in, settings):
    settings.CLIP_MAX_BYTES = 1000
    many = [upload(f"{number}.wav", b"RIFF" * 200) for number in range(50)]
    assert page.post("/voices/clips/", {"recording": many}).status_code == 200
    assert Clip.objects.get().recording.original_name == "0.wav"
    assert page.post("/voices/clips/", {f"file{n}": upload() for n in range(500)}).status_code == 400


def test_a_field_of_megabytes_is_refused(page, taken_in, settings):
    description = "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    response = page.post("/voices/new/", answers(description=description, recording=upload()))
    assert response.status_code == 413
    assert "A text can have up to 200,000 characters, and a form up to 5.6" in response.content.decode()


class Broken(io.BytesIO):
    """A request whose connection breaks in the middle."""

    def read(self, size=-1):
        part = super().read(min(size, 65_536) if size > 0 else 65_536)
        if not part:
            raise OSError("the connection is gone")
        return part


def test_who_leaves_in_the_middle_leaves_no_file(user, rf, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    head = b'--x\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
    body = head + bytes(2_000_000)
    request = rf.generic("POST", "/voices/clips/", b"x", content_type="multipart/form-data; boundary=x")
    request._stream = Broken(body)
    request._read_started = False
    request.META["CONTENT_LENGTH"] = str(len(body) * 2)
    with pytest.raises(OSError) as left:
        request.FILES  # noqa: B018
    assert len(list(tmp_path.iterdir())) == 1  # it is deleted with the request
    del left, request
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_database_leaves_no_file(user, taken_in, tmp_path, settings, monkeypatch):
    path = tmp_path / "upload"
    path.write_bytes(b"RIFF")

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Clip, "save", fail)
    with pytest.raises(RuntimeError):
        clips.store_recording(user, path, "speech.wav")
    assert not [found for found in settings.MEDIA_ROOT.rglob("*") if found.is_file()]
