"""The certificate with which this site signs its speech: the operator's, or one that it makes at its first run.

C2PA wants a certificate that another has signed. The site's own is signed by an authority that exists for that only: its
key is never stored, so that nobody can make another certificate which would be taken for this site's. No program knows
that authority: it shows the manifest, and says that it does not know who signed. docs/provenance.md says how to get a
certificate that programs know.
"""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .manifest import Signature

# Signatures have no time that somebody else has witnessed, so they are believed as long as the certificate is valid.
YEARS = 30
_ALGORITHM_BY_CURVE = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


class Unusable(Exception):
    """The operator's certificate can't sign, for a reason in words."""


def ensure(path: Path) -> Signature:
    """Return what the file has to sign with; make it first where there is none.

    Of two processes that make one at once, the first wins: a link never replaces a file. Raises OSError and Unusable.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # readable by this user only
            file.write(_make())
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
    return load(path, path)


def load(chain: Path, key: Path) -> Signature:
    """Return what to sign with, of two files that the operator has: certificates, ours first, and a key without a password.

    Raises Unusable.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        raise Unusable(f"{error.filename} can’t be read: {error.strerror}") from error
    except (TypeError, ValueError) as error:
        raise Unusable("a file is not PEM, or the key has a password") from error
    first = certificates[0]
    if first.public_key() != private.public_key():
        raise Unusable("the key is not that of the first certificate")
    if first.not_valid_after_utc < datetime.now(UTC):
        raise Unusable(f"the certificate expired on {first.not_valid_after_utc:%Y-%m-%d}")
    pem = "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)
    return Signature(_algorithm(private), pem, _as_pem(private).decode())


def fingerprint(chain: str) -> str:
    """Return the SHA-256 of the first certificate of a chain, in hexadecimal."""
    return x509.load_pem_x509_certificates(chain.encode())[0].fingerprint(hashes.SHA256()).hex()


def _algorithm(key: object) -> str:
    match key:
        case ec.EllipticCurvePrivateKey() if key.curve.name in _ALGORITHM_BY_CURVE:
            return _ALGORITHM_BY_CURVE[key.curve.name]
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey():
            return "ps256"
    raise Unusable("C2PA knows no such key: take ECDSA (P-256), Ed25519 or RSA")


def _as_pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _make() -> bytes:
    """Return a key, its certificate, and that of the authority which signed it, as PEM."""
    key, authority_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _signed("Authority of one Voicesite", None, authority_key, authority_key)
    own = _signed("Voicesite", authority.subject, key, authority_key)
    return _as_pem(key) + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, authority))


def _signed(name: str, issuer: x509.Name | None, key, authority_key) -> x509.Certificate:
    """Return a certificate of a key, by C2PA's profile: of the authority itself where nobody has issued it."""
    is_authority = issuer is None
    who = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Voicesite"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    now, public = datetime.now(UTC), key.public_key()
    used_for = ("key_cert_sign", "crl_sign") if is_authority else ("digital_signature",)
    builder = (
        x509.CertificateBuilder(issuer or who, who, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks differ
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(x509.KeyUsage(**{usage: usage in used_for for usage in _USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if not is_authority:  # what C2PA's profile lets sign: its own purpose for claims is not known to programs yet
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(authority_key, hashes.SHA256())
