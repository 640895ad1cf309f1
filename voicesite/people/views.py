"""Accounts: the first one on /setup/, registration and invitations, the profile and its API keys."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import middleware as django_auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import UserCreationForm
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from voicesite.models import ApiKey, Invitation, User

from .account_sections import account_sections
from .keys import MAX_KEYS, KeyForm, TooManyKeys, issue
from .requests import Request


class SetupMiddleware:
    """Redirect to /setup/, where the administrator's account is made, while the site has no user."""

    OPEN = ("/setup/", "/static/", "/api/health", "/licences/")

    def __init__(self, get_response):
        self.get_response = get_response
        self.founded = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Once there is a user, no query is needed: a site never loses its last one.
        if not self.founded and not request.path.startswith(self.OPEN):
            self.founded = User.objects.exists()
            if not self.founded:
                return redirect("setup")
        return self.get_response(request)


class LoginRequiredMiddleware(django_auth.LoginRequiredMiddleware):
    """Redirect to the sign-in page, but answer a page's script with 401, so that the page keeps its content and says why."""

    def handle_no_permission(self, request, view_func):
        if request.headers.get("HX-Request") or not request.accepts("text/html"):
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)


class RegistrationForm(UserCreationForm):
    email = forms.EmailField(required=False, help_text="Only for resetting your password.")

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")
        error_messages = {"username": {"unique": "Someone already has this name. Choose another."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = ""
        self.fields["password1"].help_text = "At least 8 characters, not only digits, not a common one."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""


ProfileForm = forms.modelform_factory(User, fields=("first_name", "last_name", "email"))
InvitationForm = forms.modelform_factory(
    Invitation, fields=("note",), labels={"note": "For whom"}, help_texts={"note": "To recognise the link later."}
)


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
        founder.is_founder = founder.is_staff = founder.is_superuser = True
        try:
            with transaction.atomic():
                founder.save()
        except IntegrityError:  # by the constraint on is_founder another request was first
            messages.error(request, "Someone else set this site up a moment ago. Ask them to invite you.")
            return redirect("login")
        login(request, founder)
        return redirect(settings.LOGIN_REDIRECT_URL)
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
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save()
            if invitation and not Invitation.objects.valid().filter(pk=invitation.pk).update(used_by=user):
                transaction.set_rollback(True)
                return render(request, "accounts/invitation_spent.html", status=404)
        login(request, user)
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/register.html", {"form": form, "invitation": invitation})


@require_http_methods(["GET", "POST"])
def account(request: Request) -> HttpResponse:
    """Show and change one's own profile; the page also shows API keys and, to staff, invitations."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    return account_page(request, form=form, status=422 if form.errors else 200)


def account_page(request: Request, *, status: int = 200, **forms: forms.BaseForm) -> HttpResponse:
    """Render the account page; `forms` are forms with errors, which replace the empty ones."""
    context: dict = {
        "form": ProfileForm(instance=request.user),
        "key_form": KeyForm(),
        "keys": request.user.api_keys.filter(revoked_at=None),
        "sections": [section(request.user) for section in account_sections],
    } | forms
    if may_invite(request.user):
        context["invitations"] = [
            (invitation, request.build_absolute_uri(reverse("join", args=[invitation.token])))
            for invitation in Invitation.objects.valid().filter(created_by=request.user)
        ]
        context["invitation_form"] = InvitationForm()
    return render(request, "accounts/account.html", context, status=status)


def may_invite(user: User) -> bool:
    return user.is_staff and settings.REGISTRATION != "closed"


@require_POST
def invite(request: Request) -> HttpResponse:
    """Make an invitation link. Staff only."""
    if not may_invite(request.user):
        raise Http404
    form = InvitationForm(request.POST, instance=Invitation(created_by=request.user))
    if form.is_valid():
        form.save()
        messages.success(request, "Here is the new link. It works once, for two weeks.")
    return redirect(reverse("account") + "#invitations")


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(Invitation, pk=pk, created_by=request.user, used_by=None).delete()
    messages.success(request, "The link no longer works.")
    return redirect(reverse("account") + "#invitations")


@require_POST
@cache_control(no_store=True)
@sensitive_variables("secret")
def make_key(request: Request) -> HttpResponse:
    """Make an API key and show its secret, once: there is no redirect, since the secret must be stored nowhere."""
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            key, secret = issue(request.user, form.cleaned_data["name"], form.cleaned_data["scopes"])
        except IntegrityError:
            form.add_error("name", "You already have a key of this name.")
        except TooManyKeys:
            form.add_error(None, f"You have {MAX_KEYS} keys. Revoke one that nothing uses any more.")
        else:
            return render(request, "accounts/key.html", {"key": key, "secret": secret})
    return account_page(request, key_form=form, status=422)


@require_POST
def revoke_key(request: Request, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk, owner=request.user, revoked_at=None)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    messages.success(request, f"The key “{key.name}” no longer works.")
    return redirect(reverse("account") + "#keys")
