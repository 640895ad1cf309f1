"""Manifests by the C2PA's specification: written into files of speech, and read from them. Pure.

The library signs and embeds by itself, holding one to three times the file in memory: 0.3 GB for an hour of WAV. Speech
becomes as long as its text, so the manifest of a WAV file is placed here instead, as a chunk at its end: 5 MB and 0.2 s.
"""

import ctypes
import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

TYPE_BY_FORMAT = {"wav": "audio/wav", "mp3": "audio/mpeg", "m4a": "audio/mp4"}
SIGNED_FORMATS = frozenset(
    TYPE_BY_FORMAT
)  # the library knows neither Ogg (Opus) nor bare AAC, and puts ID3 before FLAC
GENERATOR = "Voicesite"
# https://cv.iptc.org/newscodes/digitalsourcetype/: made by a model that was trained on sampled media
AI_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_ACTIONS = ("c2pa.actions.v2", "c2pa.actions")
_SITE = "org.voicesite.site"
# Nothing is asked of the network, and nothing is kept in memory that can be in a temporary file.
_SETTINGS = {
    "core": {"backing_store_memory_threshold_in_mb": 1},
    "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


class NotSigned(Exception):
    """The library could not sign, for the reason that it gives."""


@dataclass(frozen=True)
class Signature:
    """With what to sign: an algorithm by its name in C2PA, a chain of certificates and the key of the first, as PEM."""

    algorithm: str
    chain: str
    key: str


@dataclass(frozen=True)
class Claim:
    """What a manifest says: no text, and nobody's name."""

    version: str  # of Voicesite
    site: str
    model: str
    made_at: datetime

    def definition(self) -> dict[str, Any]:
        """Return it as the library takes it."""
        action = {
            "action": "c2pa.created",
            "when": f"{self.made_at:%Y-%m-%dT%H:%M:%SZ}",
            "softwareAgent": {"name": self.model},
            "digitalSourceType": AI_MADE,
        }
        return {
            "claim_generator_info": [{"name": GENERATOR, "version": self.version}],
            "title": "AI-generated speech",
            "assertions": [
                {"label": "c2pa.actions", "data": {"actions": [action]}},
                {"label": _SITE, "data": {"site": self.site}},
            ],
        }


@dataclass(frozen=True)
class Found:
    """What the manifest of a file says, and whether it can be believed."""

    generator: str
    is_ours: bool  # one of the certificates that were asked for has signed it
    is_whole: bool  # nothing has been changed since
    is_ai: bool
    model: str = ""
    made_at: str = ""  # as it is written there


def sign_wav(file: Any, claim: Claim, signature: Signature) -> None:
    """Append the manifest to a WAV file that is open for reading and writing. Raises NotSigned, leaving it as it was.

    A file of 4 GB, the most that WAV holds, has no room for it.
    """
    import c2pa
    from c2pa.c2pa import _lib as library  # these two functions of its C interface have no name in Python

    size = file.seek(0, 2)
    if size % 2:  # chunks begin at even places
        raise NotSigned("the file has half a sample")
    try:
        with _signer(signature) as signer, _builder(claim) as builder:
            room = _call(library.c2pa_builder_data_hashed_placeholder, builder, signer.reserve_size(), b"c2pa")
            padding = b"\0" * (len(room) % 2)
            if size + 8 + len(room) + len(padding) >= 2**32:
                raise NotSigned("the file is too large for another chunk")
            file.seek(4)
            # Of all chunks: 8 bytes less than the file.
            file.write(struct.pack("<I", size + len(room) + len(padding)))
            file.seek(0)
            sound = hashlib.file_digest(file, "sha256")  # without the manifest, which can't hold its own digest
            sound.update(padding)
            hashed = {
                "exclusions": [{"start": size, "length": 8 + len(room)}],
                "name": "jumbf manifest",
                "alg": "sha256",
                "hash": list(sound.digest()),
                "pad": [],
            }
            made = _call(
                library.c2pa_builder_sign_data_hashed_embeddable,
                builder,
                signer._handle,
                json.dumps(hashed).encode(),
                b"c2pa",
                None,
            )
        if len(made) != len(room):
            raise NotSigned("the manifest is longer than the room for it")
        file.seek(0, 2)
        file.write(b"C2PA" + struct.pack("<I", len(made)) + made + padding)
    except (c2pa.C2paError, NotSigned) as error:
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
        file.truncate(size)
        raise NotSigned(str(error)) from error


def _call(function: Any, builder: Any, *arguments: Any) -> bytes:
    """Return the bytes that a function of the library makes of a builder. Raises NotSigned."""
    from c2pa.c2pa import _lib as library
    from c2pa.c2pa import _read_native_error

    made = ctypes.POINTER(ctypes.c_ubyte)()
    function.restype = ctypes.c_int64
    # Pointers as such: as bare numbers they would be cut to 32 bits.
    passed = [ctypes.c_void_p(one) if one is None else one for one in arguments]
    passed = [ctypes.c_size_t(one) if isinstance(one, int) else one for one in passed]
    length = function(builder._handle, *passed, ctypes.byref(made))
    if length < 0:
        raise NotSigned(str(_read_native_error()))
    try:
        return ctypes.string_at(made, length)
    finally:
        library.c2pa_manifest_bytes_free(made)


def sign(source: IO[bytes], target: IO[bytes], audio_format: str, claim: Claim, signature: Signature) -> None:
    """Write the file with its manifest to `target`. Raises NotSigned."""
    import c2pa

    try:
        with _signer(signature) as signer, _builder(claim) as builder:
            builder.sign(signer, TYPE_BY_FORMAT[audio_format], source, target)
    except c2pa.C2paError as error:
        raise NotSigned(str(error)) from error


def _signer(signature: Signature) -> Any:
    import c2pa

    info = c2pa.C2paSignerInfo(signature.algorithm, signature.chain.encode(), signature.key.encode(), None)
    return c2pa.Signer.from_info(info)


@contextmanager
def _builder(claim: Claim) -> Iterator[Any]:
    import c2pa

    with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Builder(claim.definition(), context) as builder:
        yield builder


def read(file: IO[bytes], chains: Iterable[str]) -> Found | None:
    """Return what the manifest of a file says; None where it has none that can be read.

    chains: of the certificates that are ours, each first in its own, as PEM. The authority that issued one may have issued
    those of others too, so ours is also known by its number. Only read what somebody sent in a sandbox.
    """
    import c2pa

    kind = _type_of(file)
    if not kind:
        return None
    split = [x509.load_pem_x509_certificates(chain.encode()) for chain in chains]
    authorities = {one.public_bytes(serialization.Encoding.PEM).decode() for chain in split for one in chain[1:]}
    believed = {"trust": {"user_anchors": "".join(sorted(authorities))}} if authorities else {}
    try:
        with (
            c2pa.Context.from_dict(_SETTINGS | believed) as context,
            c2pa.Reader(kind, file, context=context) as reader,
        ):
            return _found(json.loads(reader.json()), {str(chain[0].serial_number) for chain in split})
    except (
        c2pa.C2paError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):  # the others: it says what no manifest says
        return None


def _found(store: dict[str, Any], numbers: set[str]) -> Found:
    """Return what the library read of a file; numbers: of the certificates that are ours."""
    manifest = store["manifests"][store["active_manifest"]]
    results = store.get("validation_results", {}).get("activeManifest", {})
    number = str(manifest.get("signature_info", {}).get("cert_serial_number", ""))
    codes = {kind: {one["code"] for one in results.get(kind, ())} for kind in ("success", "failure")}
    action: dict[str, Any] = next(
        (
            action
            for assertion in manifest.get("assertions", ())
            if assertion["label"] in _ACTIONS
            for action in assertion["data"]["actions"]
            if action["action"] == "c2pa.created"
        ),
        {},
    )
    agent = action.get("softwareAgent")
    return Found(
        generator=str((manifest.get("claim_generator_info") or [{}])[0].get("name", "")),
        is_ours=number in numbers and {"signingCredential.trusted", "claimSignature.validated"} <= codes["success"],
        is_whole=not codes["failure"] - {"signingCredential.untrusted"},
        is_ai=action.get("digitalSourceType") == AI_MADE,
        model=str(agent.get("name", "") if isinstance(agent, dict) else agent or ""),
        made_at=str(action.get("when", "")),
    )


def _type_of(file: IO[bytes]) -> str:
    """Return what kind of file it is, by how it begins; "" where that kind has no manifest."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head.startswith(b"RIFF"):
        return TYPE_BY_FORMAT["wav"]
    if head[4:8] == b"ftyp":
        return TYPE_BY_FORMAT["m4a"]
    if head.startswith(b"ID3") or head[:1] == b"\xff" and head[1:2] >= b"\xe0":
        return TYPE_BY_FORMAT["mp3"]
    return ""
