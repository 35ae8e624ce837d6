"""One row each for a lead, a measure and an action: everything that stands on a row of a page or a sheet.

Made by `actions.plan.Plan`; what is computed of one row alone is computed here.
"""

from dataclasses import dataclass, field

from actions.models import (
    ActionVersion,
    ClusterVersion,
    Direction,
    LeadVersion,
    OutcomeMeasureVersion,
    PartnerVersion,
    ProgressUpdate,
    Status,
    ThemeVersion,
)


@dataclass(frozen=True)
class LeadRow:
    """A lead partner of an action, as the plan names it at its moment."""

    lead_id: int
    partner: PartnerVersion
    standing: str

    @property
    def is_suggested(self) -> bool:
        return self.standing == LeadVersion.Standing.SUGGESTED

    @property
    def in_words(self) -> str:
        return self.partner.name if self.is_suggested else f"{self.partner.name} ({self.standing})"


@dataclass
class MeasureRow:
    """An outcome measure with its last report."""

    measure: OutcomeMeasureVersion
    action: "ActionRow"
    update: ProgressUpdate | None
    status: Status
    meeting_status: Status | None
    awaited: bool
    overdue: bool
    past_target: bool

    @property
    def id(self) -> int:
        """The key of the live row."""
        return self.measure.row_id

    @property
    def direction(self) -> Direction | None:
        return Direction.between(self.meeting_status, self.status) if self.meeting_status else None

    @property
    def due(self) -> bool:
        """A report is asked for, and there is time yet."""
        return self.awaited and not self.overdue

    @property
    def name(self) -> str:
        """“Action 23, measure 2”; without the measure where the action has one."""
        many = len(self.action.measures) > 1
        return f"Action {self.action.number}" + (f", measure {self.measure.order}" if many else "")


@dataclass
class ActionRow:
    """One action with everything that stands on its row of a page or sheet."""

    version: ActionVersion
    theme: ThemeVersion
    cluster: ClusterVersion
    leads: list[LeadRow]
    marks: dict[str, str]
    measures: list[MeasureRow] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.version.number

    @property
    def title(self) -> str:
        return self.version.title

    @property
    def outcome_text(self) -> str:
        return self.version.outcome_text

    @property
    def url(self) -> str:
        return self.version.get_absolute_url()

    @property
    def leads_in_words(self) -> str:
        """As the source writes a joint lead: “A/B”."""
        return "/".join(lead.in_words for lead in self.leads)

    @property
    def leading_measure(self) -> MeasureRow | None:
        """The one whose status the action shows: the worst, of equals the first."""
        return min(self.measures, key=lambda row: row.status.rank, default=None)

    @property
    def status(self) -> Status:
        return self.leading_measure.status if self.leading_measure else Status.NOT_REPORTED

    @property
    def shown_by(self) -> int:
        """How many of the action's measures have the status that it shows."""
        return sum(row.status == self.status for row in self.measures)

    @property
    def meeting_status(self) -> Status | None:
        then = [row.meeting_status for row in self.measures if row.meeting_status]
        return min(then, key=lambda status: status.rank, default=None)

    @property
    def direction(self) -> Direction | None:
        return Direction.between(self.meeting_status, self.status) if self.meeting_status else None

    @property
    def awaited(self) -> bool:
        return any(row.awaited for row in self.measures)

    @property
    def overdue(self) -> bool:
        return any(row.overdue for row in self.measures)

    @property
    def past_target(self) -> bool:
        return any(row.past_target for row in self.measures)

    @property
    def newest(self) -> ProgressUpdate | None:
        """The last report on any of its measures."""
        said = [row.update for row in self.measures if row.update]
        return max(said, key=lambda update: (update.recorded_at, update.pk), default=None)

    @property
    def update(self) -> ProgressUpdate | None:
        """The last report on the leading measure."""
        return self.leading_measure.update if self.leading_measure else None
