"""A generated history: people's deeds, done to a real portal and noted for `tests.replay.oracle`.

The database's clock is set before each deed. It advances by minutes or days, and now and then it is another server's:
minutes or hours behind, or ahead. Half of the histories cross a night on which the clocks change.
"""

import random
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from typing import Any

from actions.models import OutcomeMeasure, ProgressUpdate, Status
from actions.models.status import CHOOSABLE, REPEATABLE
from actions.updates import latest_update, submit_update
from history import clock
from history.clock import plan_change
from history.models import Clock
from partners.models import Partner, User
from tests.clock import set_clock
from tests.replay.edits import amount, stamp
from tests.replay.oracle import History
from tests.replay.secretary import Secretary
from tests.replay.seeded import Apply, as_seeded
from tests.replay.state import Happened, end_of

OUTSIDE = "Changed outside the portal"
STEPS = (timedelta(minutes=7), timedelta(hours=5), timedelta(days=2), timedelta(days=9))
BEHIND = (0, 0, 0, 0, 0, 4, 60, 240, -3, -90)  # minutes


class World(Secretary):
    """One history of a freshly seeded portal. `by` are the people who submit updates, staff first."""

    def __init__(self, seed: int, by: list[User]) -> None:
        self.chance = random.Random(seed)
        self.by = by
        self.happened = History([as_seeded()])
        first = clock.moment_of(Clock.objects.get().stamp) + timedelta(days=1)
        self.now = first + timedelta(days=self.chance.randrange(0, 30))
        if self.chance.random() < 0.5:
            eve = change_of_clocks(first.date() + timedelta(days=60)) - timedelta(
                days=self.chance.randrange(2, 40)
            )
            self.now += timedelta(days=(eve - self.now.date()).days)

    # The deeds

    def live(self, deeds: int) -> None:
        served = self.chance.randrange(deeds // 2, deeds - 5)
        for number in range(deeds):
            if number == served:
                self.serve(self.pass_time)
            self.pass_time()
            deed = self.chance.choices(
                (self.submit, self.edit, self.edit_together, self.arrange, self.rename_a_person),
                weights=(50, 24, 8, 16, 2),
            )[0]
            deed()
        self.now = max(self.now, stamp()) + timedelta(minutes=1)
        set_clock(self.now)

    def pass_time(self) -> None:
        self.now += self.chance.choice(STEPS) * self.chance.random()
        if self.chance.random() < 0.08:  # on the stroke of midnight, or just before or after it
            self.now = end_of(self.today) + timedelta(seconds=self.chance.choice((-1, 0, 0, 1)))
        set_clock(self.now - timedelta(minutes=self.chance.choice(BEHIND)))

    def note(self, at: datetime, what: str, apply: Apply, who: str = "", why: str = "") -> None:
        self.happened.append(Happened(at, what, apply, who, why))

    def submit(self) -> None:
        measures = OutcomeMeasure.objects.order_by("pk")
        measure = self.chance.choice(list(measures[:12] if self.chance.random() < 0.7 else measures))
        author = self.chance.choice(self.by)
        partner = self.chance.choice(list(Partner.objects.order_by("pk")))
        latest = latest_update(measure.pk)
        fields = self._update(measure, latest)
        if fields["status"] == "closed":
            author = self.by[0]  # staff
        author.refresh_from_db()
        made = submit_update(
            update=ProgressUpdate(measure=measure, on_behalf_of=partner, **fields),
            by=author,
            seen=latest.pk if latest else None,
        )
        told = ("status", "comment", "next_step", "evidence", "value", "no_change")
        said = {name: fields[name] for name in told} | {
            "corrects": fields["corrects"] is not None,
            "pk": made.pk,
            "at": made.recorded_at,
            "author": author.name,
            "partner": partner.name,
            "staff": author.is_staff,
        }
        key = measure.pk
        self.note(made.recorded_at, f"update of {measure}", lambda state: state.updates[key].append(said))

    def _update(self, measure: OutcomeMeasure, latest: ProgressUpdate | None) -> dict[str, Any]:
        repeats = latest is not None and latest.status in REPEATABLE and self.chance.random() < 0.3
        status = latest.status if repeats and latest else self.chance.choice([one.value for one in CHOOSABLE])
        asked = Status(status).asks_for
        has_value = measure.target is not None and not repeats and self.chance.random() < 0.7
        return {
            "status": status,
            "no_change": repeats,
            "comment": "" if repeats else self.word(),
            "next_step": self.word() if "next_step" in asked else "",
            "evidence": self.word()
            if "evidence" in asked or (not repeats and self.chance.random() < 0.2)
            else "",
            "completed_on": self.today if "completed_on" in asked else None,
            "decided_on": self.today if "decided_on" in asked else None,
            "value": amount(self.chance) if has_value else None,
            "corrects": latest if latest and not repeats and self.chance.random() < 0.25 else None,
        }

    def edit(self) -> None:
        """One edit, inside or outside a change."""
        inside, why = self.chance.random() < 0.6, self.word()
        with plan_change(by=self.by[0], reason=why) if inside else nullcontext():
            what, apply = self.an_edit()
        self.note(stamp(), what, apply, *((self._editor, why) if inside else (OUTSIDE, "")))

    def edit_together(self) -> None:
        """Several edits in one change; some touch the same row twice."""
        why = self.word()
        with plan_change(by=self.by[0], reason=why):
            done = [self.an_edit() for _ in range(self.chance.randrange(2, 6))]
        at = stamp()
        for what, apply in done:
            self.note(at, what, apply, self._editor, why)

    @property
    def _editor(self) -> str:
        """The name that the editor has now."""
        return User.objects.get(pk=self.by[0].pk).name

    def rename_a_person(self) -> None:
        """People have no versions; their updates keep the name they had."""
        User.objects.filter(pk=self.chance.choice(self.by).pk).update(name=f"Person {self.word()}")


def change_of_clocks(after: date) -> date:
    """The next day after `after` that has 23 or 25 hours in London."""
    day = after
    while end_of(day) - end_of(day - timedelta(days=1)) == timedelta(days=1):
        day += timedelta(days=1)
    return day
