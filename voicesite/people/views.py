"""The account page: one's profile, API keys and, to staff, invitations."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import middleware as django_auth
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from voicesite import logs
from voicesite.address.links import absolute_url
from voicesite.models import ApiKey, Invitation, User

from .account_sections import personal_sections, program_sections
from .keys import MAX_KEYS, KeyForm, TooManyKeys, issue
from .requests import Request, page_before


class SetupMiddleware:
    """Redirect to /setup/, where the administrator's account is made, while the site has no user.

    Programs are told so by what authenticates them (voicesite/web/rest.py): they would take the page for an answer.
    """

    OPEN = (
        *("/setup/", "/static/", "/api/", "/v1/", "/mcp", "/metrics", "/licences/", "/listen/", "/robots.txt"),
        *("/manifest.webmanifest", "/service-worker.js", "/offline/"),
    )

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

    def process_view(self, request, view_func, view_args, view_kwargs):
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is None and getattr(view_func, "login_required", True):
            logs.bind(person=request.user.pk)
        return refusal

    def handle_no_permission(self, request, view_func):
        if request.headers.get("HX-Request") or not request.accepts("text/html"):
            return HttpResponse(status=401)
        if request.method not in ("GET", "HEAD"):  # signed in again, they are back at the form: this address is no page
            messages.info(request, _("You were signed out, so that was not done. Sign in, then do it again."))
            return redirect_to_login(page_before(request))
        return super().handle_no_permission(request, view_func)


class ProfileForm(forms.ModelForm):
    ui_language = forms.ChoiceField(
        label=_("Language of the pages"),
        choices=[("", _("The browser’s language")), *settings.LANGUAGES],
        required=False,
        help_text=_("Mails that we send you are in it too."),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "ui_language", "takes_mails")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not settings.SENDS_MAIL:
            del self.fields["takes_mails"]


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ("note",)
        labels = {"note": _("Who it’s for")}
        help_texts = {"note": _("So you can tell links apart later.")}


@require_http_methods(["GET", "POST"])
def account(request: Request) -> HttpResponse:
    """Show and change one's own profile; the page also shows API keys and, to staff, invitations."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        if form.cleaned_data["ui_language"]:
            translation.activate(form.cleaned_data["ui_language"])  # the middleware takes it back after this request
        messages.success(request, _("Saved."))
        return redirect("account")
    return account_page(request, form=form, status=422 if form.errors else 200)


def account_page(request: Request, *, status: int = 200, **forms: forms.BaseForm) -> HttpResponse:
    """Render the account page; `forms` are forms with errors, which replace the empty ones."""
    context: dict = {
        "form": ProfileForm(instance=request.user),
        "key_form": KeyForm(),
        "keys": request.user.api_keys.filter(revoked_at=None),
        "personal_sections": [section(request) for section in personal_sections],
        "program_sections": [section(request) for section in program_sections],
    } | forms
    if may_invite(request.user):
        context["invitations"] = [
            (invitation, absolute_url(request, reverse("join", args=[invitation.token])))
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
        messages.success(request, _("Here’s your new link. It works once and expires in two weeks."))
    return redirect(reverse("account") + "#invitations")


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(Invitation, pk=pk, created_by=request.user, used_by=None).delete()
    messages.success(request, _("The link no longer works."))
    return redirect(reverse("account") + "#invitations")


@require_POST
@cache_control(no_store=True)
@sensitive_variables("secret")
def make_key(request: Request) -> HttpResponse:
    """Make an API key and show its secret, once: there is no redirect, since the secret must be stored nowhere."""
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            key, secret = issue(request.user, **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("You already have a key of this name."))
        except TooManyKeys:
            form.add_error(
                None,
                _("You have {max_keys} keys, which is the limit. Revoke one you no longer use.").format(
                    max_keys=MAX_KEYS
                ),
            )
        else:
            return render(request, "accounts/key.html", {"key": key, "secret": secret})
    return account_page(request, key_form=form, status=422)


@require_POST
def revoke_key(request: Request, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk, owner=request.user, revoked_at=None)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    messages.success(request, _("The key “{name}” no longer works.").format(name=key.name))
    return redirect(reverse("account") + "#keys")
