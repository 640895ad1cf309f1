"""Audio responses as browsers request them, from two views."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from tests.factories import ClipFactory, GenerationFactory, VoiceFactory
from voicesite.web.media import file_name

CONTENT = bytes(range(256)) * 40
CONTENT_BYTES = len(CONTENT)


@pytest.fixture
def clip(user):
    return ClipFactory(
        owner=user, audio=ContentFile(CONTENT, "reference.wav"), recording__original_name="Мой голос.webm"
    )


@pytest.fixture
def get(page, clip):
    address = reverse("voices:clip_audio", args=[clip.pk])
    return lambda query="", method="get", **headers: getattr(page, method)(address + query, headers=headers)


def body(response) -> bytes:
    return response.getvalue()


def test_the_whole(get, clip):
    response = get()
    assert response.status_code == 200 and body(response) == CONTENT
    assert response["Content-Length"] == str(CONTENT_BYTES)
    assert response["Content-Type"] == "audio/wav"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{clip.sha256}"'
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" in response["Vary"]  # not for who signs in next


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-1", 0, 2),  # what Safari asks first
        ("bytes=0-", 0, CONTENT_BYTES),
        ("bytes=100-199", 100, 200),
        ("BYTES=100-199", 100, 200),
        (f"bytes={CONTENT_BYTES - 1}-", CONTENT_BYTES - 1, CONTENT_BYTES),
        ("bytes=9000-99999999", 9000, CONTENT_BYTES),
        ("bytes=-10", CONTENT_BYTES - 10, CONTENT_BYTES),
        (f"bytes=-{CONTENT_BYTES * 2}", 0, CONTENT_BYTES),
    ],
)
def test_a_range(get, asked, start, end):
    response = get(range=asked)
    assert response.status_code == 206
    assert body(response) == CONTENT[start:end]
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/{CONTENT_BYTES}"
    assert response["Content-Length"] == str(end - start)
    assert response["ETag"]


@pytest.mark.parametrize(
    "asked", [f"bytes={CONTENT_BYTES}-", f"bytes={CONTENT_BYTES + 5}-{CONTENT_BYTES + 9}", "bytes=-0"]
)
def test_a_range_that_is_not_there(get, asked):
    response = get(range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{CONTENT_BYTES}"
    assert not response.content


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=9-5",
        "bytes=-",
        "bytes=a-b",
        "bytes",
        "items=0-1",
        "bytes=1-2 ",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_several_ranges_and_what_is_none_get_the_whole(get, asked):
    response = get(range=asked)
    assert response.status_code == 200 and body(response) == CONTENT


def test_a_range_of_what_was_replaced_is_not_mixed_with_what_is(get, clip):
    assert get(range="bytes=5-9", if_range=f'"{clip.sha256}"').status_code == 206
    for other in ('"another"', "Tue, 24 Nov 2026 20:00:00 GMT", f'W/"{clip.sha256}"'):
        response = get(range="bytes=5-9", if_range=other)
        assert response.status_code == 200 and body(response) == CONTENT


def test_what_the_browser_has_is_not_sent_again(get, clip):
    for known in (f'"{clip.sha256}"', f'"x", W/"{clip.sha256}"', "*"):
        response = get(if_none_match=known)
        assert response.status_code == 304 and not response.content
        assert response["ETag"] == f'"{clip.sha256}"'
    assert get(if_none_match='"another"').status_code == 200
    assert get(if_match='"another"').status_code == 412


def test_head_says_all_but_the_sound(get):
    response = get(method="head")
    assert response.status_code == 200 and response["Content-Length"] == str(CONTENT_BYTES)
    assert b"".join(response.streaming_content) == b""
    assert get(method="head", range="bytes=0-1").status_code == 200  # a range is for GET only
    assert get(method="post").status_code == 405


def test_it_is_played_or_saved_under_a_readable_name(get):
    assert get()["Content-Disposition"].startswith("inline")
    saved = get("?download")["Content-Disposition"]
    assert saved == "attachment; filename*=utf-8''%D0%BC%D0%BE%D0%B9-%D0%B3%D0%BE%D0%BB%D0%BE%D1%81.wav"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["Anna", "Good morning!"], "anna-good-morning.wav"),
        (["नमस्ते"], "नमस्ते.wav"),
        (["../../etc/passwd"], "etc-passwd.wav"),
        (['a"b\r\nSet-Cookie: x', ""], "a-b-set-cookie-x.wav"),
        (["abc\u202egnp.exe"], "abc-gnp-exe.wav"),
        (["", "  ", "…"], "voicesite.wav"),
        (["🙂"], "voicesite.wav"),
    ],
)
def test_names(words, name):
    assert file_name(*words, extension="wav") == name


def test_a_long_name_fits_on_a_disk():
    name = file_name("ध" * 500, "न" * 500, extension="wav")
    assert len(name.encode()) <= 200 and name.endswith(".wav")


def test_a_file_that_is_gone_is_not_found(get, clip):
    clip.audio.storage.delete(clip.audio.name)
    assert get().status_code == 404


def test_a_replaced_clip_has_another_address_and_tag(page, user):
    first, second = ClipFactory(owner=user), ClipFactory(owner=user)
    answers = [page.get(reverse("voices:clip_audio", args=[clip.pk])) for clip in (first, second)]
    assert answers[0]["ETag"] != answers[1]["ETag"]


@pytest.fixture
def sounds(stranger):
    """A stranger's private audio: a voice's recording, a draft and a generation."""
    generation = GenerationFactory(owner=stranger, completed=True)
    return [
        reverse("voices:clip_audio", args=[generation.voice.clip_id]),
        reverse("voices:clip_audio", args=[ClipFactory(owner=stranger).pk]),
        reverse("synthesis:audio", args=[generation.pk]),
    ]


def test_what_is_a_strangers_is_not_there(page, sounds):
    assert [page.get(address).status_code for address in sounds] == [404, 404, 404]


def test_visitors_sign_in(client, sounds):
    for address in sounds:
        assert client.get(address).url.startswith("/account/login/")


def test_staff_who_see_all_hear_no_drafts(client, sounds, staff, sees_all):
    client.force_login(staff)
    assert [client.get(address).status_code for address in sounds] == [200, 404, 200]


def test_everyone_hears_a_shared_voice(page, stranger):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    assert page.get(reverse("voices:clip_audio", args=[voice.clip_id])).status_code == 200


def test_what_was_spoken_has_ranges_too(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    address = reverse("synthesis:audio", args=[generation.pk])
    assert page.get(address, headers={"range": "bytes=0-3"}).getvalue() == b"RIFF"
    assert page.head(address).status_code == 200
    assert "attachment" in page.get(address + "?download")["Content-Disposition"]
