"""A certificate that the site makes and signs itself, for HTTPS on a network where it has no name of the internet.

Browsers can't know it, and warn once; in return they encrypt, and let pages record. cryptography makes it, since not every
machine has an `openssl`, and that of a Mac is another one.
"""

import ipaddress
import os
import socket
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .network import EVERYWHERE, lan_addresses

DAYS = 397  # the most that Safari accepts
RENEWED_DAYS_BEFORE = 30


def ensure(path: Path, host: str) -> str:
    """Make sure that the file has a certificate for this machine's names, and its key. Return the SHA-256 fingerprint.

    The one that is there is kept, since browsers that were told to trust it would warn again: until it lacks an address
    that the machine has now, or soon expires. `host` is where the server listens.
    """
    names = names_of_this_machine(host)
    certificate = _load(path)
    if not (certificate and _is_good(certificate, names)):
        certificate = _make(path, names)
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def names_of_this_machine(host: str) -> list[str]:
    """Return the names and addresses by which browsers may call this machine."""
    own = socket.gethostname()
    names = ["localhost", "127.0.0.1", "::1", own, f"{own.partition('.')[0]}.local", *lan_addresses()]
    return list(dict.fromkeys(names if host in EVERYWHERE else [*names, host]))


def _load(path: Path) -> x509.Certificate | None:
    """Return the certificate of a file; None if there is none, or none whose key is beside it."""
    try:
        pem = path.read_bytes()
        certificate, key = x509.load_pem_x509_certificate(pem), serialization.load_pem_private_key(pem, None)
    except (OSError, ValueError):
        return None
    return certificate if key.public_key() == certificate.public_key() else None


def _is_good(certificate: x509.Certificate, names: list[str]) -> bool:
    renewed = certificate.not_valid_after_utc - timedelta(days=RENEWED_DAYS_BEFORE)
    try:
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return datetime.now(UTC) < renewed and set(_general_names(names)) <= set(covered)


def _general_names(names: list[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            with suppress(ValueError):  # of a name in another script
                found.append(x509.DNSName(name))
    return found


def _make(path: Path, names: list[str]) -> x509.Certificate:
    """Make a key and a certificate for it, and write both to a file that only its owner may read."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Voicesite on this network")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder(who, who, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of phones differ
        .not_valid_after(now + timedelta(days=DAYS - 1))
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)  # it vouches for nobody else
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # One file, put in place at once: a key without its certificate would be of no use. Made for this user only (0600).
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(private + certificate.public_bytes(serialization.Encoding.PEM))
    os.replace(file.name, path)
    return certificate
