"""Whether a file was made here: speech as it leaves the site, the page that is asked about it, and the API."""

import io

import av
import pytest
import soundfile
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from synthesis.delivery import renditions
from synthesis.delivery.encoding import STREAMED_FORMATS
from synthesis.delivery.live_audio import encoded
from synthesis.models import Generation
from synthesis.workers import tasks
from tests.factories import GenerationFactory, UserFactory, wav
from voices import origins
from voicesite.models import MadeSound, SigningCertificate
from voicesite.provenance import made

pytestmark = pytest.mark.django_db
API, PAGE = "/api/provenance", "/provenance/"


@pytest.fixture
def speech(user):
    generation = GenerationFactory(owner=user, text="Good morning. The ferry leaves at noon.", title="A secret title")
    tasks.run_next()
    generation.refresh_from_db()
    assert generation.is_heard
    return generation


def bytes_of(speech: Generation, form: str) -> bytes:
    file = speech.audio if form == "wav" else renditions.ready(speech.owner, speech, form).file
    with file.open() as opened:
        return opened.read()


def ask(client, data: bytes, status: int = 200) -> dict:
    response = client.post(API, {"audio": SimpleUploadedFile("somebody’s.wav", data)})
    assert response.status_code == status, response.content
    return response.json()


def without_tags(data: bytes, kind: str) -> bytes:
    """Copy its sound into a file without tags and manifest, as programs do that strip them."""
    target = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(target, "w", format=kind) as copy:
        stream = source.streams.audio[0]
        to = copy.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = to
                copy.mux(packet)
    return target.getvalue()


@pytest.mark.parametrize("form", ["wav", "mp3", "m4a", renditions.LISTENERS])
def test_a_file_from_here_says_so_itself(page, speech, form):
    data = bytes_of(speech, form)
    MadeSound.objects.all().delete()  # so that only the manifest can say it
    told = ask(page, data)
    assert (told["from_here"], told["shown_by"], told["model"]) == (True, "manifest", speech.model)
    assert told["made_at"][:10] == speech.finished_at.date().isoformat()


@pytest.mark.parametrize("form", ["wav", "mp3", "m4a", "flac", "opus", "aac"])
def test_a_file_without_its_tags_is_known_by_its_sound(page, speech, form):
    kind = {"m4a": "ipod", "opus": "ogg", "aac": "adts"}.get(form, form)
    data = without_tags(bytes_of(speech, form), kind)
    assert b"c2pa" not in data
    told = ask(page, data)
    assert (told["from_here"], told["shown_by"], told["model"]) == (True, "sound", speech.model)
    assert told["generation_id"] == str(speech.pk)


@pytest.mark.parametrize("form", sorted(set(STREAMED_FORMATS) - {"pcm"}))
def test_a_stream_is_known_by_its_sound(user, page, speech, form):
    """It has no room for a manifest."""
    MadeSound.objects.all().delete()

    async def read() -> bytes:
        return b"".join([part async for part in encoded(speech, form, speech.submit)])

    data = async_to_sync(read)()
    assert ask(page, data)["shown_by"] == "sound"


def test_wav_as_flac_is_the_same_sound(page, speech):
    samples, rate = soundfile.read(io.BytesIO(bytes_of(speech, "wav")), dtype="int16")
    flac = io.BytesIO()
    soundfile.write(flac, samples, rate, format="FLAC")
    assert ask(page, flac.getvalue())["shown_by"] == "sound"


def test_a_manifest_on_another_sound_is_not_believed(page, speech):
    data = bytearray(bytes_of(speech, "wav"))
    data[2_000:2_400] = bytes(400)
    told = ask(page, bytes(data))
    assert not told["from_here"] and told["manifest_is_changed"] and "does not fit" in told["message"]


@pytest.mark.parametrize("data", [wav(), wav(form="FLAC")])
def test_what_is_from_elsewhere_is_not_known(page, data):
    told = ask(page, data)
    assert not told["from_here"] and told["shown_by"] is None and "proves nothing" in told["message"]


def test_nobody_learns_whose_it_is(page, speech):
    data = without_tags(bytes_of(speech, "wav"), "wav")
    stranger = UserFactory()
    Generation.objects.filter(pk=speech.pk).update(owner=stranger)
    MadeSound.objects.update(owner=stranger)
    told = ask(page, data)
    assert told["from_here"] and told["generation_id"] is None
    assert stranger.username not in str(told) and "secret" not in str(told) and speech.voice_name not in str(told)


