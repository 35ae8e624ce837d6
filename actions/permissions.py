"""Who may submit an update, and for which partner: used by pages, drafts and commands."""

from collections.abc import Iterable
from typing import Protocol

from partners.models import Partner, User
from partners.permissions import partners_of


class LeadPartner(Protocol):
    """A partner, as the plan knows it at its moment."""

    row_id: int

    @property
    def is_everyone(self) -> bool: ...


def speaks_for(user: User, lead_partners: Iterable[LeadPartner]) -> set[int]:
    """The keys of the partners for which `user` may submit updates on an action with these leads.

    City Growth staff: any of the leads, or any partner if there are none. A partner lead: their own partners among
    the leads, or all of their own where all partners lead together. Everybody else: none.
    """
    leads = list(lead_partners)
    if not user.is_active:
        return set()
    if user.is_staff:
        return {lead.row_id for lead in leads} or set(Partner.objects.present().values_list("pk", flat=True))
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
