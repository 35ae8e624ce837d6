"""Refuses passwords made of words that anybody would guess here (OWASP ASVS 5.0, 6.1.2 and 6.2.11)."""

import re

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

# With the city's name, the words that no password may consist of.
WORDS = (
    "action", "admin", "board", "city", "cluster", "council", "framework", "growth", "invitation", "lead", "measure",
    "meeting", "outcome", "partner", "password", "portal", "progress", "report", "staff", "status", "strategy",
    "theme", "update", "vital", "welcome",
)  # fmt: skip
LETTERS_OF_THEIR_OWN = 5
ADVICE = "A password with a word such as “strategy”, “council” or the name of the city needs at least 5 other letters."


class LocalWordsValidator:
    """A password with such a word needs other letters too; digits and signs are not enough."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ValidationError."""
        words = sorted({*WORDS, *settings.CITY_NAME.casefold().split()}, key=len, reverse=True)
        folded = password.casefold()
        left = re.sub("|".join(map(re.escape, words)), " ", folded)
        if left != folded and sum(letter.isalpha() for letter in left) < LETTERS_OF_THEIR_OWN:
            raise ValidationError(
                f"This password is too easy to guess. {ADVICE}", code="password_of_local_words"
            )

    def get_help_text(self) -> str:
        return ADVICE
