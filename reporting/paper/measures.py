"""The outcome measures as rows of a file, with the date of the latest value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Max
from django.utils import timezone

from actions.models import percent_of_target
from actions.plan import Plan
from actions.rows import MeasureState
from actions.tables import Column

CHUNK = 500


@dataclass(frozen=True)
class MeasureRow:
    """A measure, and when its latest value was reported."""

    state: MeasureState
    valued_at: datetime | None

    @property
    def percent(self) -> int | None:
        """The latest value in whole percent of the target. Blank is not zero."""
        percent = percent_of_target(self.state.known.value, self.state.measure.target)
        return None if percent is None else round(percent)


def measures_of(plan: Plan) -> Iterator[MeasureRow]:
    """Every measure in the order of its action's number, a few hundred actions at a time."""
    actions = plan.actions().iterator(chunk_size=CHUNK)
    while chunk := list(islice(actions, CHUNK)):
        rows = plan.with_measures(plan.rows(chunk))
        measures = [measure for row in rows for measure in row.measures]
        dates = _value_dates(plan, measures)
        yield from (MeasureRow(measure, dates.get(measure.id)) for measure in measures)


def _value_dates(plan: Plan, measures: list[MeasureState]) -> dict[int, datetime]:
    """When each latest value was reported; a value that was corrected since does not count."""
    valued = [measure.id for measure in measures if measure.known.value is not None]
    updates = plan.updates().order_by().filter(measure__in=valued, value__isnull=False)
    uncorrected = updates.exclude(corrected_by__recorded_at__lt=plan.moment)
    return dict(uncorrected.values_list("measure").annotate(Max("recorded_at")))


def _local(moment: Any) -> Any:
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None


OF_PLAN = (
    Column("Action No", lambda row: row.state.action.number, "The action's number in the framework.", 8),
    Column(
        "Measure", lambda row: row.state.measure.order, "1, or the measure's place among the action's.", 9
    ),
)
OF_ACTION = (
    Column("Action", lambda row: row.state.action.title, "The action, in the framework's words.", 40),
    Column("Theme", lambda row: row.state.action.theme.name, "The framework's theme for the action.", 16),
    Column(
        "Cluster",
        lambda row: row.state.action.cluster.name,
        "One of the clusters, or Cross-cluster, which covers all of them.",
        14,
    ),
    Column(
        "Suggested Lead",
        lambda row: row.state.action.leads_in_words,
        "Who leads: suggested by the framework unless marked “(accepted)”. “/” separates joint leads.",
        22,
    ),
)
NUMBERS = (
    Column(
        "Baseline", lambda row: row.state.measure.baseline, "The value at the start, where one is known.", 10
    ),
    Column(
        "Target",
        lambda row: row.state.measure.target,
        "The value to reach, where the measure is numeric.",
        10,
    ),
    Column("Unit", lambda row: row.state.measure.unit or None, "What the values count.", 16),
    Column(
        "Latest value", lambda row: row.state.known.value, "The last value reported; blank is not zero.", 10
    ),
    Column("Value reported", lambda row: _local(row.valued_at), "When, Europe/London.", 17),
    Column(
        "% of target",
        lambda row: row.percent,
        "Latest value ÷ target × 100, in whole percent; the baseline is not subtracted.",
        10,
    ),
)
PROGRESS = (
    Column("Status", lambda row: row.state.status.label, "The status in the last update on the measure.", 16),
    Column(
        "Last meeting",
        lambda row: row.state.meeting_status.label if row.state.meeting_status else None,
        "The status at the end of the day of the last board meeting; empty before the first meeting.",
        16,
    ),
    Column(
        "Direction",
        lambda row: row.state.direction.label if row.state.direction else None,
        "Since the last board meeting: Better, Same, Worse, or New (reported for the first time).",
        10,
    ),
    Column(
        "Target date",
        lambda row: row.state.measure.target_date,
        "The original target date; it never changes.",
        12,
    ),
    Column("Revised date", lambda row: row.state.measure.revised_date, "The date agreed later, if any.", 12),
    Column(
        "Last updated",
        lambda row: _local(row.state.update.recorded_at) if row.state.update else None,
        "When the last update was submitted.",
        17,
    ),
    Column(
        "Updated by",
        lambda row: row.state.update.filed_by if row.state.update else None,
        "Who submitted that update, and for which partner.",
        28,
    ),
    Column(
        "Update overdue",
        lambda row: "Yes" if row.state.overdue else "No",
        "Yes: no update in the open reporting period, and its due date has passed.",
        10,
    ),
)


def measure_columns_of(plan: Plan) -> list[Column]:
    """The columns of the files of outcome measures."""
    wording = Column(
        plan.outcome_heading, lambda row: row.state.measure.text, "The measure, in the framework's words.", 50
    )
    return [*OF_PLAN, wording, *OF_ACTION, *NUMBERS, *PROGRESS]
