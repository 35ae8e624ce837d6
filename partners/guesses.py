"""Ten wrong guesses in five minutes an account, whatever is guessed (password, code) and wherever from.

An address on the internet says little: an office shares one, an attacker has many, and a header can be made up. So
guesses are counted for the account, known or unknown, in slots of the shared cache. `cache.add` takes a slot before
the guess is looked at, so guesses made at the same moment cannot pass together; a right guess gives its slot back.
"""

import math
import time
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache
from django.core.exceptions import ValidationError

from partners.models import User
from web.events import event

AT_MOST, SECONDS = 10, 5 * 60


class TooManyGuesses(ValidationError):
    """The account has no guess left. The message says how long to wait."""


@dataclass(frozen=True)
class Guess:
    """A guess that may be looked at. It counts until `right` or until its five minutes are over."""

    slot: str
    account: str
    method: str

    def right(self) -> None:
        cache.delete(self.slot)

    def wrong(self) -> None:
        event("sign_in_failed", user=_key_of(self.account), method=self.method)


def take(account: str, method: str) -> Guess:
    """Take one of the guesses of the account with this e-mail address. Raises TooManyGuesses."""
    name = sha256(account.strip().lower().encode()).hexdigest()[:32]
    slots = [f"guess:{name}:{number}" for number in range(AT_MOST)]
    taken = cache.get_many(slots)
    for slot in slots:
        if slot not in taken and cache.add(slot, time.time(), SECONDS):
            return Guess(slot, account, method)
    event("sign_in_blocked", user=_key_of(account), method=method)
    raise TooManyGuesses(_wait(cache.get_many(slots).values()))


def _wait(taken: object) -> str:
    first = min(taken, default=time.time())  # type: ignore[call-overload]  # the times in the cache
    minutes = max(1, math.ceil((first + SECONDS - time.time()) / 60))
    return (
        f"Too many incorrect attempts for this account. Try again in {minutes} minute{'s' * (minutes > 1)}."
    )


def _key_of(account: str) -> int | None:
    """The key of the person with this address. Looked up for unknown addresses too, so that both take as long."""
    return User.objects.filter(email__iexact=account.strip()).values_list("pk", flat=True).first()
