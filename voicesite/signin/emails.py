"""The e-mail address of an account: one, unique, and confirmed by a link where the site sends mail.

allauth keeps addresses in a table of its own, several for each account; two places would have to agree on who gets a link
to a new password. So the address is `User.email`, and a new one waits in the signed link to itself.
"""

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from voicesite.address.links import absolute_url
from voicesite.limits import rates
from voicesite.models import User
from voicesite.people.requests import Request

from . import guesses

SALT = "voicesite.signin.emails"
LASTS = 3 * 24 * 3600  # seconds that a link works
MAILS = 5  # to an address, and by a person, in guesses.WINDOW


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("New email"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Leave it empty to have none."),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        if not get_adapter().reauthenticate(self.person, self.cleaned_data["password"]):
            raise get_adapter().validation_error("incorrect_password")
        return self.cleaned_data["password"]


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change(request: Request) -> HttpResponse:
    """Change one's address, with the password: at once, or where mail is sent when the link to the new one is opened."""
    form = EmailForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        new = form.cleaned_data["email"]
        try:
            if settings.SENDS_MAIL and new:
                ask(request, request.user, new)
                messages.success(
                    request, _("Open the link that we sent to {new}. Until then, nothing changes.").format(new=new)
                )
            else:
                _set(request, request.user, new)
                messages.success(request, _("Saved."))
            return redirect("account")
        except ValidationError as error:
            form.add_error("email", error)
    context = {"form": form, "sends_mail": settings.SENDS_MAIL}
    return render(request, "accounts/email.html", context, status=422 if form.errors else 200)


def ask(request: HttpRequest, person: User, new: str) -> None:
    """Send a link to an address that is to be a person's. Raises TooMany.

    Whose address it is already is told so there: the page says the same in both cases.
    """
    for whose in (f"person:{person.pk}:email", f"email:{new.casefold()}"[:80]):
        if rates.count(rates.Limit("email", whose, MAILS, guesses.WINDOW)).is_refused:
            raise guesses.TooMany(_("Too many mails. Try again in a quarter of an hour."))
    if User.objects.exclude(pk=person.pk).filter(email__iexact=new).exists():
        reset = absolute_url(request, reverse("account_reset_password"))
        get_adapter().send_mail("account/email/address_taken", new, {"link": reset})
        return
    token = signing.dumps([person.pk, person.email, new], salt=SALT, compress=True)
    link = absolute_url(request, reverse("confirm_email", args=[token]))
    get_adapter().send_mail("account/email/address_confirm", new, {"user": person, "link": link})


@login_not_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Take the address that a link was sent to. It is a button, as programs that read mails open links."""
    try:
        pk, old, new = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return render(request, "accounts/email_confirm.html", status=404)
    person = User.objects.filter(pk=pk, email=old, is_active=True).first()
    if person is None:
        return render(request, "accounts/email_confirm.html", status=404)
    if request.method == "POST":
        try:
            _set(request, person, new)
        except ValidationError:
            return render(request, "accounts/email_confirm.html", status=404)
        messages.success(request, _("{new} is the email of your account now.").format(new=new))
        return redirect("account")
    return render(request, "accounts/email_confirm.html", {"person": person, "new": new})


def _set(request: HttpRequest, person: User, new: str) -> None:
    old = person.email
    person.email = new
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
    except IntegrityError:
        raise ValidationError(_("Another account has this email.")) from None
    if old and old.casefold() != new.casefold():
        get_adapter(request).send_notification_mail("account/email/address_changed", person, {"new": new}, old)
