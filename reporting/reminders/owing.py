"""Who owes what: the measures awaited in the open period, by the people who may report on them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from actions.models.known import KnownAction, lead_keys
from actions.permissions import speaks_for
from actions.plan import Plan
from outbox.models import refused_addresses
from partners.models import PartnerVersion, User
from reporting.models import NotMe

NO_LEAD = "No lead partner"
NO_ACCOUNT = "Nobody has an account"
NO_MAILBOX = "The mail server refuses the address"
NOT_THEIRS = "Everybody said someone else should submit the updates"


@dataclass
class Debt:
    """What one person owes, as keys of measures in the order of their numbers. `paused`: they said “not you”."""

    person: User
    own: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)
    paused: list[int] = field(default_factory=list)
    is_refused: bool = False

    @property
    def is_shared_only(self) -> bool:
        """Nothing but actions that all partners lead together."""
        return not self.own and bool(self.shared)

    @property
    def measures(self) -> list[int]:
        return [*self.own, *self.shared]


@dataclass(frozen=True)
class Unreached:
    """A measure that nobody can be reminded of, and why."""

    measure: int
    leads: str
    why: str


@dataclass
class Owing:
    """Everybody who owes something, by name, and what nobody can be reminded of."""

    debts: list[Debt]
    unreached: list[Unreached]

    @cached_property
    def awaited(self) -> int:
        """How many measures are awaited."""
        keys = {key for debt in self.debts for key in (*debt.measures, *debt.paused)}
        return len(keys | {one.measure for one in self.unreached})


def owing(plan: Plan) -> Owing:
    """What is awaited, and from whom. A fixed number of queries, and of the plan nothing but keys."""
    leads = dict(plan.actions().order_by().filter(plan.awaited).values_list("action", "leads"))
    measures = _awaited(plan, leads)
    debts = {person.pk: Debt(person) for person in _leads()}
    refused = refused_addresses() if debts else set()
    for debt in debts.values():
        debt.is_refused = debt.person.email.lower() in refused
    paused = set(NotMe.objects.exclude(decision=NotMe.Decision.DISMISSED).values_list("measure", "person"))
    partners = {partner.row_id: partner for partner in plan.partners}
    lead_partners = {text: [partners[key] for key in lead_keys(text)] for text in set(leads.values())}
    people = {text: _speaking(debts.values(), found) for text, found in lead_partners.items()}
    unreached = []
    for measure, action in measures:
        text = leads[action]
        if why := _assign(measure, people[text], lead_partners[text], paused):
            names = "/".join(partner.name for partner in lead_partners[text])
            unreached.append(Unreached(measure, names, why))
    return Owing([debt for debt in debts.values() if debt.measures or debt.paused], unreached)


def owing_on(owed: Owing, plan: Plan, actions: "QuerySet[KnownAction]") -> Owing:
    """The people who owe something on one of `actions`, each with everything they owe."""
    rows = plan.measures().order_by().filter(action__in=actions.order_by().values("action"))
    wanted = set(rows.values_list("measure", flat=True))
    return Owing(
        [debt for debt in owed.debts if wanted & {*debt.measures, *debt.paused}],
        [one for one in owed.unreached if one.measure in wanted],
    )


def _awaited(plan: Plan, leads: dict[int, str]) -> list[tuple[int, int]]:
    """Keys of measure and action, in the order of their numbers."""
    numbers = dict(plan.actions().order_by().filter(plan.awaited).values_list("action", "number"))
    rows = plan.measures().order_by().filter(plan.measure_awaited).values_list("measure", "action", "order")
    found = [(numbers[action], order, measure, action) for measure, action, order in rows if action in leads]
    return [(measure, action) for _, _, measure, action in sorted(found)]


def _leads() -> "QuerySet[User]":
    """Everybody who may report, by name, with their partners."""
    people = User.objects.filter(is_active=True, role=User.Role.LEAD, partners__isnull=False).distinct()
    return people.prefetch_related("partners").order_by("name", "email")


def _speaking(debts: Iterable[Debt], leads: list[PartnerVersion]) -> list[Debt]:
    return [debt for debt in debts if speaks_for(debt.person, leads)]


def _assign(
    measure: int, people: list[Debt], leads: list[PartnerVersion], paused: set[tuple[int, int]]
) -> str:
    """Put the measure down for everybody who may report on it. Returns why nobody can be reminded, if so."""
    is_shared = any(partner.is_everyone for partner in leads)
    for debt in people:
        if (measure, debt.person.pk) in paused:
            debt.paused.append(measure)
        else:
            (debt.shared if is_shared else debt.own).append(measure)
    if not leads:
        return NO_LEAD
    if not people:
        return NO_ACCOUNT
    asked = [debt for debt in people if (measure, debt.person.pk) not in paused]
    if not asked:
        return NOT_THEIRS
    return "" if any(not debt.is_refused for debt in asked) else NO_MAILBOX
