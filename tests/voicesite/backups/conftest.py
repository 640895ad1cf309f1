import pytest

from voicesite.backups import sealing


@pytest.fixture(autouse=True, scope="package")
def guess_cost():
    """Derive keys at hardly any cost, as passwords are hashed in tests; what is returned is what a guess costs on a site."""
    with pytest.MonkeyPatch.context() as patch:
        cost = sealing.GUESS_COST
        patch.setattr(sealing, "GUESS_COST", 2)
        yield cost
