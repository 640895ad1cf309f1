"""What is sent, signed how, and what becomes of it when the receiver fails."""

import json
import uuid
from datetime import datetime, timedelta

import pytest
import standardwebhooks
from django.core import mail as outbox
from django.utils import timezone

from synthesis.generations import takes
from synthesis.models import Generation
from tests.factories import ClipFactory, FittingFactory, GenerationFactory, VoiceFactory
from voices.curation import service as curation
from voices.models import Mail, Transcription
from voicesite.hooks import deliveries, service
from voicesite.hooks.events import EVENTS
from voicesite.hooks.models import Delivery, Webhook
from voicesite.jobs.job import Lost, State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]


def later() -> None:
    """Let the waits be over."""
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def sent(state=State.COMPLETED):
    return Delivery.objects.get(state=state)


def end(generation, state=State.FAILED):
    assert generation.claim()
    generation.finish(state)


def test_what_comes_is_verified_by_the_specifications_own_library(user, webhook, receiver, work):
    generation = GenerationFactory(owner=user)
    end(generation)
    assert receiver.messages == [], "none is sent by what ends the generation"
    assert work() == 1
    (message,) = receiver.messages
    payload = standardwebhooks.Webhook(webhook.secret).verify(message.body, message.headers)
    assert (payload["type"], payload["data"]["id"]) == ("generation.failed", str(generation.pk))
    assert datetime.fromisoformat(payload["timestamp"]) <= timezone.now()
    assert message.headers["content-type"] == "application/json"
    delivery = sent()
    assert message.id == str(delivery.pk) and (delivery.status_code, delivery.answer, delivery.tries) == (200, "ok", 1)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(Webhook(secret="whsec_eA==").secret).verify(message.body, message.headers)


