"""django-allauth's passkey forms, with a credential that is no credential told as an error and not as a fault."""

from typing import Any

from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError

BROKEN = (KeyError, TypeError, ValueError, AttributeError)
MESSAGE = "This passkey could not be read. Try again."


class LoginForm(forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except BROKEN as error:
            raise ValidationError(MESSAGE) from error


class ReauthenticateForm(forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except BROKEN as error:
            raise ValidationError(MESSAGE) from error


class AddForm(forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean(self) -> Any:
        try:
            return super().clean()
        except BROKEN as error:
            raise ValidationError(MESSAGE) from error
