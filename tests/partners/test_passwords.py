"""Passwords that anybody would guess here."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from partners.passwords import ADVICE

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "password",
    ["strategy-2008", "CITYGROWTH!!2026", "Leicester2026", "boardmeeting1", "partners-31/12", "leadleadlead"],
)
def test_a_password_of_local_words_alone_is_refused(settings: Any, password: str) -> None:
    settings.CITY_NAME = "Leicester"
    with pytest.raises(ValidationError, match="too easy to guess"):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "strategy of nine green bottles",
        "correct horse battery",
        "8271-6253-4418",
        "Ελληνικά κείμενα",
        "leadership-of-owls",
    ],
)
def test_others_are_accepted(settings: Any, password: str) -> None:
    settings.CITY_NAME = "Leicester"
    validate_password(password)


def test_the_name_of_the_city_is_the_one_in_the_settings(settings: Any) -> None:
    settings.CITY_NAME = "Newcastle upon Tyne"
    validate_password("Leicester2026")
    with pytest.raises(ValidationError, match="too easy to guess"):
        validate_password("Newcastle-Tyne-1")
    settings.CITY_NAME = ""
    validate_password("Newcastle-Tyne-1")


def test_the_form_says_so_beforehand() -> None:
    assert ADVICE in password_validators_help_texts()
