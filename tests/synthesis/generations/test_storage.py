"""How much room speech takes."""

import pytest

from synthesis.generations.storage import storage
from synthesis.models import Rendition
from tests.factories import GenerationFactory, SegmentFactory

pytestmark = pytest.mark.django_db


def make(owner, wholes, sentences, renditions):
    generation = GenerationFactory(owner=owner, voice__owner=owner, completed=True, bytes=wholes)
    SegmentFactory(generation=generation, take__bytes=sentences)
    Rendition.objects.create(generation=generation, audio_format="mp3", bytes=renditions)


def test_a_person_sees_what_their_speech_takes(page, user, stranger):
    assert "Stored: 0 kB." in page.get("/account/").text
    make(stranger, 10**9, 10**9, 10**9)
    make(user, 200_000_000, 100_000_000, 4_000_000)
    make(user, 10_000_000, 20_000_000, 6_000_000)
    shown = " ".join(page.get("/account/").text.split())
    assert "Stored: 340 MB: 340 MB speech." in shown


def test_staff_see_what_all_speech_takes(client, staff, page, user, stranger):
    make(user, 2_000_000, 0, 0)
    make(stranger, 1_000_000, 0, 0)
    assert "All speech" not in page.get("/status/").text
    client.force_login(staff)
    assert "All speech on this site uses 3 MB" in client.get("/status/").text
    assert "All speech" not in client.get("/status/live").text


def test_it_costs_three_queries(user, django_assert_num_queries):
    for _ in range(3):
        make(user, 1, 1, 1)
        with django_assert_num_queries(3):
            storage(user)