def test_while_a_secret_is_replaced_both_verify(user, webhook, receiver, work):
    before = webhook.secret
    after = service.rotate(webhook)
    service.test(webhook)
    work()
    for secret in (before, after):
        message = receiver.messages[-1]
        assert standardwebhooks.Webhook(secret).verify(message.body, message.headers)["type"] == "webhook.test"
    Webhook.objects.update(previous_secret_until=timezone.now())
    service.test(webhook)
    work()
    message = receiver.messages[-1]
    standardwebhooks.Webhook(after).verify(message.body, message.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(before).verify(message.body, message.headers)


def test_each_event_says_what_the_api_says(page, user, webhook, receiver, work):
    generation = GenerationFactory(owner=user, text="“Ünïcode” …", completed=True)
    generation.on_end(State.COMPLETED)
    voice = VoiceFactory(owner=user)
    FittingFactory(voice=voice).on_end(State.COMPLETED)
    clip = ClipFactory(owner=user)
    Transcription.objects.create(clip=clip).on_end(State.COMPLETED)
    assert work() == 3
    told = {message.payload["type"]: message.payload["data"] for message in receiver.messages}
    assert told["generation.completed"] == page.get(f"/api/generations/{generation.pk}").json()
    assert told["voice.ready"] == page.get(f"/api/voices/{voice.pk}").json()
    assert told["transcription.completed"] == page.get(f"/api/clips/{clip.pk}/transcription").json()


def test_only_ones_own_and_only_what_was_asked_for(user, stranger, webhook, receiver):
    end(GenerationFactory(owner=stranger))
    end(GenerationFactory(owner=user, is_sample=True))
    Webhook.objects.update(events=["voice.ready"])
    end(GenerationFactory(owner=user))
    Webhook.objects.update(events=list(EVENTS), is_active=False)
    end(GenerationFactory(owner=user))
    assert not Delivery.objects.exists()


def test_a_voice_is_ready_when_its_fitting_has_ended_however_but_not_a_suspended_one(user, staff, webhook):
    failed, suspended = FittingFactory.create_batch(2, voice__owner=user)
    end(failed)
    assert Delivery.objects.get().subject == str(failed.voice_id)
    curation.suspend(staff, suspended.voice, "No consent.")
    assert Delivery.objects.count() == 1


def test_what_is_cancelled_is_told_also_when_it_is_deleted_with_that(user, webhook, receiver, work):
    waiting, running, deleted = GenerationFactory.create_batch(3, owner=user)
    done = GenerationFactory(owner=user, completed=True)
    keys = {str(one.pk) for one in (waiting, running, deleted)}
    assert waiting.request_cancel() and running.claim() and running.request_cancel()
    Generation.objects.filter(pk=running.pk).close(State.CANCELLED)
    takes.forget(deleted)
    takes.delete(done)
    assert work() == 3
    told = [message.payload for message in receiver.messages]
    assert {payload["type"] for payload in told} == {"generation.cancelled"}
    assert {payload["data"]["id"] for payload in told} == keys


def test_of_what_is_deleted_meanwhile_nothing_is_told_but_that(user, webhook, receiver, work):
    generation = GenerationFactory(owner=user, text="A secret.", completed=True)
    key = str(generation.pk)
    generation.on_end(State.COMPLETED)
    takes.delete(generation)
    work()
    assert receiver.messages[0].payload["data"] == {"id": key, "deleted": True}


def test_what_is_rolled_back_is_told_to_nobody(user, webhook, monkeypatch):
    generation = GenerationFactory(owner=user)
    assert generation.claim()
    monkeypatch.setattr("voicesite.hooks.events.Delivery.submit", lambda self: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        generation.finish(State.FAILED)
    assert Generation.objects.get(pk=generation.pk).is_running and not Delivery.objects.exists()
    monkeypatch.undo()
    Generation.objects.update(claim_token=uuid.uuid4())
    with pytest.raises(Lost):
        generation.finish(State.FAILED)
    assert not Delivery.objects.exists(), "an attempt that has lost its row ends nothing"


def test_failures_are_repeated_for_a_day_with_growing_waits_and_one_id(user, webhook, receiver, work):
    receiver.status, receiver.answer = 500, b"no"
    end(GenerationFactory(owner=user))
    waits = []
    while Delivery.objects.active().exists():
        assert work() == 1, "one try, and then it waits"
        delivery = Delivery.objects.get()
        if delivery.is_active:
            assert (delivery.state, delivery.attempts, delivery.error) == (State.PENDING, 0, "It answered 500.")
            assert (delivery.status_code, delivery.answer) == (500, "no")
            waits.append((delivery.next_try_at - timezone.now()).total_seconds())
            later()
    assert all(
        0.79 * planned < waited <= 1.2 * planned for planned, waited in zip(deliveries.WAITS, waits, strict=True)
    )
    assert 20 * 3600 < sum(deliveries.WAITS) < 28 * 3600
    assert (delivery.state, delivery.tries, len({message.id for message in receiver.messages})) == (State.FAILED, 9, 1)
    webhook.refresh_from_db()
    assert webhook.is_active and webhook.failing_since


def test_what_was_never_tried_is_due_whatever_the_clock_was_when_it_came(user, webhook, receiver, work):
    end(GenerationFactory(owner=user))
    Delivery.objects.update(not_before=timezone.now() + timedelta(hours=2))
    assert work() == 1 and sent().tries == 1


def test_a_receiver_may_ask_for_more_time_within_bounds(user, webhook, receiver, work):
    receiver.status, receiver.headers = 503, {"Retry-After": "90"}
    end(GenerationFactory(owner=user))
    work()
    waited = Delivery.objects.get().not_before - timezone.now()
    assert timedelta(seconds=88) < waited <= timedelta(seconds=90)
    assert deliveries.wait(1, 10**9) == deliveries.MAX_RETRY_AFTER and deliveries.wait(5, 1.0) > 2000
    assert deliveries.wait(1, -5.0) >= 4


def test_gone_turns_it_off_and_what_waits_is_not_sent(user, webhook, receiver, work, settings):
    settings.SENDS_MAIL, user.email = True, "ada@example.org"
    user.save()
    receiver.status = 410
    end(GenerationFactory(owner=user))
    end(GenerationFactory(owner=user))
    assert work() == 1
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.off_reason) == (False, "It answered 410 Gone.")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.CANCELLED, State.FAILED]
    assert Mail.objects.get().subject == "A webhook was turned off" and "410 Gone" in Mail.objects.get().text
    assert outbox.outbox == []
    end(GenerationFactory(owner=user))
    assert Delivery.objects.count() == 2, "nothing is made for it"


