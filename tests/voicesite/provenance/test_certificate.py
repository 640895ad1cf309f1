"""The certificate of speech: made once, kept, and the operator's instead."""

import stat
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from voicesite.provenance import certificate


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "new" / "c2pa.pem"
    first = certificate.ensure(path)
    assert certificate.ensure(path) == first and first.algorithm == "es256"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and [file.name for file in path.parent.iterdir()] == ["c2pa.pem"]


def test_processes_that_begin_at_once_sign_with_one_key(tmp_path):
    made = []
    threads = [Thread(target=lambda: made.append(certificate.ensure(tmp_path / "c2pa.pem"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and len(set(made)) == 1


def test_the_key_of_its_authority_is_not_kept(tmp_path):
    own, authority = x509.load_pem_x509_certificates(certificate.ensure(tmp_path / "c2pa.pem").chain.encode())
    own.verify_directly_issued_by(authority)
    text = (tmp_path / "c2pa.pem").read_text()
    assert text.count("PRIVATE KEY") == 2, "the two lines around one key"
    key = serialization.load_pem_private_key(text.encode(), None)
    assert key.public_key() == own.public_key() != authority.public_key()


def test_an_operators_certificate_is_taken(tmp_path):
    certificate.ensure(tmp_path / "c2pa.pem")
    made = (tmp_path / "c2pa.pem").read_text()
    key, chain = made.split("-----END PRIVATE KEY-----\n")
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(f"{key}-----END PRIVATE KEY-----\n")
    assert certificate.load(tmp_path / "chain.pem", tmp_path / "key.pem") == certificate.ensure(tmp_path / "c2pa.pem")


def test_what_can_not_sign_is_refused_in_words(tmp_path):
    certificate.ensure(tmp_path / "c2pa.pem")
    other = rsa.generate_private_key(65537, 2048)
    (tmp_path / "key.pem").write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
        )
    )
    with pytest.raises(certificate.Unusable, match="password"):
        certificate.load(tmp_path / "c2pa.pem", tmp_path / "key.pem")
    (tmp_path / "key.pem").write_bytes(certificate._as_pem(other))
    with pytest.raises(certificate.Unusable, match="not that of the first certificate"):
        certificate.load(tmp_path / "c2pa.pem", tmp_path / "key.pem")
    with pytest.raises(certificate.Unusable, match="can’t be read: No such file"):
        certificate.load(tmp_path / "none.pem", tmp_path / "key.pem")
