"""Webhooks on pages, without a script."""

import pytest
from django.urls import reverse

from voicesite.hooks import service
from voicesite.hooks.models import Delivery, Webhook
from voicesite.jobs.job import State

pytestmark = pytest.mark.django_db
FORM = {"url": "https://8.8.8.8/hook", "description": "The archive", "events": ["voice.ready", "generation.failed"]}


@pytest.fixture
def mine(user):
    return Webhook.objects.create(owner=user, url="https://8.8.8.8/mine", events=["voice.ready"])


def test_one_is_added_from_the_account_page_and_its_secret_shown_once(page, user):
    assert reverse("webhooks:new") in page.get("/account/").text
    assert page.get(reverse("webhooks:new")).text.count(" checked") == 5
    made = page.post(reverse("webhooks:new"), FORM)
    webhook = Webhook.objects.get(owner=user)
    assert webhook.secret in made.text and "no-store" in made.headers["Cache-Control"]
    assert webhook.events == FORM["events"]
    for address in ("/account/", reverse("webhooks:detail", args=[webhook.pk])):
        shown = page.get(address).text
        assert FORM["url"] in shown and webhook.secret not in shown
    again = page.post(reverse("webhooks:rotate", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert webhook.secret in again.text and "24 hours" in again.text


def test_a_form_that_cannot_be_says_why_and_keeps_what_was_written(page, user):
    refused = page.post(reverse("webhooks:new"), FORM | {"url": "http://localhost/secret-path"})
    assert refused.status_code == 422 and "only public addresses" in refused.text and "secret-path" in refused.text
    assert page.post(reverse("webhooks:new"), {"url": FORM["url"]}).status_code == 422
    for _ in range(service.MAX_WEBHOOKS):
        Webhook.objects.create(owner=user, url=FORM["url"])
    assert "which is the limit" in page.post(reverse("webhooks:new"), FORM).text


def test_the_section_says_how_the_last_one_went_in_as_many_queries_for_many(page, user, mine, count_queries):
    assert "nothing sent yet" in page.get("/account/").text
    Delivery.objects.create(webhook=mine, event="voice.ready", state=State.FAILED, error="It answered 500.")
    shown = page.get("/account/").text
    assert "voice.ready not delivered" in shown and "It answered 500." in shown
    few = count_queries(page, "/account/")
    for _ in range(5):
        Webhook.objects.create(owner=user, url=FORM["url"], events=["voice.ready"])
    assert count_queries(page, "/account/") == few
    Webhook.objects.filter(pk=mine.pk).update(is_active=False, off_reason="It answered 410 Gone.")
    assert "410 Gone" in page.get("/account/").text


def test_test_switch_repeat_and_delete(page, mine):
    address = reverse("webhooks:detail", args=[mine.pk])
    assert "on its way" in page.post(reverse("webhooks:test", args=[mine.pk]), follow=True).text
    delivery = Delivery.objects.get()
    repeat = reverse("webhooks:repeat", args=[mine.pk, delivery.pk])
    assert "waits for its next try" in page.post(repeat, follow=True).text
    Delivery.objects.update(state=State.FAILED, answer="<b>no</b>", failures=1)
    assert "&lt;b&gt;no&lt;/b&gt;" in page.get(address).text
    page.post(repeat)
    assert Delivery.objects.get().state == State.PENDING
    page.post(reverse("webhooks:switch", args=[mine.pk]), {"on": "0"})
    assert Delivery.objects.get().state == State.CANCELLED and "It’s off" in page.get(address).text
    assert "turn it on first" in page.post(reverse("webhooks:test", args=[mine.pk]), follow=True).text
    page.post(reverse("webhooks:switch", args=[mine.pk]), {"on": "1"})
    mine.refresh_from_db()
    assert mine.is_active
    page.post(reverse("webhooks:delete", args=[mine.pk]))
    assert not Webhook.objects.exists() and not Delivery.objects.exists()


@pytest.mark.parametrize("name", ["detail", "test", "rotate", "switch", "delete", "repeat"])
def test_nobody_else_may(client, mine, stranger, name):
    delivery = Delivery.objects.create(webhook=mine, event="voice.ready", state=State.FAILED)
    address = reverse(f"webhooks:{name}", args=[mine.pk, delivery.pk] if name == "repeat" else [mine.pk])
    ask = client.get if name == "detail" else client.post
    assert ask(address).headers["Location"].startswith("/account/login/")
    client.force_login(stranger)
    assert ask(address).status_code == 404
    assert (client.post if name == "detail" else client.get)(address).status_code == 405
    assert mine.url not in client.get("/account/").text
    before = mine.secret
    mine.refresh_from_db()
    assert (mine.secret, mine.is_active, Delivery.objects.get().state) == (before, True, State.FAILED)