def test_one_that_fails_for_days_is_turned_off_and_a_success_forgets(user, webhook, receiver, work):
    receiver.status = 500
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=2))
    end(GenerationFactory(owner=user))
    Delivery.objects.update(failures=8)
    work()
    assert Webhook.objects.get().is_active, "two days are not enough"
    receiver.status = 204
    end(GenerationFactory(owner=user))
    work()
    assert Webhook.objects.get().failing_since is None
    receiver.status = 500
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4))
    end(GenerationFactory(owner=user))
    work()
    assert Webhook.objects.get().is_active, "as long as a delivery is not given up"
    Delivery.objects.active().update(failures=8)
    later()
    work()
    assert not Webhook.objects.get().is_active and "3 days" in Webhook.objects.get().off_reason


def test_a_test_is_tried_once_and_not_twice_at_a_time(webhook, receiver, work):
    receiver.status = 500
    assert service.test(webhook) == service.test(webhook)
    assert work() == 1
    assert sent(State.FAILED).error == "It answered 500." and work() == 0


def test_a_worker_that_dies_between_request_and_end_leaves_a_row_that_is_sent_again(
    user, webhook, receiver, work, monkeypatch
):
    end(GenerationFactory(owner=user))
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_record", lambda *args: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            work()
    assert work() == 0, "its lease runs"
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert work() == 1
    first, second = receiver.messages
    assert first.id == second.id and first.body == second.body and sent().tries == 1


def test_receivers_that_dawdle_hold_up_their_own_person_only(user, stranger, webhook, receiver):
    hers = Webhook.objects.create(owner=stranger, url=receiver.url, events=list(EVENTS))
    other = Webhook.objects.create(owner=user, url=receiver.url, events=list(EVENTS))
    for one in (webhook, other, hers):
        service.test(one)
    first = Delivery.objects.get(webhook=webhook)
    assert first.claim()
    assert [one.webhook for one in Delivery.objects.claimable()] == [hers]
    assert not Delivery.objects.get(webhook=other).claim()


def test_it_can_be_repeated_with_the_same_id(user, webhook, receiver, work):
    end(GenerationFactory(owner=user))
    work()
    service.repeat(sent())
    work()
    assert len(receiver.messages) == 2 and len({message.id for message in receiver.messages}) == 1


def test_old_ones_go_and_young_ones_stay(webhook):
    old, young, waiting = (Delivery.objects.create(webhook=webhook, event="webhook.test", state=state)
                           for state in (State.FAILED, State.COMPLETED, State.PENDING))  # fmt: skip
    Delivery.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(days=31))
    deliveries.delete_old()
    assert set(Delivery.objects.all()) == {young, waiting}


def test_who_was_shut_out_is_told_nothing_more(user, webhook, receiver, work):
    end(GenerationFactory(owner=user))
    user.is_active = False
    user.save()
    work()
    assert receiver.messages == [] and sent(State.CANCELLED)
    end(GenerationFactory(owner=user))
    assert Delivery.objects.count() == 1


def test_a_payload_is_json_in_utf_8(user, webhook):
    delivery = Delivery.objects.create(webhook=webhook, event="webhook.test")
    assert json.loads(deliveries.payload_of(delivery))["data"] == {"id": str(webhook.pk)}
