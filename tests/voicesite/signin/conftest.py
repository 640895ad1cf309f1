import pytest
from django.contrib.auth.hashers import MD5PasswordHasher


@pytest.fixture
def hashes(monkeypatch):
    """How many hashes of passwords were computed: appended to, one for each."""
    computed = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        computed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return computed
