"""The list of outcome measures as a file and as a table: its columns, and the orders it can be sorted in."""

from typing import Any

from django.utils import timezone

from actions.plan import Plan
from actions.rows import MeasureState
from actions.tables import Column, ListTable, plain, sorted_by


class MeasureTable(ListTable):
    measure = sorted_by("Outcome measure and action", "wording")
    action = sorted_by("Action", "title", visible=False)
    theme = sorted_by("Theme", "place", visible=False)
    cluster = sorted_by("Cluster", "place", visible=False)
    lead = plain("Lead")
    baseline = plain("Baseline")
    goal = plain("Target")
    value = plain("Latest")
    percent = plain("% of target")
    status = sorted_by("Status", "rank")
    direction = plain("Direction")
    updated = sorted_by("Last update", "reported_at")


def _local(moment: Any) -> Any:
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None


def _wording(row: MeasureState) -> str:
    return row.measure.text


OF_PLAN = (
    Column("Action No", lambda row: row.action.number, "The action’s number in the framework.", 8),
    Column("Measure", lambda row: row.measure.order, "1, or the measure’s place among the action’s.", 9),
)
OF_ACTION = (
    Column("Action", lambda row: row.action.title, "The action, in the framework’s words.", 40),
    Column("Theme", lambda row: row.action.theme.name, "The framework’s theme for the action.", 16),
    Column(
        "Cluster",
        lambda row: row.action.cluster.name,
        "One of the clusters, or Cross-cluster, which covers all of them.",
        14,
    ),
    Column(
        "Suggested Lead",
        lambda row: row.action.leads_in_words,
        "Who leads: suggested by the framework unless marked “(accepted)”. “/” separates joint leads.",
        22,
    ),
)
NUMBERS = (
    Column("Baseline", lambda row: row.measure.baseline, "The value at the start, where one is known.", 10),
    Column("Target", lambda row: row.measure.target, "The value to reach, where the measure is numeric.", 10),
    Column("Unit", lambda row: row.measure.unit or None, "What the values count.", 16),
    Column("Latest value", lambda row: row.known.value, "The last value reported; blank is not zero.", 10),
    Column("Value reported", lambda row: _local(row.valued_at), "When, Europe/London.", 17),
    Column(
        "% of target",
        lambda row: row.percent,
        "Latest value ÷ target × 100, in whole percent; the baseline is not subtracted.",
        10,
    ),
)
PROGRESS = (
    Column("Status", lambda row: row.status.label, "The status in the last update on the measure.", 16),
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
        "Target date", lambda row: row.measure.target_date, "The original target date; it never changes.", 12
    ),
    Column("Revised date", lambda row: row.measure.revised_date, "The date agreed later, if any.", 12),
    Column("Last updated", lambda row: _local(row.reported_at), "When the last update was submitted.", 17),
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


def measure_columns_of(plan: Plan) -> list[Column]:
    """The columns of the files of outcome measures."""
    wording = Column(plan.outcome_heading, _wording, "The measure, in the framework’s words.", 50)
    return [*OF_PLAN, wording, *OF_ACTION, *NUMBERS, *PROGRESS]
