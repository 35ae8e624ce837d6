"""Pieces of rows that many rows share (leads, status tags), rendered once for each version of the plan."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from actions.plan import Plan
from actions.rows import ActionState


@dataclass(frozen=True)
class ShownRow:
    """An action as a list shows it. `found` is where the words of a search are in it."""

    action: ActionState
    leads: SafeString
    marks: str
    tags: SafeString
    found: str = ""


def shown(plan: Plan, action: ActionState, found: str = "") -> ShownRow:
    """The action with the pieces of its row."""
    tags = (
        action.status,
        action.shown_by,
        action.measure_count,
        action.overdue,
        action.past_target,
        action.direction,
    )
    return ShownRow(
        action=action,
        leads=plan.remember_plan(
            ("leads", action.known.leads), lambda: _rendered("partials/leads.html", leads=action.leads)
        ),
        marks=", ".join(f"{code} {mark}" for code, mark in action.marks.items()),
        tags=plan.remember(("tags", tags), lambda: _rendered("partials/row_tags.html", row=action)),
        found=found,
    )


def _rendered(template: str, **context: object) -> SafeString:
    return SafeString(render_to_string(template, context).strip())
