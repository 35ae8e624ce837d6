"""The shapes out: one list of columns for screen and sheet, and the table that sorts and pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_tables2
from django.db.models import Case, IntegerField, OuterRef, Subquery, Value, When
from django.utils import timezone

from actions.models import ProgressUpdate
from actions.models.known import KnownActionQuerySet
from actions.plan import Plan
from actions.rows import ActionState
from web.spreadsheets import SheetColumn

Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading and how to fill it; `meaning` explains it in the notes."""

    heading: str
    value: Callable[[Any], Cell]
    meaning: str
    width: int = 14

    @property
    def for_sheet(self) -> SheetColumn:
        return SheetColumn(self.heading, self.width)


def _mark_column(code: str, name: str) -> Column:
    meaning = f"Relationship to the vital few {name}: X strong, O supporting, empty none."
    return Column(code, lambda row: row.marks.get(code), meaning, 6)


def _comment(update: ProgressUpdate) -> str:
    return update.comment or ("No change since last time." if update.no_change else "")


def _of_update(row: ActionState, what: Callable[[ProgressUpdate], str]) -> str | None:
    """Of the update behind the status that the action shows, naming its measure where there are several."""
    text = what(row.update) if row.update else ""
    if not text:
        return None
    return f"Measure {row.worst_order} of {row.measure_count}: {text}" if row.measure_count > 1 else text


OF_FRAMEWORK = (
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
)
OF_UPDATE = (
    Column("Status", lambda row: row.status.label, "The status of the worst of its outcome measures.", 16),
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
        lambda row: _of_update(row, _comment),
        "The last update of the measure whose status the action shows.",
        44,
    ),
    Column(
        "Recovery step or ask",
        lambda row: _of_update(row, lambda update: update.next_step),
        "At risk: the recovery step. Off track: what is needed from the board.",
        32,
    ),
    Column(
        "Evidence",
        lambda row: _of_update(row, lambda update: update.evidence_in_words),
        "Text, web address and file name given as evidence.",
        28,
    ),
    Column(
        "Target date",
        lambda row: row.worst_dates[0],
        "The original target date; it is never moved.",
        12,
    ),
    Column(
        "Revised date",
        lambda row: row.worst_dates[1],
        "The date agreed since, beside the original one.",
        12,
    ),
    Column(
        "Last updated",
        lambda row: timezone.localtime(row.update.recorded_at).replace(tzinfo=None) if row.update else None,
        "When that update was submitted, Europe/London.",
        17,
    ),
    Column(
        "Updated by",
        lambda row: row.update.filed_by if row.update else None,
        "Who submitted it, and for which partner.",
        28,
    ),
    Column(
        "Update overdue",
        lambda row: "Yes" if row.overdue else "No",
        "No update in the open reporting period, and its due date is over.",
        10,
    ),
)


def columns_of(plan: Plan) -> list[Column]:
    """The columns of every export, in the order of product and source; one for each vital few the plan has."""
    marks = [_mark_column(vital_few.code, vital_few.name) for vital_few in plan.vital_fews]
    outcome = Column(
        plan.outcome_heading,
        lambda row: row.outcome_text,
        "What is to be reached, as the framework words it.",
        44,
    )
    return [*OF_FRAMEWORK, *marks, outcome, *OF_UPDATE]


def _sorted_by(heading: str, *order: str) -> django_tables2.Column:
    """A column sorted by `order`; the number breaks every tie, or pages would lose rows on PostgreSQL."""
    return django_tables2.Column(verbose_name=heading, order_by=(*order, "number"), empty_values=())


class ActionTable(django_tables2.Table):  # type: ignore[misc]  # django-tables2 has no types
    """Headers, sorting and paging; the rows are rendered by the template from `ActionState`s."""

    number = django_tables2.Column(verbose_name="No", order_by=("number",), empty_values=())
    action = _sorted_by("Action", "title")
    theme = _sorted_by("Theme", "place")
    cluster = _sorted_by("Cluster", "place")
    lead = django_tables2.Column(verbose_name="Lead", orderable=False, empty_values=())
    relationships = django_tables2.Column(verbose_name="Vital few", orderable=False, empty_values=())
    status = _sorted_by("Status", "rank")
    updated = _sorted_by("Last updated", "reported_at")

    class Meta:
        order_by = ("number",)
        order_by_field = "sort"


def order_of(wanted: str, remarks: list[str]) -> str:
    """The column to sort by. For one that can't be sorted by, a remark and the number."""
    sortable = [name for name, column in ActionTable.base_columns.items() if column.orderable is not False]
    if wanted.removeprefix("-") in sortable:
        return wanted
    if wanted:
        remarks.append(
            f"The list can't be sorted by “{wanted}”, so it is in number order. Try {', '.join(sortable)}."
        )
    return "number"


def ordered(plan: Plan, rows: KnownActionQuerySet, order: str) -> KnownActionQuerySet:
    """`rows` in the order of this column (with “-”, from the other end). The number breaks every tie."""
    column = ActionTable.base_columns[order.removeprefix("-")]
    sign = "-" if order.startswith("-") else ""
    if "title" in column.order_by:
        wording = plan.versions().order_by().filter(row_id=OuterRef("action"))
        rows = rows.annotate(title=Subquery(wording.values("title")[:1]))
    if "place" in column.order_by:
        items: list[Any] = plan.themes if order.endswith("theme") else plan.clusters
        places = [
            When(**{order.removeprefix("-"): item.row_id}, then=Value(place))
            for place, item in enumerate(items)
        ]
        rows = rows.annotate(place=Case(*places, default=Value(0), output_field=IntegerField()))
    return rows.order_by(*(f"{sign}{field}" for field in column.order_by), "action_id")
