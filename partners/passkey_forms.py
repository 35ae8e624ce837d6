"""allauth's passkey forms: a malformed credential becomes a form error instead of a 500."""

from typing import Any

from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError

MALFORMED = (KeyError, TypeError, ValueError, AttributeError)
MESSAGE = "This passkey could not be read. Try again."


class LoginForm(forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except MALFORMED as error:
            raise ValidationError(MESSAGE) from error


class ReauthenticateForm(forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except MALFORMED as error:
            raise ValidationError(MESSAGE) from error


class AddForm(forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        passkey = self.fields["passwordless"]
        passkey.label = "Use it as a passkey"
        passkey.help_text = "You can then sign in with it alone. It asks for your fingerprint, face or PIN."

    def clean(self) -> Any:
        try:
            return super().clean()
        except MALFORMED as error:
            raise ValidationError(MESSAGE) from error
