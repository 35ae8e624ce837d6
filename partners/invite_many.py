"""Inviting many people at once, from lines that staff paste."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.text import slugify

from partners import invitations
from partners.models import Invitation, Partner, User

LINES_AT_MOST = 200
IN_BRACKETS = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^<>]*)>[\s,;]*(?P<partner>.*)$")
PLAIN = re.compile(r"^(?P<email>[^,;\t]*)[,;\t]?(?P<partner>.*)$")


@dataclass(frozen=True)
class Line:
    """A pasted line: whom it invites for which partner, or what is wrong with it."""

    number: int
    text: str
    email: str = ""
    name: str = ""
    partner: Partner | None = None
    fault: str = ""


class Known:
    """What is known of some addresses: their accounts and the invitations that wait. Three queries for any number."""

    def __init__(self, emails: Iterable[str]) -> None:
        wanted = {email.lower() for email in emails}
        people = User.objects.annotate(lower=Lower("email")).filter(lower__in=wanted)
        self.people = {user.email.lower(): user for user in people.prefetch_related("partners")}
        waiting = Invitation.objects.waiting().annotate(lower=Lower("email")).filter(lower__in=wanted)
        self.waiting = set(waiting.values_list("lower", "partner"))

    def why_not(self, email: str, partner: Partner | None) -> str:
        """Why this address cannot be invited for the partner; empty if it can."""
        user = self.people.get(email.lower())
        if user and not user.is_active:
            return "This person’s account is closed. Reopen it under People first."
        if user and not user.is_lead:
            return f"This person already has an account as {user.get_role_display()}. A person has one role."
        if user and partner in user.partners.all():
            return f"This person already submits updates for {partner}."
        if partner and (email.lower(), partner.pk) in self.waiting:
            return "This person already has an invitation for this partner. Send that one again."
        return ""


def parse_lines(text: str, *, partner_for_all: Partner | None = None) -> list[Line]:
    """Read “Name <address>, partner”, “address, partner” or an address alone. Five queries for any number of lines.

    Reports every fault. Blank lines are skipped and counted.
    """
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    given = [(number, line, _parts(line)) for number, line in numbered if line]
    known = Known(email for _, _, (_, email, _) in given)
    partners = {key: one for one in invitable() for key in (one.slug, _plain(one.name))}
    seen: dict[tuple[str, int], int] = {}
    found = []
    for number, line, (name, email, wanted) in given:
        partner = partners.get(_plain(wanted)) if wanted else partner_for_all
        fault = _fault(email, wanted, partner, known)
        if not fault and partner:
            first = seen.setdefault((email, partner.pk), number)
            fault = f"The same person and partner as line {first}." if first != number else ""
        found.append(Line(number, line, email, name, partner, fault))
    return found


def invitable() -> list[Partner]:
    """The partners that somebody can submit updates for."""
    return list(Partner.objects.present().exclude(kind=Partner.Kind.EVERYONE))


def _parts(line: str) -> tuple[str, str, str]:
    """Name, address and partner, as typed."""
    found = IN_BRACKETS.match(line) or PLAIN.match(line)
    parts = found.groupdict() if found else {}
    name = parts.get("name", "").strip().strip("\"'").strip()
    return name[:200], parts.get("email", "").strip().lower(), parts.get("partner", "").strip()


def _plain(name: str) -> str:
    return slugify(name.replace(" and ", " "))


def _fault(email: str, wanted: str, partner: Partner | None, known: Known) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return f"“{email}” is not an e-mail address." if email else "There is no e-mail address."
    if wanted and partner is None:
        return f"“{wanted}” is not a partner in this portal."
    if partner is None:
        return "There is no partner. Add one after a comma, or choose a partner for lines without one."
    return known.why_not(email, partner)


@transaction.atomic
def invite_many(*, lines: Iterable[Line], by: User) -> list[Invitation]:
    """Create an invitation for each line without a fault, and put its e-mail in the outbox: all or none."""
    made = [
        Invitation.objects.create(email=line.email, name=line.name, partner=line.partner, invited_by=by)
        for line in lines
        if line.partner and not line.fault
    ]
    for invitation in made:
        invitations.send(invitation)
    return made
