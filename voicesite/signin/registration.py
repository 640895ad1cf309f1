"""New accounts: the administrator's on /setup/, and others by invitation or, where registration is open, without one."""

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import UserCreationForm
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from voicesite.models import Invitation, User

from . import emails, guesses
from .adapters import INVITATION, AccountAdapter
from .forms import NEW_PASSWORD

_NO_AT = RegexValidator("@", AccountAdapter.error_messages["name_has_at"], inverse_match=True)


class RegistrationForm(UserCreationForm):
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        required=False,
        help_text=gettext_lazy("To reset your password and, if you like, get news of your voices."),
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)  # an address is not the account's before it is confirmed
        error_messages = {"username": {"unique": gettext_lazy("This name is taken. Choose another.")}}

    field_order = ("username", "email")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = ""
        self.fields["username"].validators.append(_NO_AT)  # of this form's copy: older accounts keep such names
        self.fields["password1"].help_text = NEW_PASSWORD
        self.fields["password2"].label = _("Confirm password")
        self.fields["password2"].help_text = ""


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Make the administrator's account, on a site without users."""
    if User.objects.exists():
        raise Http404
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        founder = form.save(commit=False)
        founder.email = form.cleaned_data["email"]
        founder.is_founder = founder.is_staff = founder.is_superuser = True
        try:
            with transaction.atomic():
                founder.save()
        except IntegrityError:  # by the constraint on is_founder another request was first
            messages.error(request, _("Someone else just set up this site. Ask them to invite you."))
            return redirect("account_login")
        return perform_login(request, founder)
    return render(request, "accounts/setup.html", {"form": form})


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, token: str = "") -> HttpResponse:
    """Make an account: by the `token` of an invitation, which works once, or without one where registration is open."""
    if settings.REGISTRATION not in (("open", "invite") if token else ("open",)):
        raise Http404
    invitation = Invitation.objects.valid().filter(token=token).first()
    if token and not invitation:
        return render(request, "accounts/invitation_spent.html", status=404)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if invitation and settings.OIDC_URL:
        request.session[INVITATION] = token
    form = RegistrationForm(request.POST or None)
    if not settings.SENDS_MAIL:
        del form.fields["email"]  # it could not be confirmed
    status = 200
    if request.method == "POST":
        try:
            guesses.count_registration(request)
            if form.is_valid():
                with guesses.hashing(request), transaction.atomic():
                    user = form.save()
                    if invitation and not Invitation.objects.valid().filter(pk=invitation.pk).update(used_by=user):
                        transaction.set_rollback(True)
                        return render(request, "accounts/invitation_spent.html", status=404)
                if address := form.cleaned_data.get("email"):
                    _ask_for(request, user, address)
                return perform_login(request, user)
        except guesses.TooMany as refusal:
            form.full_clean()
            form.add_error(None, refusal)
            status = 429
    return render(request, "accounts/register.html", {"form": form, "invitation": invitation}, status=status)


def _ask_for(request: HttpRequest, user: User, address: str) -> None:
    try:
        emails.ask(request, user, address)
        messages.success(request, _("To use {address}, open the link that we sent there.").format(address=address))
    except guesses.TooMany:
        messages.warning(request, _("Your account has no email yet: add it on this page later."))
