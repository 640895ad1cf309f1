"""A newcomer's walk through a fresh site: with a mouse, by touch on a phone, and by keyboard alone."""

import pytest

from voicesite.address.network import lan_addresses

from .conftest import served
from .newcomer import Keyboard, Mouse, Touch, walk

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("newcomer")]

MOST_PRESSES = {"the first sound": 1, "a voice of one's own": 4, "a sentence in it": 3, "an MP3 that is sent": 1}


@pytest.mark.parametrize("hand", [Mouse, Touch, Keyboard])
def test_a_newcomer_gets_everywhere_with_few_presses(browser, tmp_path, hand):
    address = next(iter(lan_addresses()), "127.0.0.1")
    with served(tmp_path, HOST="0.0.0.0", VOICESITE_BUILTIN_VOICES="on") as site:
        steps = walk(browser, site, hand, f"http://{address}:{site.port}")
    took = {step.name: step.presses for step in steps}
    assert {name: took[name] for name in MOST_PRESSES} == MOST_PRESSES
