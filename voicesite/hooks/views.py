"""Webhooks on pages: the section of the account page, a page to add one, and one of each with its deliveries."""

import uuid

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from voicesite.jobs.job import State
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import service
from .deliveries import KEPT_DAYS
from .events import EVENTS
from .forms import WebhookForm
from .models import Delivery, Webhook

SHOWN_DELIVERIES = 30


def account_section(request: Request) -> str:
    """Return the part of the account page about webhooks."""
    newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-created_at")
    last = {f"last_{name}": Subquery(newest.values(name)[:1]) for name in ("state", "event", "created_at", "error")}
    webhooks = Webhook.objects.visible_to(request.user).annotate(**last)
    return render_to_string("hooks/_webhooks_of_account.html", {"webhooks": webhooks, "State": State}, request)


@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
@sensitive_variables("webhook")
def new(request: Request) -> HttpResponse:
    """Show the form of a new webhook; make it and show its secret, once: without a redirect, as for a key."""
    form = WebhookForm(request.POST or None, instance=Webhook(owner=request.user, events=list(EVENTS)))
    if request.method == "POST" and form.is_valid():
        webhook = form.save(commit=False)
        try:
            service.create(webhook)
        except Rejected as rejected:
            form.add_error(None, translated(rejected.message))
        else:
            return render(request, "hooks/secret.html", {"webhook": webhook})
    status = 422 if request.method == "POST" else 200
    return render(request, "hooks/form.html", {"form": form}, status=status)


@require_safe
def detail(request: Request, pk: uuid.UUID) -> HttpResponse:
    webhook = _own(request, pk)
    deliveries = Delivery.objects.filter(webhook=webhook)[:SHOWN_DELIVERIES]
    told = [EVENTS[name].words for name in webhook.events if name in EVENTS]
    context = {"webhook": webhook, "deliveries": deliveries, "told": told, "days": KEPT_DAYS, "State": State}
    return render(request, "hooks/detail.html", context)


@require_POST
def test(request: Request, pk: uuid.UUID) -> HttpResponse:
    webhook = _own(request, pk)
    try:
        service.test(webhook)
        messages.success(request, _("A test is on its way. Reload this page to see what came of it."))
    except Rejected as rejected:
        messages.error(request, translated(rejected.message))
    return redirect("webhooks:detail", webhook.pk)


@require_POST
@cache_control(no_store=True)
@sensitive_variables("webhook")
def rotate(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Replace the secret and show the new one, once."""
    webhook = _own(request, pk)
    service.rotate(webhook)
    return render(request, "hooks/secret.html", {"webhook": webhook, "is_new": True})


@require_POST
def switch(request: Request, pk: uuid.UUID) -> HttpResponse:
    webhook = _own(request, pk)
    service.switch(webhook, on=request.POST.get("on") == "1")
    messages.success(request, _("It’s on.") if webhook.is_active else _("It’s off: nothing is sent to it."))
    return redirect("webhooks:detail", webhook.pk)


@require_POST
def delete(request: Request, pk: uuid.UUID) -> HttpResponse:
    _own(request, pk).delete()
    messages.success(request, _("The webhook is deleted."))
    return redirect(reverse("account") + "#webhooks")


@require_POST
def repeat(request: Request, pk: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    webhook = _own(request, pk)
    try:
        service.repeat(get_object_or_404(Delivery.objects.select_related("webhook"), webhook=webhook, pk=delivery))
        messages.success(request, _("It’s on its way again."))
    except Rejected as rejected:
        messages.error(request, translated(rejected.message))
    return redirect("webhooks:detail", webhook.pk)


def _own(request: Request, pk: uuid.UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.editable_by(request.user), pk=pk)
