"""The sentences of a text as files in an archive, which is written while it is sent."""

import io
import zipfile

import numpy as np
import pytest
import soundfile

from synthesis.delivery import sentences
from synthesis.delivery.sentences import Sentences
from tests.factories import GenerationFactory, SegmentFactory
from voicesite.web import admission
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def speech(user):
    made = GenerationFactory(completed=True, owner=user, title="The ferry")
    SegmentFactory(generation=made, text="The ferry left.", take__seconds=0.5)
    SegmentFactory(generation=made, text="昨日、雨。", take__seconds=0.25)
    SegmentFactory(generation=made, text="“…” " + "and so on " * 20, take__seconds=0.3)
    return made


def opened(archive) -> zipfile.ZipFile:
    data = b"".join(archive)
    assert len(data) == archive.length
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.mark.parametrize("form", sentences.FORMATS)
def test_each_is_a_file_in_order(speech, form):
    archive = opened(Sentences(speech.owner, speech, form))
    assert archive.testzip() is None
    readme, *names = archive.namelist()
    assert names == [
        f"0001-the-ferry-left.{form}",
        f"0002-昨日-雨.{form}",
        f"0003-and-so-on-and-so-on-and-so-on-and-so-on.{form}",
    ]
    for name, segment in zip(names, speech.segments.in_text(), strict=True):
        samples, rate = soundfile.read(io.BytesIO(archive.read(name)))
        with segment.take.audio.open() as file:
            assert rate == 24_000 and np.array_equal(samples, soundfile.read(file)[0])
    assert "AI-generated speech" in archive.read(readme).decode()
    if form == "wav":
        with soundfile.SoundFile(io.BytesIO(archive.read(names[0]))) as sound:
            assert sound.title == "The ferry left." and "AI-generated" in sound.artist


def test_it_is_written_a_sentence_at_a_time(speech, monkeypatch):
    read = []
    monkeypatch.setattr(
        sentences, "_flac", lambda take, read_flac=sentences._flac: read.append(take) or read_flac(take)
    )
    archive = Sentences(speech.owner, speech, "flac")
    parts = iter(archive)
    next(parts), next(parts)
    assert len(read) == 1
    archive.close()


def test_it_holds_a_place_until_it_is_closed(speech):
    archive = Sentences(speech.owner, speech, "flac")
    assert sum(admission._places.values()) == 1
    archive.close()
    assert not admission._places


def test_why_there_is_none(speech):
    speech.segments.filter(index=1).update(take=None)
    with pytest.raises(Rejected, match="Some sentences"):
        Sentences(speech.owner, speech, "flac")
    speech.segments.all().delete()
    with pytest.raises(Rejected, match="no longer stored"):
        Sentences(speech.owner, speech, "flac")
    assert not admission._places
