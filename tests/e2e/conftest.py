import contextlib

import pytest

from tests import fakes
from tests.hub import Hub
from tests.voicesite.modelhost.test_download import CONTENT, NAME
from tests.voicesite.modelhost.test_weights import write

from .copy import Copy

TRANSCRIPT = "This is what the transcriber of the test wrote down, and one? word of it is doubtful."


@contextlib.contextmanager
def served(folder, **environment):
    site = Copy(folder / "data", **environment)
    site.start()
    try:
        site.wait_until_ready()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A site that plays tones and hears always the same, as that costs no time, and has an administrator with a voice.

    One serves all tests that ask for it: they are of the group "pages", so that one worker has them.
    """
    transcriber = {"VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER, "VOICESITE_TRANSCRIBER_MODEL": TRANSCRIPT}
    with served(tmp_path_factory.mktemp("site"), **transcriber) as site:
        site.settle_in()
        yield site


@pytest.fixture(scope="session")
def address(site):
    return f"http://127.0.0.1:{site.port}"


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    with Hub({NAME: write(tmp_path_factory.mktemp("upstream"), CONTENT)}, rate=20_000) as hub:
        yield hub


@pytest.fixture(scope="session")
def copy(hub, tmp_path_factory):
    """A site to be harmed: for the tests of the group "kills"."""
    folder = tmp_path_factory.mktemp("site")
    elsewhere = {"HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "hf"), "NO_PROXY": "127.0.0.1,localhost"}
    with served(folder, **elsewhere) as copy:
        copy.settle_in()
        yield copy
    assert copy.processes() == [], "nothing is left behind"
