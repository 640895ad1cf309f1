"""Test the certificate that the site makes for itself."""

import hashlib
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from voicesite.address import certificate


@pytest.fixture(autouse=True)
def addresses(monkeypatch):
    found = ["192.168.1.5"]
    monkeypatch.setattr(certificate, "lan_addresses", lambda: found)
    monkeypatch.setattr(certificate.socket, "gethostname", lambda: "mybook.lan")
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "https.pem"


def load(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def names(path) -> list[str]:
    covered = load(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in covered]


def test_it_is_made_for_what_this_machine_is_called(path):
    fingerprint = certificate.ensure(path, "0.0.0.0")
    assert names(path) == ["localhost", "127.0.0.1", "::1", "mybook.lan", "mybook.local", "192.168.1.5"]
    assert fingerprint.replace(":", "").lower() == digest(path) and len(fingerprint) == 95
    assert [file.name for file in path.parent.iterdir()] == ["https.pem"], "nothing is left of its making"


def digest(path) -> str:
    pem = path.read_text()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE") :])).hexdigest()


def test_only_its_owner_reads_the_key(path):
    certificate.ensure(path, "0.0.0.0")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and b"PRIVATE KEY" in path.read_bytes()


def test_a_server_serves_with_it_and_who_has_it_trusts_it(path):
    certificate.ensure(path, "0.0.0.0")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(path))
    server.load_cert_chain(path, path)
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # as of Python 3.13
    for name in ("127.0.0.1", "192.168.1.5", "mybook.local"):
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = server.wrap_bio(to_server, to_client, server_side=True)
        theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
        for side in (theirs, ours, theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
        assert theirs.version() == "TLSv1.3", name


def test_it_is_kept_while_it_is_good(path, addresses):
    first = certificate.ensure(path, "0.0.0.0")
    assert certificate.ensure(path, "0.0.0.0") == first
    addresses.clear()
    assert certificate.ensure(path, "0.0.0.0") == first, "without a network it is as good as before"


def test_another_address_needs_another(path, addresses):
    first = certificate.ensure(path, "0.0.0.0")
    addresses.append("10.0.0.7")
    assert certificate.ensure(path, "0.0.0.0") != first and "10.0.0.7" in names(path)
    certificate.ensure(path, "192.168.9.9")
    assert "192.168.9.9" in names(path)


def test_it_is_renewed_before_it_expires(path, monkeypatch):
    first = certificate.ensure(path, "0.0.0.0")
    expires = load(path).not_valid_after_utc
    assert timedelta(days=390) < expires - datetime.now(UTC) < timedelta(days=397)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return expires - timedelta(days=29)

    monkeypatch.setattr(certificate, "datetime", Later)
    assert certificate.ensure(path, "0.0.0.0") != first


@pytest.mark.parametrize("harm", ["", "garbage", "no key", "another key"])
def test_a_file_that_is_no_good_is_made_anew(path, tmp_path, harm):
    first = certificate.ensure(path, "0.0.0.0")
    pem = path.read_text()
    key, begin, rest = pem.partition("-----BEGIN CERTIFICATE")
    other = tmp_path / "other.pem"
    certificate.ensure(other, "0.0.0.0")
    harmed = {"no key": begin + rest, "another key": other.read_text().partition("-----BEGIN CERT")[0] + begin + rest}
    path.write_text(harmed.get(harm, harm))
    assert certificate.ensure(path, "0.0.0.0") != first


def test_a_name_in_another_script_is_left_out(path, monkeypatch):
    monkeypatch.setattr(certificate.socket, "gethostname", lambda: "café")
    certificate.ensure(path, "0.0.0.0")
    assert "127.0.0.1" in names(path) and "café" not in names(path)
