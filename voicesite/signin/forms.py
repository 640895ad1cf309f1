"""allauth's forms with our words and fields, as ACCOUNT_FORMS names them."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voicesite.models import User

NEW_PASSWORD = gettext_lazy("At least 8 characters; not just digits, not your name, and not a common password.")  # noqa: S105


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        self.fields["password"].help_text = ""
        _without_placeholders(self)

    def add_prefix(self, field_name: str) -> str:
        """Keep `username` as the name in requests, which password managers know."""
        return super().add_prefix("username" if field_name == "login" else field_name)

    def user_credentials(self) -> dict[str, str]:
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


class _NewPassword(forms.Form):
    """A form that sets a password offers to revoke the API keys too: whoever knew the password may have made some."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label, self.fields["password2"].label = _("New password"), _("Confirm new password")
        self.fields["password1"].help_text = NEW_PASSWORD
        if "oldpassword" in self.fields:
            self.fields["oldpassword"].label, self.fields["oldpassword"].help_text = _("Current password"), ""
        if count := self._keys().count():
            what = _("your API key") if count == 1 else _("all {count} of your API keys").format(count=count)
            self.fields["revokes_keys"] = forms.BooleanField(
                label=_("Also revoke {what}").format(what=what),
                required=False,
                help_text=_(
                    "They go on working with the new password. Revoke them if somebody else may know the old one."
                ),
            )
        _without_placeholders(self)

    def save(self) -> None:
        super().save()  # type: ignore[misc]  # of the form that this is mixed into
        if self.cleaned_data.get("revokes_keys"):
            self._keys().update(revoked_at=timezone.now())

    def _keys(self):
        return self.user.api_keys.filter(revoked_at=None) if self.user else User.objects.none()


class ChangePasswordForm(_NewPassword, allauth.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """Count wrong ones as at the sign-in page: a session that somebody found open must not guess for free."""
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise get_adapter().validation_error("enter_current_password")
        return self.cleaned_data["oldpassword"]


class SetPasswordForm(_NewPassword, allauth.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_NewPassword, allauth.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)

    def clean_email(self) -> str:
        self.users = list(User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True))
        return self.cleaned_data["email"]


class ConfirmPasswordForm(allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        _without_placeholders(self)


def _without_placeholders(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
