"""The shapes out: one list of columns for screen and sheet, and the table that sorts and pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_tables2
from django.utils import timezone

from actions.plan import Plan
from actions.rows import ActionRow, MeasureRow
from web.numbers import as_number
from web.spreadsheets import SheetColumn

Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """A column of the action list: its heading and what stands in it; `meaning` explains it in the sheet's notes."""

    heading: str
    value: Callable[[ActionRow], Cell]
    meaning: str
    width: int = 14

    @property
    def for_sheet(self) -> SheetColumn:
        return SheetColumn(self.heading, self.width)


def columns_of(plan: Plan) -> list[Column]:
    """The columns of every export, in the order of product and source; one for each vital few the plan has."""
    return [
        Column("Action No", lambda row: row.number, "The action's number in the framework.", 8),
        Column("Theme", lambda row: row.theme.name, "The theme under which the framework has it.", 16),
        Column(
            "Cluster", lambda row: row.cluster.name, "One of the clusters, or Cross-cluster: all of them.", 14
        ),
        Column("Action", lambda row: row.title, "The action, as the framework words it.", 44),
        Column(
            "Suggested Lead",
            lambda row: row.leads_in_words,
            "Who leads: suggested by the framework, unless “(accepted)” follows. “/” stands between joint leads.",
            22,
        ),
        *(_mark_column(vital_few.code, vital_few.name) for vital_few in plan.vital_fews),
        Column(
            plan.outcome_heading,
            lambda row: row.outcome_text,
            "What is to be reached, as the framework words it.",
            44,
        ),
        Column(
            "Status", lambda row: row.status.label, "The status of the worst of its outcome measures.", 16
        ),
        Column(
            "Last meeting",
            lambda row: row.meeting_status.label if row.meeting_status else None,
            "The status at the end of the day of the last board meeting; empty before there was one.",
            16,
        ),
        Column(
            "Direction",
            lambda row: row.direction.label if row.direction else None,
            "Since the last board meeting: Better, Same, Worse, or New (first reported since).",
            10,
        ),
        Column(
            "Comment",
            lambda row: _said(row, _comment),
            "What was said last, on the measure whose status it shows.",
            44,
        ),
        Column(
            "Recovery step or ask",
            lambda row: _said(row, lambda measure: measure.update.next_step if measure.update else ""),
            "At risk: the step to recover. Off track: what is asked of the board.",
            32,
        ),
        Column(
            "Evidence",
            lambda row: _said(
                row, lambda measure: measure.update.evidence_in_words if measure.update else ""
            ),
            "Text, web address and file name given as evidence.",
            28,
        ),
        Column(
            "Target date",
            lambda row: _of_measure(row, "target_date"),
            "The original target date; it is never moved.",
            12,
        ),
        Column(
            "Revised date",
            lambda row: _of_measure(row, "revised_date"),
            "The date agreed since, beside the original one.",
            12,
        ),
        Column(
            "Last updated",
            lambda row: (
                timezone.localtime(row.newest.recorded_at).replace(tzinfo=None) if row.newest else None
            ),
            "When that was reported, Europe/London.",
            17,
        ),
        Column(
            "Updated by",
            lambda row: row.newest.filed_by if row.newest else None,
            "Who filed it, and for which partner.",
            28,
        ),
        Column(
            "Update overdue",
            lambda row: "Yes" if row.overdue else "No",
            "No report in the open reporting period, and its due date is over.",
            10,
        ),
    ]


def _mark_column(code: str, name: str) -> Column:
    meaning = f"Relationship to the vital few {name}: X strong, O supporting, empty none."
    return Column(code, lambda row: row.marks.get(code), meaning, 6)


def _comment(measure: MeasureRow) -> str:
    if not measure.update:
        return ""
    return measure.update.comment or ("No change since last time." if measure.update.no_change else "")


def _said(row: ActionRow, what: Callable[[MeasureRow], str]) -> str | None:
    """What was said on the measure whose status the action shows, naming it where there are several."""
    measure = row.leading_measure
    text = what(measure) if measure else ""
    if not measure or not text:
        return None
    return (
        f"Measure {measure.measure.order} of {len(row.measures)}: {text}" if len(row.measures) > 1 else text
    )


def _of_measure(row: ActionRow, name: str) -> Cell:
    measure = row.leading_measure
    return getattr(measure.measure, name) if measure else None


def _sorted_by(heading: str, *order: str) -> django_tables2.Column:
    """A column sorted by `order`; the number breaks every tie, or pages would lose rows on PostgreSQL."""
    return django_tables2.Column(verbose_name=heading, order_by=(*order, "number"), empty_values=())


class ActionTable(django_tables2.Table):  # type: ignore[misc]  # django-tables2 has no types
    """Headers, sorting and paging; the rows are rendered by the template from `ActionRow`s."""

    number = django_tables2.Column(verbose_name="No", order_by=("number",), empty_values=())
    action = _sorted_by("Action", "title")
    theme = _sorted_by("Theme", "theme__order")
    cluster = _sorted_by("Cluster", "cluster__order")
    lead = django_tables2.Column(verbose_name="Lead", orderable=False, empty_values=())
    relationships = django_tables2.Column(verbose_name="Vital few", orderable=False, empty_values=())
    status = _sorted_by("Status", "rank")
    updated = _sorted_by("Last updated", "last_updated")

    class Meta:
        order_by = ("number",)
        order_by_field = "sort"


def value_with_unit(measure: Any, value: Decimal | None) -> str:
    """“40 apprenticeships”, or nothing."""
    return f"{as_number(value)} {measure.unit}".strip() if value is not None else ""
