"""What needs attention today: each kind of line has one provider, and the page concatenates them, worst first.

A provider takes the plan and which of its lines to read, and returns a Section: how many lines there are, and those.
A new kind of line is one more function in PROVIDERS.
"""

from actions.plan import Plan
from reporting.today.due import exceptions_since_yesterday, next_thing, periods_to_handle, who_owes
from reporting.today.lines import AT_MOST, Provider, Section
from reporting.today.requests import (
    decisions,
    expired_invitations,
    handed_over,
    incomplete_actions,
    questions_answered,
    unconfirmed_leads,
    unsent_mails,
    without_organisation,
)

__all__ = ["next_thing", "section_of", "sections_of"]

FIRST = slice(0, AT_MOST)
PROVIDERS: tuple[Provider, ...] = (
    periods_to_handle,
    exceptions_since_yesterday,
    who_owes,
    decisions,
    handed_over,
    questions_answered,
    unsent_mails,
    expired_invitations,
    incomplete_actions,
    unconfirmed_leads,
    without_organisation,
)
BY_SLUG: dict[str, Provider] = {
    "exceptions": exceptions_since_yesterday,
    "awaited": who_owes,
    "decisions": decisions,
    "answers": questions_answered,
    "incomplete": incomplete_actions,
    "organisations": without_organisation,
}


def sections_of(plan: Plan) -> list[Section]:
    """Every kind that has a line, with its first lines."""
    found = [provider(plan, FIRST) for provider in PROVIDERS]
    return [section for section in found if section.count]


def section_of(plan: Plan, slug: str, part: slice) -> Section | None:
    """The lines `part` of one kind, by the slug in its address."""
    provider = BY_SLUG.get(slug)
    return provider(plan, part) if provider else None
