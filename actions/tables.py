"""The action list as a file and as a table: its columns, and the orders it can be sorted in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_tables2
from django.db.models import Case, IntegerField, OuterRef, Subquery, Value, When
from django.utils import timezone

from actions.models import KnownMeasure, ProgressUpdate
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


def _of_update(row: ActionState, what: Callable[[ProgressUpdate], str]) -> str | None:
    """`what` of the update behind the action's status, prefixed with its measure where there are several."""
    text = what(row.update) if row.update else ""
    if not text:
        return None
    return f"Measure {row.worst_order} of {row.measure_count}: {text}" if row.measure_count > 1 else text


OF_FRAMEWORK = (
    Column("Action No", lambda row: row.number, "The action’s number in the framework.", 8),
    Column("Theme", lambda row: row.theme.name, "The framework’s theme for the action.", 16),
    Column(
        "Cluster",
        lambda row: row.cluster.name,
        "One of the clusters, or Cross-cluster, which covers all of them.",
        14,
    ),
    Column("Action", lambda row: row.title, "The action, in the framework’s words.", 44),
    Column(
        "Suggested Lead",
        lambda row: row.leads_in_words,
        "Who leads: suggested by the framework unless marked “(accepted)”. “/” separates joint leads.",
        22,
    ),
)
OF_UPDATE = (
    Column("Status", lambda row: row.status.label, "The status of the worst of its outcome measures.", 16),
    Column(
        "Last meeting",
        lambda row: row.meeting_status.label if row.meeting_status else None,
        "The status in the paper of the last board meeting, or at the end of its day; empty before the first.",
        16,
    ),
    Column(
        "Direction",
        lambda row: row.direction.label if row.direction else None,
        "Since the last board meeting: Better, Same, Worse, or New (reported for the first time).",
        10,
    ),
    Column(
        "Comment",
        lambda row: _of_update(row, lambda update: update.comment_in_full),
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
        "The evidence given: text, web address and file name.",
        28,
    ),
    Column(
        "Target date",
        lambda row: row.worst_dates[0],
        "The original target date; it never changes.",
        12,
    ),
    Column(
        "Revised date",
        lambda row: row.worst_dates[1],
        "The date agreed later, if any.",
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
        lambda row: row.update.submitted_by if row.update else None,
        "Who submitted that update, and for which partner.",
        28,
    ),
    Column(
        "Update overdue",
        lambda row: "Yes" if row.overdue else "No",
        "Yes: an unfinished measure has no update in the open reporting period, and the due date has passed.",
        10,
    ),
)


def columns_of(plan: Plan) -> list[Column]:
    """The columns of the action files, in the framework's order, with one for each vital few."""
    marks = [_mark_column(vital_few.code, vital_few.name) for vital_few in plan.vital_fews]
    outcome = Column(
        plan.outcome_heading,
        lambda row: row.outcome_text,
        "What the action must achieve, in the framework’s words.",
        44,
    )
    return [*OF_FRAMEWORK, *marks, outcome, *OF_UPDATE]


def sorted_by(heading: str, *order: str, **attributes: Any) -> django_tables2.Column:
    """A column sorted by `order`; the number breaks every tie, or pages would lose rows on PostgreSQL."""
    order = (*order, "number") if "number" not in order else order
    return django_tables2.Column(verbose_name=heading, order_by=order, empty_values=(), **attributes)


def plain(heading: str) -> django_tables2.Column:
    """A column that the list cannot be sorted by."""
    return django_tables2.Column(verbose_name=heading, orderable=False, empty_values=())


class ListTable(django_tables2.Table):  # type: ignore[misc]  # django-tables2 has no types
    """Headings and sorting; the template renders the rows. Theme and cluster sort the list without a column."""

    number = sorted_by("No", "number")

    class Meta:
        order_by = ("number",)
        order_by_field = "sort"


class ActionTable(ListTable):
    action = sorted_by("Action and outcome measure", "title")
    theme = sorted_by("Theme", "place", visible=False)
    cluster = sorted_by("Cluster", "place", visible=False)
    lead = plain("Lead")
    marks = plain("Vital few")
    status = sorted_by("Status", "rank")
    direction = plain("Direction")
    updated = sorted_by("Last update", "reported_at")
    target = plain("Target date")


def sortable(table: type[ListTable]) -> list[str]:
    """The names of the columns to sort by, as an address has them."""
    return [name for name, column in table.base_columns.items() if column.orderable is not False]


def sorts_of(table: type[ListTable], chosen: str = "") -> list[tuple[str, str]]:
    """The orders to choose from, as an address has them and in words: “Status (best first)”. Without one, by number.

    Descending order is offered only where it is useful, or already `chosen`.
    """
    telling = {"status": "best first", "updated": "latest first"}
    backwards = telling | {"theme": "last first", "cluster": "last first"}
    found = [("", "Number"), ("-number", "Number (highest first)")]
    for name in sortable(table):
        if name != "number":
            words = table.base_columns[name].verbose_name.partition(" and ")[0]
            found += [(name, words), (f"-{name}", f"{words} ({backwards.get(name, 'Z to A')})")]
    offered = {chosen, *(f"-{name}" for name in telling)}
    return [(order, words) for order, words in found if order in offered or not order.startswith("-")]


def order_of(table: type[ListTable], wanted: str, remarks: list[str]) -> str:
    """The column to sort by; the number, and a remark, for one that the list cannot be sorted by."""
    names = sortable(table)
    if wanted.removeprefix("-") in names:
        return wanted
    if wanted:
        remarks.append(
            f"The list can't be sorted by “{wanted}”, so it is in number order. Try {', '.join(names)}."
        )
    return "number"


def ordered(plan: Plan, table: type[ListTable], rows: Any, order: str) -> Any:
    """`rows` (known actions or measures) in the order of this column; with “-”, the other way round.

    The number, and the key after it, break every tie.
    """
    name = order.removeprefix("-")
    column, sign = table.base_columns[name], "-" if order.startswith("-") else ""
    of_measures = rows.model is KnownMeasure
    if of_measures:
        rows = rows.annotate(number=_of_action(plan.actions(), "number"))
    if "title" in column.order_by:
        rows = rows.annotate(title=_of_action(plan.versions(), "title", "row_id"))
    if "wording" in column.order_by:
        wording = plan.measure_versions().order_by().filter(row_id=OuterRef("measure"))
        rows = rows.annotate(wording=Subquery(wording.values("text")[:1]))
    if "place" in column.order_by:
        items: list[Any] = plan.themes if name == "theme" else plan.clusters
        if of_measures:
            rows = rows.annotate(**{name: _of_action(plan.actions(), name)})
        places = [When(**{name: item.row_id}, then=Value(place)) for place, item in enumerate(items)]
        rows = rows.annotate(place=Case(*places, default=Value(0), output_field=IntegerField()))
    last = (f"{sign}order", "measure_id") if of_measures else ("action_id",)
    return rows.order_by(*(f"{sign}{field}" for field in column.order_by), *last)


def _of_action(rows: Any, field: str, key: str = "action") -> Subquery:
    """`field` of the action that a row belongs to."""
    return Subquery(rows.order_by().filter(**{key: OuterRef("action")}).values(field)[:1])
