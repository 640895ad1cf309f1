"""The REST API of webhooks. Reading takes the scope `read`, everything else `speak`."""

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Status
from ninja.pagination import paginate

from voicesite.limits.idempotency import begin_work
from voicesite.people.requests import Request
from voicesite.web.rest import Pages, Router, rejection

from . import service
from .forms import WebhookForm
from .models import Delivery, Webhook
from .schemas import DeliveryOut, WebhookChanges, WebhookIn, WebhookOut, WebhookWithSecret

router = Router(tags=["Webhooks"])
WEBHOOK_PATH = "/webhooks/{uuid:webhook_id}"
DELIVERY_PATH = f"{WEBHOOK_PATH}/deliveries/{{uuid:delivery_id}}"


def visible(request: Request, webhook_id: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.visible_to(request.user), pk=webhook_id)


def visible_delivery(request: Request, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    deliveries = Delivery.objects.filter(webhook=visible(request, webhook_id)).select_related("webhook")
    return get_object_or_404(deliveries, pk=delivery_id)


@router.get("/webhooks", response=list[WebhookOut], summary="List webhooks")
@paginate(Pages)
def list_webhooks(request: Request):
    """Your own, the newest first."""
    return Webhook.objects.visible_to(request.user)


@router.post("/webhooks", response={201: WebhookWithSecret}, summary="Create a webhook", errors=[409], takes_long=True)
def create_webhook(request: Request, response: HttpResponse, body: WebhookIn):
    """The answer has the secret that verifies messages; it is shown only here."""
    form = WebhookForm(body.dict(), instance=Webhook(owner=request.user))
    if not form.is_valid():
        raise rejection(form)
    begin_work()  # after the name of its address was looked up
    webhook = form.save(commit=False)
    service.create(webhook)
    response["Location"] = reverse("api:get_webhook", args=[webhook.pk])
    return Status(201, webhook)


@router.get(WEBHOOK_PATH, response=WebhookOut, summary="Show a webhook")
def get_webhook(request: Request, webhook_id: UUID):
    """One of your own."""
    return visible(request, webhook_id)


@router.patch(WEBHOOK_PATH, response=WebhookOut, summary="Change a webhook")
def change_webhook(request: Request, webhook_id: UUID, changes: WebhookChanges):
    """Its address, description or events; or turn it off, or on again."""
    webhook = visible(request, webhook_id)
    changed = changes.dict(exclude_none=True)
    is_active = changed.pop("is_active", webhook.is_active)
    if changed:
        form = WebhookForm({**WebhookForm(instance=webhook).initial, **changed}, instance=webhook)
        if not form.is_valid():
            raise rejection(form)
    with transaction.atomic():
        webhook.save(update_fields=list(WebhookForm.Meta.fields))
        if is_active != webhook.is_active:
            service.switch(webhook, on=is_active)
    return webhook


@router.delete(WEBHOOK_PATH, summary="Delete a webhook")
def delete_webhook(request: Request, webhook_id: UUID):
    """Its deliveries are deleted too, and what waits is not sent."""
    visible(request, webhook_id).delete()


@router.post(f"{WEBHOOK_PATH}/secret", response=WebhookWithSecret, summary="Replace the secret of a webhook")
def rotate_secret(request: Request, webhook_id: UUID):
    """For 24 hours messages are signed with both. The answer has the new one; it is shown only here."""
    webhook = visible(request, webhook_id)
    service.rotate(webhook)
    return webhook


@router.post(f"{WEBHOOK_PATH}/test", response={202: DeliveryOut}, summary="Test a webhook", errors=[409])
def test_webhook(request: Request, response: HttpResponse, webhook_id: UUID):
    """Send it the event `webhook.test`, once. `Location` is where to see what came of it."""
    delivery = service.test(visible(request, webhook_id))
    return _under_way(response, delivery)


@router.get(f"{WEBHOOK_PATH}/deliveries", response=list[DeliveryOut], summary="List deliveries")
@paginate(Pages)
def list_deliveries(request: Request, webhook_id: UUID):
    """The newest first. They are kept for 30 days."""
    return Delivery.objects.filter(webhook=visible(request, webhook_id))


@router.get(DELIVERY_PATH, response=DeliveryOut, summary="Show a delivery")
def get_delivery(request: Request, webhook_id: UUID, delivery_id: UUID):
    """With the beginning of the last answer."""
    return visible_delivery(request, webhook_id, delivery_id)


@router.post(f"{DELIVERY_PATH}/repeat", response={202: DeliveryOut}, summary="Repeat a delivery", errors=[409])
def repeat_delivery(request: Request, response: HttpResponse, webhook_id: UUID, delivery_id: UUID):
    """Send it again, with the same `webhook-id` and what the API says now."""
    delivery = visible_delivery(request, webhook_id, delivery_id)
    service.repeat(delivery)
    return _under_way(response, delivery)


def _under_way(response: HttpResponse, delivery: Delivery) -> Status:
    response["Location"] = reverse("api:get_delivery", args=[delivery.webhook_id, delivery.pk])
    response["Retry-After"] = "1"
    return Status(202, delivery)
