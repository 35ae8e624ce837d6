"""Rows of the lists as pages show them. What many rows share (leads, tags, marks) is rendered once a plan version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from textwrap import shorten

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from actions.filter_words import found_in
from actions.models import KnownAction, KnownMeasure
from actions.plan import Plan
from actions.rows import ActionState, MeasureState
from history.clock import day_in_london
from web.markup import without_indents

LINE = 90  # characters of an outcome measure in a row of actions: two lines of its column at most


@dataclass(frozen=True)
class ShownRow:
    """An action or a measure as a list shows it. `found` says where it has the words of a search."""

    row: ActionState | MeasureState
    leads: SafeString
    marks: SafeString
    tags: SafeString
    direction: SafeString
    updated: str
    found: str = ""

    @property
    def line(self) -> str:
        """The action's outcome measure, cut at a word."""
        assert isinstance(self.row, ActionState)  # noqa: S101  a row of measures has its own words
        return shorten(self.row.outcome_text, LINE, placeholder=" …")

    @property
    def dates(self) -> tuple[str, str]:
        """The original target date and the revised one."""
        assert isinstance(self.row, ActionState)  # noqa: S101  likewise
        target, revised = self.row.worst_dates
        if target:
            return _short(target), f"revised {_short(revised)}" if revised else ""
        return ("not set" if self.row.measure_count else "", "")


def action_rows(
    plan: Plan, found: Iterable[KnownAction], words: tuple[str, ...] = (), tail: str = ""
) -> SafeString:
    """The rows of a table of actions, each rendered once for each state of its action.

    `words` are of a search; `tail` is added to their addresses, and leads back to the list.
    """

    def made(missing: list[KnownAction]) -> dict[KnownAction, SafeString]:
        rows = plan.with_dates(plan.rows(missing))
        return {
            row.known: _rendered("partials/action_row.html", row=_shown(plan, row, words), tail=tail)
            for row in rows
        }

    return _joined(plan.remember_pieces("action row", found, made, words, tail))


def measure_rows(
    plan: Plan, found: Iterable[KnownMeasure], words: tuple[str, ...] = (), tail: str = ""
) -> SafeString:
    """The same for a table of outcome measures."""

    def made(missing: list[KnownMeasure]) -> dict[KnownMeasure, SafeString]:
        rows = plan.measure_rows(missing)
        return {
            row.known: _rendered("partials/measure_row.html", row=_shown(plan, row, words), tail=tail)
            for row in rows
        }

    return _joined(plan.remember_pieces("measure row", found, made, words, tail))


def _joined(rows: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(rows))


def _shown(plan: Plan, row: ActionState | MeasureState, words: tuple[str, ...]) -> ShownRow:
    """The row with its pieces."""
    action = row if isinstance(row, ActionState) else row.action
    shown_by = row.shown_by if isinstance(row, ActionState) else 1
    tags = (row.status, shown_by, row.measure_count, row.awaited, row.overdue, row.past_target)
    return ShownRow(
        row=row,
        leads=plan.remember_plan(
            ("leads", action.known.leads),
            lambda: _rendered("partials/leads.html", leads=action.leads, brief=True),
        ),
        marks=plan.remember_plan(("marks", action.known.marks), lambda: _marks(plan, action)),
        tags=plan.remember_plan(
            ("row tags", tags), lambda: _rendered("partials/row_tags_brief.html", row=row)
        ),
        direction=plan.remember_plan(
            ("direction", row.direction), lambda: _rendered("partials/direction_brief.html", row=row)
        ),
        updated=_short(day_in_london(row.reported_at)) if row.reported_at else "",
        found=found_in(row, list(words)) if words else "",
    )


def _marks(plan: Plan, action: ActionState) -> SafeString:
    codes = [vital_few.code for vital_few in plan.vital_fews]
    marks = [
        (code, action.marks.get(code, ""), code == f"VF{place}") for place, code in enumerate(codes, start=1)
    ]
    return _rendered("partials/mark_cells.html", marks=marks)


@lru_cache(maxsize=2_000)
def _short(day: date) -> str:
    return date_format(day, "j M Y")


def _rendered(template: str, **context: object) -> SafeString:
    return without_indents(render_to_string(template, context).strip())
