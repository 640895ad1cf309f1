"""What the fuzzer begins with, and what it found, read to each target: quickly, and without atheris."""

import pytest

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if not target.needs_site])
def test_a_target_keeps_its_promises(name):
    replay(name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", [name for name, target in TARGETS.items() if target.needs_site and not target.in_threads]
)
def test_a_target_keeps_its_promises_on_a_site(name):
    replay(name)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.in_threads])
def test_a_target_keeps_its_promises_on_a_site_with_threads(name):
    replay(name)


def replay(name: str) -> None:
    target = TARGETS[name]
    seeds = list(target.seeds())
    assert seeds
    for seed in [b"", *seeds]:
        assert len(seed) <= target.most_bytes
        target.run(seed)
