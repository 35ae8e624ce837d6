"""Who may submit an update, and for whom: the one place that answers it, for pages, drafts and commands alike."""

from collections.abc import Iterable
from typing import Protocol

from partners.models import Partner, User
from partners.permissions import partners_of


class LeadPartner(Protocol):
    """A partner as the plan has it at its moment."""

    row_id: int

    @property
    def is_everyone(self) -> bool: ...


def speaks_for(user: User, lead_partners: Iterable[LeadPartner]) -> set[int]:
    """The keys of the partners for whom `user` may submit an update on an action that these partners lead.

    City Growth staff speak for any of its leads, and for any partner where it has none. A partner lead speaks for
    their own partners among the leads; where all partners lead together, for each of their own. Nobody else speaks.
    """
    leads = list(lead_partners)
    if not user.is_active:
        return set()
    if user.is_staff:
        return {lead.row_id for lead in leads} or set(Partner.objects.values_list("pk", flat=True))
    own = set(partners_of(user))
    return own if any(lead.is_everyone for lead in leads) else own & {lead.row_id for lead in leads}


def may_submit(user: User, lead_partners: Iterable[LeadPartner]) -> bool:
    """Whether `user` may submit an update on an action that these partners lead."""
    return user.is_active and (user.is_staff or bool(speaks_for(user, lead_partners)))


def partners_for(user: User, lead_partners: Iterable[LeadPartner]) -> list[Partner]:
    """The partners of `speaks_for`, in order of their names."""
    keys = speaks_for(user, lead_partners)
    if not user.is_staff:
        return [partner for key, partner in partners_of(user).items() if key in keys]
    return list(Partner.objects.filter(pk__in=keys))
