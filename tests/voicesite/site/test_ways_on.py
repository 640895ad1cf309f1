"""Where something went wrong within a page, it says so in words, and has one thing to press."""

import re

import pytest
from django.urls import reverse

from synthesis.models import Rendition
from tests.factories import ClipFactory, FittingFactory, GenerationFactory, PronunciationFactory
from voices.models import ExcerptSearch, Transcription, VoiceImport
from voicesite.jobs.job import State
from voicesite.privacy.models import Takeout

FAILED = {"state": State.FAILED, "error": "The engine failed."}


def text(user):
    return reverse("synthesis:detail", args=[GenerationFactory(owner=user, **FAILED).pk])


def row(user):
    GenerationFactory(owner=user, **FAILED)
    return reverse("synthesis:list")


def text_without_voice(user):
    lost = GenerationFactory(owner=user, voice=None, voice_name="Grandmother", **FAILED)
    return reverse("synthesis:detail", args=[lost.pk])


def row_without_voice(user):
    text_without_voice(user)
    return reverse("synthesis:list")


def transcription(user):
    clip = ClipFactory(owner=user)
    Transcription.objects.create(clip=clip, **FAILED)
    return reverse("voices:transcription", args=[clip.pk])


def search(user):
    clip = ClipFactory(owner=user)
    ExcerptSearch.objects.create(recording=clip.recording, **FAILED)
    return reverse("voices:search", args=[clip.pk])


def archive(user):
    failed = VoiceImport.objects.create(owner=user, preview={"kind": "voicesite", "voices": []}, choices=[], **FAILED)
    return reverse("voices:import_detail", args=[failed.pk])


def fitting(user):
    return reverse("synthesis:fitting", args=[FittingFactory(voice__owner=user, **FAILED).voice_id])


def file(user):
    done = GenerationFactory(owner=user, completed=True)
    Rendition.objects.create(generation=done, audio_format="flac", **FAILED)
    return reverse("synthesis:detail", args=[done.pk])


def word(user):
    entry = PronunciationFactory(owner=user)
    GenerationFactory(owner=user, pronounces=entry, is_task=False, **FAILED)
    return reverse("pronunciations:list")


def takeout(user):
    Takeout.objects.create(owner=user, **FAILED)
    return reverse("privacy:page")


@pytest.mark.parametrize(
    ("broken", "button"),
    [
        (text, "Try again"),
        (row, "Try again"),
        (text_without_voice, "Choose another voice"),
        (row_without_voice, "Choose another voice"),
        (transcription, "Transcribe"),
        (search, "Search again"),
        (archive, "Import"),
        (fitting, "Refine again"),
        (file, "Prepare"),
        (word, "Listen"),
        (takeout, "Pack everything"),
    ],
)
def test_what_failed_says_why_and_can_be_done_again(page, user, broken, button):
    shown = page.get(broken(user), HTTP_HX_REQUEST="true").text
    assert "The engine failed." in shown
    assert re.search(rf"<(button|a)\b[^>]*>(\s|<svg.*?</svg>)*{button}\b", shown, re.DOTALL)


def test_a_link_that_ended_can_be_tried_again(client, db):
    shown = client.get("/listen/nothing/")
    assert shown.status_code == 404 and "Ask whoever sent it for a new one" in shown.text
    assert re.findall(r'<a class="button" href="">\s*Try again', shown.text)
