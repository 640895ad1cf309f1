"""/api/webhooks: what it refuses, shows once, and who may ask. The matrix of all operations is in tests/voices/profiles."""

import http.server
import re
import threading

import pytest

from tests import FIXTURES
from tests.voices.profiles.test_api import error, sending
from voicesite.hooks import service
from voicesite.hooks.events import EVENTS
from voicesite.hooks.models import Delivery, Webhook
from voicesite.jobs.job import State
from voicesite.people import keys

pytestmark = pytest.mark.django_db
PUBLIC = "https://8.8.8.8/hook"


def create(client, **body):
    return client.post("/api/webhooks", {"url": PUBLIC, **body}, content_type="application/json")


def test_the_secret_is_shown_once_and_replaced_once(page):
    made = create(page)
    webhook = made.json()
    assert made.status_code == 201 and made.headers["Location"] == f"/api/webhooks/{webhook['id']}"
    assert webhook["secret"].startswith("whsec_") and webhook["events"] == list(EVENTS) and webhook["is_active"]
    shown = page.get(made.headers["Location"]).json()
    assert shown == {name: value for name, value in webhook.items() if name != "secret"}
    again = page.post(f"{made.headers['Location']}/secret").json()
    assert again["secret"].startswith("whsec_") and again["secret"] != webhook["secret"]
    assert again["previous_secret_until"] and "secret" not in page.get("/api/webhooks").json()["results"][0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://127.0.0.1:9/x"}, "url"),
        ({"url": "x" * 2001}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["voice.eaten"]}, "events"),
        ({"events": "voice.ready"}, "events"),
        ({"description": "x" * 201}, "description"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"url": None}, "url"),
    ],
)
def test_what_cannot_be_is_refused_by_name(page, body, field):
    assert error(create(page, **body), 422)["fields"][field]
    assert not Webhook.objects.exists()
    made = create(page).json()
    address = f"/api/webhooks/{made['id']}"
    if None not in body.values():
        assert error(page.patch(address, body, content_type="application/json"), 422)["fields"][field]
    del made["secret"]
    assert page.get(address).json() == made


def test_twenty_are_enough(page, user):
    for _ in range(service.MAX_WEBHOOKS - 1):
        Webhook.objects.create(owner=user, url=PUBLIC)
    assert create(page).status_code == 201
    assert "the limit" in error(create(page), 409)["message"]


def test_a_change_leaves_the_rest_and_off_sends_nothing(page, user):
    address = f"/api/webhooks/{create(page, events=['voice.ready']).json()['id']}"
    change = lambda **body: page.patch(address, body, content_type="application/json").json()  # noqa: E731
    assert change(description="The archive")["events"] == ["voice.ready"]
    assert change(events=["generation.failed"])["description"] == "The archive"
    page.post(f"{address}/test")
    assert change(is_active=False)["is_active"] is False
    assert Delivery.objects.get().state == State.CANCELLED
    error(page.post(f"{address}/test"), 409)
    error(page.post(f"{address}/deliveries/{Delivery.objects.get().pk}/repeat"), 409)
    Webhook.objects.update(off_reason="It answered 410 Gone.")
    assert change(is_active=True)["off_reason"] == ""


def test_deliveries_are_paged_and_say_what_comes_next(page, user):
    webhook = Webhook.objects.create(owner=user, url=PUBLIC, events=list(EVENTS))
    address = f"/api/webhooks/{webhook.pk}"
    tested = page.post(f"{address}/test")
    shown = page.get(tested.headers["Location"]).json()
    assert tested.status_code == 202 and shown == tested.json()
    assert (shown["event"], shown["status"], shown["tries"]) == ("webhook.test", "pending", 0) and shown["next_try_at"]
    error(page.post(f"{address}/deliveries/{shown['id']}/repeat"), 409)
    Delivery.objects.update(state=State.FAILED, failures=9, status_code=500, answer="no", error="It answered 500.")
    (failed,) = page.get(f"{address}/deliveries?limit=1").json()["results"]
    assert (failed["status"], failed["tries"], failed["status_code"], failed["answer"]) == ("failed", 9, 500, "no")
    assert failed["next_try_at"] is None
    assert page.post(f"{address}/deliveries/{failed['id']}/repeat").json()["tries"] == 0
    another = Webhook.objects.create(owner=user, url=PUBLIC)
    error(page.get(f"/api/webhooks/{another.pk}/deliveries/{failed['id']}"), 404)


@pytest.mark.parametrize(("scope", "read", "write"), [("read", 200, 403), ("speak", 200, 201), ("voices", 403, 403)])
def test_reading_takes_read_and_changing_speak(user, scope, read, write):
    program = sending(keys.issue(user, "Program", [scope])[1])
    assert (program.get("/api/webhooks").status_code, create(program).status_code) == (read, write)


def test_the_receiver_of_the_guide_verifies(user, receiver, work, monkeypatch, capsys):
    guide = (FIXTURES.parents[1] / "docs" / "api.md").read_text()
    (program,) = re.findall(r"^```python\n((?:(?!^```).)*HTTPServer.*?)^```", guide, re.M | re.S)
    servers, ready = [], threading.Event()
    webhook = Webhook.objects.create(owner=user, url="", events=list(EVENTS))
    monkeypatch.setenv("WEBHOOK_SECRET", webhook.secret)

    class Server(http.server.HTTPServer):
        def server_activate(self):
            super().server_activate()
            servers.append(self)
            ready.set()

    monkeypatch.setattr(http.server, "HTTPServer", Server)
    code = compile(program.replace("9000", "0"), "docs/api.md", "exec")
    thread = threading.Thread(target=exec, args=(code, {}), daemon=True)
    thread.start()
    assert ready.wait(5)
    Webhook.objects.update(url=f"http://127.0.0.1:{servers[0].server_port}/")
    delivery = service.test(webhook)
    work()
    delivery.refresh_from_db()
    service.repeat(Delivery.objects.get())
    work()
    Webhook.objects.update(secret="whsec_" + "eA==" * 8)
    service.test(webhook)
    work()
    servers[0].shutdown()
    servers[0].server_close()
    thread.join(5)
    assert list(Delivery.objects.order_by("created_at").values_list("status_code", flat=True)) == [204, 400]
    assert capsys.readouterr().out == f"webhook.test {webhook.pk}\n", "what comes twice is printed once"
