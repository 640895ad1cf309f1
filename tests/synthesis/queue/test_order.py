from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Generation
from synthesis.queue import order as queue
from tests.factories import GenerationFactory, UserFactory
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]


def waiting(owner, title, **changes):
    return GenerationFactory(owner=owner, title=title, **changes)


def order() -> list[str]:
    return [generation.title for generation in queue.in_order()]


def test_owners_take_turns():
    ada, eve = UserFactory(), UserFactory()
    for number in (1, 2, 3):
        waiting(ada, f"ada {number}")
    for number in (1, 2):
        waiting(eve, f"eve {number}")
    assert order() == ["ada 1", "eve 1", "ada 2", "eve 2", "ada 3"]


def test_who_was_served_longest_ago_goes_first():
    ada, eve = UserFactory(), UserFactory()
    GenerationFactory(owner=ada, completed=True)
    waiting(ada, "ada")
    waiting(eve, "eve")
    assert order() == ["eve", "ada"]


def test_what_runs_counts_against_its_owner_and_what_died_does_not():
    ada, eve = UserFactory(), UserFactory()
    GenerationFactory(owner=ada, running=True, started_at=timezone.now() - timedelta(hours=1))
    GenerationFactory(owner=eve, completed=True)
    waiting(ada, "ada")
    waiting(eve, "eve")
    assert order() == ["eve", "ada"]
    Generation.objects.filter(state=State.GENERATING).update(
        title="ada, abandoned", lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert order() == ["ada, abandoned", "eve", "ada"]


def test_priority_goes_before_fairness_and_age_decides_within_an_owner():
    ada, eve = UserFactory(), UserFactory()
    waiting(ada, "old")
    waiting(ada, "new")
    waiting(eve, "urgent", priority=5)
    waiting(eve, "not urgent", priority=-5)
    assert order() == ["urgent", "old", "new", "not urgent"]


def test_claim_next_takes_them_in_order_and_each_once():
    ada, eve = UserFactory(), UserFactory()
    for owner, title in ((ada, "ada 1"), (ada, "ada 2"), (eve, "eve 1")):
        waiting(owner, title)
    waiting(eve, "cancelled", cancelled=True)
    claimed = [queue.claim_next() for _ in range(4)]
    assert [generation and generation.title for generation in claimed] == ["ada 1", "eve 1", "ada 2", None]


def test_claim_next_passes_by_what_another_took_meanwhile(monkeypatch):
    ada = UserFactory()
    first, second = waiting(ada, "first"), waiting(ada, "second")
    real = queue.in_order

    def late():
        seen = list(real()[:5])
        if seen[0].title == "first":
            Generation.objects.get(pk=first.pk).claim()
        return seen

    monkeypatch.setattr(queue, "in_order", late)
    assert queue.claim_next().pk == second.pk


def test_the_order_is_one_query_over_the_waiting_however_many_have_ended(django_assert_num_queries):
    ada = UserFactory()
    waiting(ada, "only")
    GenerationFactory.create_batch(20, owner=ada, completed=True, audio="speech.wav")
    with django_assert_num_queries(1):
        assert order() == ["only"]


def test_who_goes_next_of_others_is_one_of_whom_nothing_is_spoken():
    ada, eve, bo = UserFactory(), UserFactory(), UserFactory()
    waiting(ada, "ada")
    waiting(eve, "eve")
    GenerationFactory(owner=eve, running=True)
    assert queue.next_of_others({ada.pk}, 0) is None, "eve's is being spoken elsewhere"
    waiting(bo, "bo, not urgent", priority=-5)
    assert queue.next_of_others({ada.pk}, 0) is None
    waiting(bo, "bo")
    assert queue.next_of_others({ada.pk}, 0).title == "bo"
    assert queue.next_of_others({ada.pk, bo.pk}, 0) is None


def test_only_what_is_as_urgent_shares_a_full_batch():
    waiting(UserFactory(), "not urgent", priority=-5)
    assert queue.claim_companion("fake", "tone", 0, {0}) is None
    assert queue.claim_companion("fake", "tone", 0, {0}, priority=-5).title == "not urgent"
