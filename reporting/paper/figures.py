"""The figures of the board's paper: one calculation for the board page, the PDF and the workbook."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from actions.calendar import Meeting
from actions.counts import NOTHING, StatusCounts
from actions.models import Status
from actions.models.known import lead_marks
from actions.models.status import TROUBLED
from actions.plan import Plan
from actions.rows import ActionState, MeasureState
from history import clock
from history.clock import Present, day_in_london, end_of
from partners.models import PartnerVersion
from reporting.calendar import past_plan
from reporting.exceptions import SHOWN_AT_MOST, ActionException, Exceptions, exceptions_of
from reporting.models import BoardMeetingVersion, ReportingPeriodVersion
from reporting.paper.counts import WITHOUT, CountLine, count_lines_of
from reporting.paper.headline import headline_of
from reporting.paper.moved import Movement, movement_of
from reporting.paper.words import compared_with, day, moment
from reporting.periods import Closing, closings
from reporting.standing import VitalFewStanding, standings_of

TREND_MEETINGS = 8
NAMED_AT_MOST = 12  # silent actions of a partner that are named by number
READ_AT_MOST = 1_000  # silent actions that are looked through for them


@dataclass(frozen=True)
class BoardRequest:
    """A decision that the lead of an outcome measure asks of the board: the measure is Off track."""

    measure: MeasureState
    words: str
    asked_on: date  # of the update that has these words


@dataclass(frozen=True)
class Silent:
    """A lead partner with overdue updates: on how many actions, and the first of their numbers."""

    partner: PartnerVersion
    count: int
    numbers: list[int]

    @property
    def more(self) -> int:
        return self.count - len(self.numbers)


@dataclass(frozen=True)
class TrendPoint:
    """The actions by status at a meeting, or now: then `meeting` is None."""

    meeting: Meeting | None
    counts: StatusCounts


@dataclass(frozen=True)
class Occasion:
    """What the paper is for: the period open at its moment, the meeting that gets it, and the closing that fixed it."""

    period: ReportingPeriodVersion | None
    meeting: BoardMeetingVersion | None
    closing: Closing | None

    @property
    def note(self) -> str:
        """The covering note, as it was."""
        return self.meeting.note if self.meeting else ""


@dataclass
class BoardPaper:
    """Everything the board's paper says at the moment of `plan`, compared with `before` where there is one.

    `at_most` is how many exceptions, and how many moves of each kind, are listed. `is_published`: its files are made to
    be kept, and not for the person who downloads them.
    """

    plan: Plan
    before: Plan | None
    at_most: int = SHOWN_AT_MOST
    is_published: bool = False

    @property
    def since(self) -> Meeting | None:
        """The meeting, or the day, that the paper compares with."""
        return self.plan.calendar.last_meeting

    @property
    def compared_with(self) -> str:
        """“Compared with the paper for the June board meeting, 26 June 2026 (figures as at 12 June 2026).”"""
        return compared_with(self.since)

    @property
    def nothing_to_count(self) -> str:
        """Why a count is “–”; empty where none is."""
        labels = [line.label for line in self.count_lines if line.now is None]
        return " and ".join(WITHOUT[label] for label in labels)

    @property
    def as_at(self) -> str:
        """“the end of 30 June 2026 (Europe/London)”, “11 September 2026 at 17:00 (Europe/London)”."""
        plan = self.plan
        return f"{f'the end of {day(plan.today)}' if plan.is_end_of_day else moment(plan.moment)} (Europe/London)"

    @property
    def made_by(self) -> str:
        return "Published by" if self.is_published else "Downloaded by"

    @property
    def _present(self) -> Present:
        return present_of(self.plan)

    @property
    def is_draft(self) -> bool:
        """Neither of a closed period nor of a past day. A file reads a settled moment: its plan is not the present."""
        if self.plan.is_present:
            return True
        return self.occasion.closing is None and self.plan.moment != end_of(self.plan.today)

    @cached_property
    def occasion(self) -> Occasion:
        return self.plan.remember_plan("occasion", lambda: _occasion(self.plan))

    @cached_property
    def counts(self) -> StatusCounts:
        return self.plan.counts()

    @cached_property
    def counts_before(self) -> StatusCounts | None:
        return self.before.counts() if self.before else None

    @cached_property
    def count_lines(self) -> list[CountLine]:
        return count_lines_of(self.plan, self.counts, self.before, self.counts_before)

    @cached_property
    def exceptions(self) -> Exceptions:
        return exceptions_of(self.plan, self.at_most)

    def exceptions_with(self, status: Status) -> list[ActionException]:
        return [one for one in self.exceptions.first if one.row.status == status]

    @property
    def in_trouble(self) -> list[ActionException]:
        """Off track, then At risk; of each the longest-running first."""
        return self.exceptions_with(Status.OFF_TRACK) + self.exceptions_with(Status.AT_RISK)

    @property
    def trouble_count(self) -> int:
        return sum(self.counts.by_rank.get(status.rank, 0) for status in TROUBLED)

    @property
    def other_exceptions(self) -> list[ActionException]:
        """Worse, overdue or past the target date, and neither Off track nor At risk."""
        return [one for one in self.exceptions.first if not one.row.status.needs_the_board]

    @cached_property
    def requests(self) -> list[BoardRequest]:
        """What the leads of Off track measures ask of the board, in the order of the exceptions."""
        return list(self._requests())

    def _requests(self) -> Iterator[BoardRequest]:
        for exception in self.exceptions_with(Status.OFF_TRACK):
            for measure in exception.row.measures:
                words = measure.words or measure.update
                if measure.status == Status.OFF_TRACK and words and words.next_step:
                    yield BoardRequest(measure, words.next_step, day_in_london(words.recorded_at))

    @cached_property
    def request_count(self) -> int:
        """How many there are in the whole plan: an update that is Off track always has one."""
        off_track = self.plan.measures().order_by().filter(rank=Status.OFF_TRACK.rank)
        return self.plan.remember("requests to the board", off_track.count)

    @cached_property
    def silent(self) -> list[Silent]:
        """Lead partners with overdue updates, most first. A joint lead counts under each partner."""
        return self.plan.remember("silent", self._silent)

    def _silent(self) -> list[Silent]:
        if not self.counts.overdue:
            return []
        by_lead = self.plan.counts_by("leads")
        late = self.plan.actions().filter(self.plan.overdue).order_by("number")
        pairs = list(late.values_list("number", "leads")[:READ_AT_MOST])
        found = []
        for partner in self.plan.partners:
            counts = by_lead.get(str(partner.row_id), NOTHING)
            if counts.overdue:
                marks = lead_marks([partner.row_id])
                numbers = [number for number, leads in pairs if any(mark in leads for mark in marks)]
                found.append(Silent(partner, counts.overdue, numbers[:NAMED_AT_MOST]))
        return sorted(found, key=lambda one: -one.count)

    @cached_property
    def vital_fews(self) -> list[VitalFewStanding]:
        return standings_of(self.plan.vital_fews, self.plan.counts_by("marks"))

    @cached_property
    def trend(self) -> list[TrendPoint]:
        """The counts at recent meetings, oldest first, then those of the paper itself."""
        last = self.plan.calendar.meetings[-(TREND_MEETINGS - 1) :]
        points = [
            TrendPoint(meeting, past_plan(meeting.known_at, self._present).status_counts())
            for meeting in last
        ]
        return [*(point for point in points if point.counts.total), TrendPoint(None, self.counts)]

    @cached_property
    def moved(self) -> Movement | None:
        return movement_of(self.plan, self.before, self.at_most) if self.before else None

    @cached_property
    def headline(self) -> str:
        return headline_of(self)

    def all_rows(self) -> list[ActionState]:
        """Every action with its measures: for a paper, not for a page."""
        return self.plan.with_measures(self.plan.rows(self.plan.actions()))


def paper_of(plan: Plan, at_most: int = SHOWN_AT_MOST, *, is_published: bool = False) -> BoardPaper:
    """The paper at the plan's moment, compared with the last meeting of its calendar."""
    meeting = plan.calendar.last_meeting
    before = past_plan(meeting.known_at, present_of(plan)) if meeting else None
    return BoardPaper(plan, before, at_most, is_published)


def present_of(plan: Plan) -> Present:
    """The present in which the plan is read."""
    return plan.present or plan.settled or clock.read()


def _occasion(plan: Plan) -> Occasion:
    periods = ReportingPeriodVersion.objects.at(plan.moment)
    period = next((one for one in periods if one.is_open), None)
    meetings = BoardMeetingVersion.objects.at(plan.moment)
    meeting = meetings.filter(row_id=period.meeting_id).first() if period and period.meeting_id else None
    closing = next((one for one in closings() if one.moment == plan.moment), None)
    return Occasion(period, meeting, closing)
