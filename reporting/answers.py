"""Who has answered in the open period, who has said “no change” and who is silent: by partner and by person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from actions.models import ProgressUpdate
from actions.plan import Plan
from partners.models import PartnerVersion, User


@dataclass
class Answers:
    """Outcome measures by how the open period has been answered for them."""

    answered: int = 0  # by an update with words
    no_change: int = 0
    silent: int = 0

    @property
    def asked(self) -> int:
        return self.answered + self.no_change + self.silent

    def add(self, other: "Answers") -> None:
        self.answered += other.answered
        self.no_change += other.no_change
        self.silent += other.silent


@dataclass
class PersonAnswers:
    """Somebody who reports for a partner: what they submitted in the period, and what their partners still owe."""

    person: User
    submitted: int
    last_reminded: datetime | None
    partners: list[str] = field(default_factory=list)
    silent: int = 0


@dataclass
class PartnerAnswers:
    partner: PartnerVersion
    answers: Answers
    people: list[PersonAnswers] = field(default_factory=list)

    @property
    def list_query(self) -> str:
        return f"lead={self.partner.slug}&awaited=on"


def answers_by_leads(plan: Plan) -> dict[str, Answers]:
    """Answers for each set of leads that some action has, as `KnownAction.leads` writes it. One query."""
    return plan.remember("answers by leads", lambda: _answers_by_leads(plan))


def _answers_by_leads(plan: Plan) -> dict[str, Answers]:
    in_period = Q(reported_at__gte=plan.opens)
    rows = (
        plan.measures()
        .order_by()
        .annotate(leads=plan.of_action("leads"))
        .values("leads")
        .annotate(
            answered=Count("id", filter=in_period & ~Q(update__no_change=True)),
            no_change=Count("id", filter=in_period & Q(update__no_change=True)),
            silent=Count("id", filter=plan.measure_awaited),
        )
    )
    numbers = rows.values_list("leads", "answered", "no_change", "silent")
    return {leads or "": Answers(*counts) for leads, *counts in numbers}


def answers_of(by_leads: Mapping[str, Answers]) -> Answers:
    """All of them, each measure once."""
    total = Answers()
    for answers in by_leads.values():
        total.add(answers)
    return total


def answers_by_partner(plan: Plan, by_leads: Mapping[str, Answers]) -> list[PartnerAnswers]:
    """Every partner that leads something asked for, the most silent first. A joint lead counts under each partner."""
    found: dict[int, Answers] = defaultdict(Answers)
    for leads, answers in by_leads.items():
        for one in leads.split():
            found[int(one[:-1])].add(answers)
    rows = [
        PartnerAnswers(partner, found[partner.row_id])
        for partner in plan.partners
        if partner.row_id in found and found[partner.row_id].asked
    ]
    return sorted(rows, key=lambda row: -row.answers.silent)  # then as the plan has them, by name


def with_people(
    plan: Plan, rows: list[PartnerAnswers], last_reminded: Mapping[int, datetime] | None = None
) -> list[PersonAnswers]:
    """The people who report for these partners, added to each and listed, the most silent first. Two queries.

    `last_reminded` says when each person, by key, was last reminded of the period.
    """
    by_partner = {row.partner.row_id: row for row in rows}
    links: Any = User.partners.through.objects.filter(
        partner__in=list(by_partner), user__is_active=True, user__role=User.Role.LEAD
    )
    links = list(links.select_related("user").order_by("user__name", "user_id", "partner_id"))
    submitted = _submitted(plan, {link.user_id for link in links})
    people: dict[int, PersonAnswers] = {}
    for link in links:
        key, row = link.user_id, by_partner[link.partner_id]
        reminded = (last_reminded or {}).get(key)
        one = people.setdefault(key, PersonAnswers(link.user, submitted.get(key, 0), reminded))
        one.partners.append(row.partner.name)
        one.silent += row.answers.silent
        row.people.append(one)
    return sorted(people.values(), key=lambda one: (-one.silent, one.person.name, one.person.pk))


def _submitted(plan: Plan, people: Iterable[int]) -> dict[int, int]:
    updates: Any = ProgressUpdate.objects.filter(author__in=people, recorded_at__gte=plan.opens).order_by()
    return dict(updates.values_list("author").annotate(Count("id")))
