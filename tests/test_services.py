"""What only shows on the services that larger sites use."""

import pytest
from django.core.cache import cache
from django.db import connection
from django_q.brokers import get_broker
from redis.exceptions import ConnectionError

from synthesis.models import Generation
from synthesis.workers import sweeper
from tests.factories import GenerationFactory
from voicesite.jobs import doorbell


@pytest.mark.services("postgres")
@pytest.mark.django_db
def test_database_url_chooses_postgresql():
    assert connection.vendor == "postgresql"
    assert connection.settings_dict["CONN_HEALTH_CHECKS"]


@pytest.mark.services("redis")
@pytest.mark.django_db(transaction=True)
def test_redis_carries_the_rings_and_each_cluster_hears_its_own(redis_broker):
    GenerationFactory.build(owner=GenerationFactory().owner, voice=None, voice_name="Ada").submit()
    doorbell.ring("default")
    assert redis_broker("synthesis").queue_size() == 1
    assert redis_broker("default").queue_size() == 1
    cache.set("voicesite", "kept", 5)
    assert cache.get("voicesite") == "kept"


@pytest.mark.services("redis")
@pytest.mark.django_db(transaction=True)
def test_redis_hears_of_nothing_that_was_rolled_back(redis_broker):
    generation = GenerationFactory()
    with pytest.raises(Exception, match="UNIQUE|unique"):
        generation.submit()  # is saved already: cannot be inserted again
    assert redis_broker("synthesis").queue_size() == 0


@pytest.fixture
def redis_broker():
    brokers = {}

    def broker(cluster):
        if cluster not in brokers:
            brokers[cluster] = get_broker(list_key=cluster)
        return brokers[cluster]

    return broker


@pytest.mark.services("redis")
@pytest.mark.django_db(transaction=True)
def test_a_ring_that_redis_lost_is_repeated_and_one_unheard_is_enough(redis_broker):
    """Redis forgets a message as soon as a worker has taken it: one that dies then was never rung."""
    GenerationFactory.build(owner=GenerationFactory().owner, voice=None, voice_name="Ada").submit()
    assert redis_broker("synthesis").dequeue()
    watch = sweeper.Sweeper()
    for _ in range(3):
        watch.rung_at.clear()
        watch._ring("synthesis")
    assert redis_broker("synthesis").queue_size() == 1


@pytest.mark.services("redis")
@pytest.mark.django_db(transaction=True)
def test_a_redis_that_does_not_answer_costs_nobody_their_text(redis_broker, monkeypatch):
    def refuse(*args, **options):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(doorbell, "async_task", refuse)
    generation = GenerationFactory.build(owner=GenerationFactory().owner, voice=None, voice_name="Ada")
    generation.submit()
    assert Generation.objects.filter(pk=generation.pk).exists()
