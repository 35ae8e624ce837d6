"""The state of a lead, a measure and an action at the plan's moment, as pages and exports read it.

Made by `actions.plan.Plan`; what follows from one row alone is worked out here.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from actions.models import (
    ActionVersion,
    Decision,
    Direction,
    KnownAction,
    KnownMeasure,
    LeadAnswer,
    LeadVersion,
    MeasureProposal,
    OutcomeMeasureVersion,
    ProgressUpdate,
    Status,
    percent_of_target,
)
from actions.models.known import NEVER
from actions.models.updates import person_and_partner
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion


@dataclass(frozen=True)
class LeadState:
    """A lead partner of an action, by the name it has at the plan's moment."""

    partner: PartnerVersion
    acceptance: str

    @property
    def is_suggested(self) -> bool:
        return self.acceptance == LeadVersion.Acceptance.SUGGESTED

    @property
    def in_words(self) -> str:
        return self.partner.name if self.is_suggested else f"{self.partner.name} ({self.acceptance})"


@dataclass(frozen=True)
class RequestState:
    """An answer of a suggested lead, or a proposal for a measure, and whether it was decided by the plan's moment.

    `about` is the partner who was suggested, or the measure's place; `proposed` another partner.
    """

    request: LeadAnswer | MeasureProposal
    about: PartnerVersion | int
    proposed: PartnerVersion | None
    is_decided: bool

    @property
    def asked_by(self) -> str:
        """Who asked, and for which partner if they responded for one."""
        name = self.request.asked_by_name
        return name if isinstance(self.about, int) else person_and_partner(name, self.about.name)

    @property
    def decision(self) -> str:
        return str(self.request.get_decision_display() if self.is_decided else Decision.PENDING.label)


@dataclass
class MeasureState:
    """An outcome measure with its last update."""

    known: KnownMeasure
    measure: OutcomeMeasureVersion
    action: "ActionState"
    update: ProgressUpdate | None
    words: ProgressUpdate | None
    meeting_status: Status | None
    awaited: bool
    overdue: bool
    past_target: bool
    updates: list[ProgressUpdate] = field(default_factory=list)  # newest first, where all were read
    valued_at: datetime | None = None  # when the latest value was reported, where that was read

    measure_count = 1

    @property
    def id(self) -> int:
        """The key of the live row."""
        return self.measure.row_id

    @property
    def status(self) -> Status:
        return self.known.status

    @property
    def direction(self) -> Direction | None:
        return Direction.between(self.meeting_status, self.status) if self.meeting_status else None

    @property
    def reported_at(self) -> datetime | None:
        """When the last update was recorded; None where nobody has reported."""
        return None if self.known.reported_at == NEVER else self.known.reported_at

    @property
    def percent(self) -> int | None:
        """The latest value in whole percent of the target; None where either is missing. Blank is not zero."""
        percent = percent_of_target(self.known.value, self.measure.target)
        return None if percent is None else round(percent)

    @property
    def url(self) -> str:
        """The action's page, at this measure."""
        return f"{self.action.url}#measure-{self.measure.order}"

    @property
    def due(self) -> bool:
        """An update is asked for, and there is time yet."""
        return self.awaited and not self.overdue

    @property
    def name(self) -> str:
        """“Action 23, measure 2”; without the measure where the action has one."""
        many = self.action.measure_count > 1
        return f"Action {self.action.number}" + (f", measure {self.measure.order}" if many else "")


@dataclass
class ActionState:
    """One action with everything that a row of a page or sheet shows of it."""

    known: KnownAction
    version: ActionVersion
    theme: ThemeVersion
    cluster: ClusterVersion
    leads: list[LeadState]
    marks: dict[str, str]
    meeting_status: Status | None
    awaited: bool
    overdue: bool
    past_target: bool
    measures: list[MeasureState] = field(default_factory=list)  # where `Plan.with_measures` read them
    update: ProgressUpdate | None = None  # the last update of the worst measure, where it was read
    words: ProgressUpdate | None = None  # the last that was more than “no change”, likewise
    worst_order: int | None = None  # place of the worst measure among the action's
    worst_dates: tuple[date | None, date | None] = (
        None,
        None,
    )  # its original target date, and the revised one

    @property
    def id(self) -> int:
        """The key of the live row."""
        return self.known.action_id

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
    def is_for_everyone(self) -> bool:
        """Led by all partners together."""
        return any(lead.partner.is_everyone for lead in self.leads)

    @property
    def lead_partners(self) -> list[PartnerVersion]:
        return [lead.partner for lead in self.leads]

    @property
    def leads_in_words(self) -> str:
        """As the source writes a joint lead: “A/B”."""
        return "/".join(lead.in_words for lead in self.leads)

    @property
    def measure_count(self) -> int:
        return self.known.measures

    @property
    def shown_by(self) -> int:
        """How many of the action's measures have the status that it shows."""
        return self.known.shown_by

    @property
    def status(self) -> Status:
        """Of the worst of its measures."""
        return self.known.status

    @property
    def reported_at(self) -> datetime | None:
        """When the update that it shows was recorded; None where nobody has reported."""
        return None if self.known.reported_at == NEVER else self.known.reported_at

    @property
    def direction(self) -> Direction | None:
        return Direction.between(self.meeting_status, self.status) if self.meeting_status else None

    @property
    def worst_measure(self) -> MeasureState | None:
        """The one whose status the action shows: the worst, of equals the first."""
        worst = self.known.worst_measure_id
        return next((measure for measure in self.measures if measure.id == worst), None)
