"""Manifests: what they say, in which formats, and what of a changed file is still believed."""

import io
import tracemalloc
from datetime import UTC, datetime

import c2pa
import numpy as np
import pytest
import soundfile

from synthesis.delivery.encoding import encode_file
from voicesite.provenance import certificate
from voicesite.provenance.digest import digest
from voicesite.provenance.manifest import SIGNED_FORMATS, Claim, NotSigned, Signature, read, sign, sign_wav
from voicesite.web.audio_metadata import Tags

RATE = 24_000
END = "-----END CERTIFICATE-----\n"
WAVE = (0.3 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / RATE)).astype(np.float32)
TAGS = Tags("Title", "Voice", "AI-generated speech", "Voicesite", "2026-11-25")
CLAIM = Claim("1.2", "Our site", "kokoro-82m", datetime(2026, 11, 26, 12, 30, tzinfo=UTC))


@pytest.fixture(scope="module")
def signature(tmp_path_factory) -> Signature:
    return certificate.ensure(tmp_path_factory.mktemp("key") / "c2pa.pem")


@pytest.fixture(scope="module")
def own(signature) -> list[str]:
    return [signature.chain]


def encoded(name: str) -> io.BytesIO:
    file = io.BytesIO()
    encode_file(file, [WAVE], RATE, len(WAVE), name, TAGS, lambda share: None)
    file.seek(0)
    return file


def signed(name: str, signature: Signature) -> io.BytesIO:
    if name == "wav":
        file = encoded("wav")
        sign_wav(file, CLAIM, signature)
        return file
    target = io.BytesIO()
    sign(encoded(name), target, name, CLAIM, signature)
    return target


@pytest.mark.parametrize("name", sorted(SIGNED_FORMATS))
def test_a_file_says_that_a_model_of_this_site_made_it_and_when(name, signature, own):
    found = read(signed(name, signature), own)
    assert found and found.generator == "Voicesite" and found.is_ours and found.is_whole and found.is_ai
    assert (found.model, found.made_at) == ("kokoro-82m", "2026-11-26T12:30:00Z")


@pytest.mark.parametrize("name", sorted(SIGNED_FORMATS))
def test_the_library_itself_finds_nothing_wrong(name, signature):
    kind = {"wav": "audio/wav", "mp3": "audio/mpeg", "m4a": "audio/mp4"}[name]
    authority = "-----BEGIN" + signature.chain.rsplit("-----BEGIN", 1)[1]
    trusted = {"trust": {"user_anchors": authority}, "verify": {"verify_trust": True}}
    with (
        c2pa.Context.from_dict(trusted) as context,
        c2pa.Reader(kind, signed(name, signature), context=context) as said,
    ):
        assert said.get_validation_state() == "Trusted"
        assert said.get_validation_results()["activeManifest"]["failure"] == []
        assert (
            "Our site" in said.json() and "Title" not in said.json() and "Voice" not in said.json().split("Voicesite")
        )


@pytest.mark.parametrize("name", sorted(SIGNED_FORMATS))
def test_neither_sound_nor_tags_change(name, signature):
    before, after = encoded(name), signed(name, signature)
    assert digest(before) == digest(after) != ""
    if name == "wav":
        after.seek(0)
        with soundfile.SoundFile(after) as file:
            assert file.frames == len(WAVE) and file.comment == TAGS.comment


@pytest.mark.parametrize("name", sorted(SIGNED_FORMATS))
def test_a_changed_file_is_ours_but_no_longer_whole(name, signature, own):
    data = bytearray(signed(name, signature).getvalue())
    data[20_000 if name == "wav" else -3_000] ^= 0x10  # of the sound
    found = read(io.BytesIO(data), own)
    assert found and found.is_ours and not found.is_whole


def test_what_another_site_signed_is_not_ours(signature, tmp_path):
    other = certificate.ensure(tmp_path / "other.pem")
    found = read(signed("mp3", other), [signature.chain])
    assert found and found.generator == "Voicesite" and not found.is_ours


def test_a_certificate_of_the_same_authority_is_not_ours(signature, tmp_path):
    """The authority of an operator's certificate signs those of others too."""
    other = certificate.ensure(tmp_path / "other.pem")
    ours_with_their_authority = signature.chain + other.chain.split(END)[1] + END
    found = read(signed("wav", other), [ours_with_their_authority])
    assert found and not found.is_ours and found.is_whole


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3\x04", b"\xff\xfb" + bytes(99), b"fLaC", bytes(500)])
def test_what_has_no_manifest_says_nothing(data, own):
    assert read(io.BytesIO(data), own) is None


def test_a_file_that_can_not_be_signed_stays_as_it_was(signature):
    file = encoded("wav")
    before = file.getvalue()
    broken = Signature("es256", signature.chain, "no key")
    with pytest.raises(NotSigned):
        sign_wav(file, CLAIM, broken)
    assert file.getvalue() == before


def test_a_wav_file_of_an_odd_length_is_refused(signature):
    with pytest.raises(NotSigned, match="half a sample"):
        sign_wav(io.BytesIO(encoded("wav").getvalue() + b"\0"), CLAIM, signature)


def test_a_long_wav_file_needs_no_memory(signature, tmp_path):
    with soundfile.SoundFile(tmp_path / "long.wav", "w", RATE, 1, format="WAV", subtype="PCM_16") as file:
        for _ in range(600):
            file.write(WAVE)
    with open(tmp_path / "long.wav", "r+b") as file:
        tracemalloc.start()
        sign_wav(file, CLAIM, signature)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * 2**20
