"""Periods and meetings, at random: planned, opened, prepared, closed, published and reopened, as staff do it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from history import clock
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.papers import publish_missing
from reporting.periods import close_period, open_period, reopen_period, set_meeting
from tests.replay.edits import Done, Editor, stamp
from tests.replay.seeded import Apply
from tests.replay.state import State, london_day


class Secretary(Editor):
    """Keeps the calendar. `note` is what the world does with what happened."""

    by: list[User]
    note: Callable[[datetime, str, Apply], None]

    def arrange(self) -> None:
        if self.chance.random() < 0.25:
            self._meet(self.today + timedelta(days=self.chance.randrange(-12, 4)))
        elif self.chance.random() < 0.1 and BoardMeeting.objects.exists():
            self._edit_meeting()
        else:
            self.chance.choice(self._steps())()

    def serve(self, pass_time: Callable[[], None]) -> None:
        """Close a period for a meeting, whatever state the last period is in."""
        for _ in range(3):
            pass_time()
            period = self._last()
            if period is None or period.state == "closed":
                self._plan_period()
            elif period.state == "planned":
                self._open()
            else:
                break
        self._close(for_a_meeting=True)

    def _last(self) -> ReportingPeriod | None:
        return ReportingPeriod.objects.order_by("-opens").first()

    def _steps(self) -> list[Callable[[], None]]:
        """What can be done with the last period."""
        period = self._last()
        if period is None:
            return [self._plan_period]
        if period.state == "planned":
            return [self._open]
        if period.state == "open":
            return [self._close, self._close, self._extend, self._rest]
        return [self._plan_period, self._plan_period, self._reopen, self._link_afterwards]

    def _rest(self) -> None:
        """Nothing is done."""

    def _period(self) -> ReportingPeriod:
        period = self._last()
        assert period
        return period

    def _plan_period(self) -> None:
        last = self._last()
        opens = self.today - timedelta(days=self.chance.randrange(0, 20))
        if last:
            opens = max(opens, last.closes + timedelta(days=1))
        due = opens + timedelta(days=self.chance.randrange(3, 15))
        days = {"opens": opens, "due": due, "closes": due + timedelta(days=10)}
        name = self.word()
        made = ReportingPeriod.objects.create(name=name, slug=slug_of(name), **days)
        said = days | {"name": name, "opened_at": None, "closed_at": None, "meeting": None}
        self.note(stamp(), f"period {name}", lambda state: state.periods.update({made.pk: dict(said)}))

    def _open(self) -> None:
        """By the rules; before its first day only staff in the admin can."""
        period = self._period()
        key = period.pk
        if period.opens <= london_day(clock.now()):
            open_period(period=period, by=self.by[0])
        else:
            ReportingPeriod.objects.filter(pk=key).update(opened_at=clock.now())
        at = stamp()
        self.note(at, f"open {period}", lambda state: state.periods[key].update(opened_at=at))

    def _extend(self) -> None:
        period = self._period()
        more = timedelta(days=self.chance.randrange(1, 9))
        self._noted(self.set("periods", period, due=period.due + more, closes=period.closes + more))

    def _close(self, *, for_a_meeting: bool = False) -> None:
        """With or without a meeting that gets the paper; published at once, or later."""
        if for_a_meeting or self.chance.random() < 0.7:
            self._prepare()
        period = self._period()
        key = period.pk
        moment = close_period(period=period, reason=self.word(), by=self.by[0])

        def apply(state: State) -> None:
            closed = state.periods[key]
            closed["closed_at"] = moment
            state.closings.append({"period": key, "meeting": closed["meeting"], "at": moment})

        self.note(moment, f"close {period}", apply)
        if self.chance.random() < 0.1:
            publish_missing(by=self.by[0])

    def _prepare(self) -> None:
        period, meeting, note = self._period(), self._coming_meeting(), self.word()
        key, meeting_key = period.pk, meeting.pk
        set_meeting(period=period, meeting=meeting, note=note, by=self.by[0])

        def apply(state: State) -> None:
            state.periods[key]["meeting"] = meeting_key
            state.meetings[meeting_key]["note"] = note

        self.note(stamp(), f"{meeting} gets the paper of {period}", apply)

    def _coming_meeting(self) -> BoardMeeting:
        coming = BoardMeeting.objects.filter(held_on__gte=self.today).order_by("held_on")
        return coming.first() or self._meet(self.today + timedelta(days=self.chance.randrange(0, 8)))

    def _reopen(self) -> None:
        period = self._period()
        reopen_period(period=period, reason=self.word(), by=self.by[0])
        key = period.pk
        self.note(stamp(), f"reopen {period}", lambda state: state.periods[key].update(closed_at=None))

    def _link_afterwards(self) -> None:
        """Somebody remembers only after the closing which meeting gets the paper."""
        period, meeting = self._period(), self._coming_meeting()
        if period.meeting_id == meeting.pk:
            return
        what, apply = self.set("periods", period, meeting=meeting)
        key, closed_at = period.pk, period.closed_at

        def linked(state: State) -> None:
            apply(state)
            state.closings.append({"period": key, "meeting": meeting.pk, "at": closed_at})

        self.note(stamp(), what, linked)

    def _meet(self, held_on: date) -> BoardMeeting:
        found = BoardMeeting.objects.filter(held_on=held_on).first()
        if found:
            return found
        name = self.word()
        made = BoardMeeting.objects.create(name=name, slug=slug_of(name), held_on=held_on)
        said = {"key": made.pk, "name": name, "slug": slug_of(name), "held_on": held_on, "note": ""}
        self.note(
            stamp(), f"meeting on {held_on}", lambda state: state.meetings.update({made.pk: dict(said)})
        )
        return made

    def _edit_meeting(self) -> None:
        """Another name, or another day."""
        meeting = self.one(BoardMeeting)
        day = meeting.held_on + timedelta(days=self.chance.randrange(-5, 6))
        values: dict[str, Any] = {"held_on": day}
        if BoardMeeting.objects.filter(held_on=day).exists():
            values = {"name": self.word()}
        self._noted(self.set("meetings", meeting, **values))

    def _noted(self, done: Done) -> None:
        what, apply = done
        self.note(stamp(), what, apply)


def slug_of(name: str) -> str:
    return name.lower().replace(" ", "-")