def test_a_manifest_names_nobody(user):
    """What the manifest holds beside hashes and certificates; the tags of the file are another thing."""
    user.username = user.first_name = "persephone"  # nothing that hashes and keys spell by chance, as they do “ada”
    user.save()
    names = {"voice_name": "Theodora", "title": "A secret title", "text": "Good morning. The ferry leaves."}
    generation = GenerationFactory(owner=user, **names)
    tasks.run_next()
    generation.refresh_from_db()
    data = bytes_of(generation, "wav")
    manifest = data[data.rindex(b"C2PA") :]
    assert b"trainedAlgorithmicMedia" in manifest and generation.model.encode() in manifest
    for word in ("persephone", "theodora", "secret title", "ferry leaves"):
        assert word.encode() not in manifest.lower()


def test_listeners_are_not_told_of_the_machine(speech, settings):
    settings.SITE_NAME, settings.PUBLIC_NAME = "machine-in-the-cellar", "Voicesite"
    assert b"machine-in-the-cellar" not in bytes_of(speech, renditions.LISTENERS)
    assert b"machine-in-the-cellar" in bytes_of(speech, "mp3")


def test_it_is_known_after_its_speech_and_its_owner_have_gone(page, user, speech):
    data = without_tags(bytes_of(speech, "wav"), "wav")
    MadeSound.objects.update(owner=None)
    speech.delete()
    told = ask(page, data)
    assert told["from_here"] and told["generation_id"] is None


def test_speech_is_made_also_where_it_can_not_be_signed(user, settings, tmp_path, caplog):
    settings.C2PA_CERT, settings.C2PA_KEY = str(tmp_path / "none.pem"), str(tmp_path / "none.pem")
    generation = GenerationFactory(owner=user)
    tasks.run_next()
    generation.refresh_from_db()
    assert generation.is_heard and b"C2PA" not in bytes_of(generation, "wav")
    assert "could not be signed" in caplog.text and generation.text not in caplog.text


def test_the_row_says_how_many_bytes_the_signed_file_has(speech):
    assert speech.bytes == speech.audio.size
    made_file = renditions.ready(speech.owner, speech, "mp3")
    assert made_file.bytes == made_file.file.size


def test_files_of_a_former_certificate_stay_known(page, speech, settings, tmp_path):
    data = bytes_of(speech, "mp3")
    settings.C2PA_FILE = tmp_path / "another.pem"
    later = made.signature()
    assert later.chain != SigningCertificate.objects.get().chain
    MadeSound.objects.all().delete()
    assert ask(page, data)["shown_by"] == "manifest"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [(b"", 422, "empty"), (b"%PDF-1.4" + bytes(600), 422, "not_audio"), (b"MZ" + bytes(600), 422, "not_audio")],
)
def test_what_is_no_sound_is_refused_in_words(page, data, status, code):
    assert ask(page, data, status)["error"]["code"] == code


def test_what_can_not_be_read_has_no_answer_but_no_error(page):
    noise = bytes(range(256)) * 40
    assert not ask(page, noise)["from_here"]
    shown = page.post(PAGE, {"audio": SimpleUploadedFile("what.txt", noise)}).text
    assert "No sound could be read in this file" in shown and "That proves nothing" not in shown


def test_a_file_that_is_too_large_is_refused(page, settings):
    settings.CLIP_MAX_BYTES = 1000
    assert ask(page, wav(), 413)["error"]["code"] == "too_large"


def test_one_may_not_ask_without_end(page, monkeypatch):
    monkeypatch.setattr(origins, "MOST_A_MINUTE", 1)
    ask(page, wav())
    told = ask(page, wav(), 429)
    assert told["error"]["code"] == "rate_limited" and "Try again in" in told["error"]["message"]


def test_only_people_of_the_site_ask(client):
    assert client.post(API, {"audio": SimpleUploadedFile("a.wav", wav())}).status_code in (401, 403)
    assert client.get(PAGE).status_code == 302


def test_the_page_answers(page, speech):
    def answer(data):
        return page.post(PAGE, {"audio": SimpleUploadedFile("what.wav", data)}).text

    assert "Was it made here?" in page.get(PAGE).text
    shown = answer(bytes_of(speech, "wav"))
    assert "Made here" in shown and speech.model in shown and reverse("synthesis:detail", args=[speech.pk]) in shown
    assert "Not known here" in answer(wav())


def test_the_page_refuses_in_words(page):
    response = page.post(PAGE, {"audio": SimpleUploadedFile("what.wav", b"%PDF-1.4" + bytes(600))})
    assert response.status_code == 422 and "a document (PDF)" in response.text
    response = page.post(PAGE, {})
    assert response.status_code == 422 and "Choose a file first." in response.text
    assert page.put(PAGE).status_code == 405
