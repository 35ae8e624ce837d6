"""allauth's forms for codes, counting guesses for the account (`partners.guesses`)."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from partners import guesses


class CodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, account: str = "", **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean_code(self) -> Any:
        guess = guesses.take(self.account, "code")
        try:
            code = super().clean_code()
        except ValidationError:
            guess.wrong()
            raise
        guess.right()
        return code


class CountsGuesses:
    """For the forms that ask for the code of an authenticator app, or for a recovery code."""

    user: Any

    def clean_code(self) -> Any:
        guess = guesses.take(self.user.email, "second factor")
        try:
            code = super().clean_code()  # type: ignore[misc]  # the form's
        except ValidationError:
            guess.wrong()
            raise
        guess.right()
        return code


class SecondFactorForm(CountsGuesses, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class SecondFactorAgainForm(CountsGuesses, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass
