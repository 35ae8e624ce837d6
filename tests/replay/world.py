"""A generated history: people's deeds, done to a real portal and noted for `tests.replay.oracle`.

The database's clock is set before each deed. It advances by minutes or days, and now and then it is another server's,
minutes or hours behind.
"""

import random
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max

from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, Relationship, Status
from actions.models.status import CHOOSABLE, REPEATABLE
from actions.updates import latest_update, submit_update
from history import clock
from history.clock import plan_change
from history.models import Clock
from partners.models import Partner, User
from reporting.models import BoardMeeting, ReportingPeriod
from strategy.models import Cluster, Theme, VitalFew
from tests.clock import set_clock
from tests.replay.oracle import Happened, State, london_day

Apply = Callable[[State], None]
NAMED: dict[str, Any] = {"theme": Theme, "cluster": Cluster, "partner": Partner}


class World:
    """One history of a freshly seeded portal. `by` are the people who submit updates, staff first."""

    def __init__(self, seed: int, by: list[User]) -> None:
        self.chance = random.Random(seed)
        self.by = by
        self.now = clock.moment_of(Clock.objects.get().stamp) + timedelta(days=1)
        self.happened = [Happened(clock.moment_of(1), "as seeded", as_seeded())]
        self.count = 0

    # The deeds

    def live(self, deeds: int) -> None:
        for _ in range(deeds):
            self.pass_time()
            deed = self.chance.choices(
                (self.submit, self.edit, self.edit_together, self.arrange, self.rename_a_person),
                weights=(50, 22, 8, 14, 2),
            )[0]
            deed()
        set_clock(self.now + timedelta(minutes=1))

    def pass_time(self) -> None:
        step = self.chance.choice(
            (timedelta(minutes=7), timedelta(hours=5), timedelta(days=2), timedelta(days=9))
        )
        self.now += step * self.chance.random()
        behind = self.chance.choice((0, 0, 0, 0, 4, 60, 240))
        set_clock(self.now - timedelta(minutes=behind))

    def note(self, at: datetime, what: str, apply: Apply) -> None:
        self.happened.append(Happened(at, what, apply))

    def word(self) -> str:
        """A text that occurs once."""
        self.count += 1
        return f"Said {self.count}"

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
        said = {
            "status": fields["status"],
            "comment": fields["comment"],
            "next_step": fields["next_step"],
            "value": fields["value"],
            "no_change": fields["no_change"],
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
            "evidence": "Proof" if "evidence" in asked else "",
            "completed_on": london_day(self.now) if "completed_on" in asked else None,
            "decided_on": london_day(self.now) if "decided_on" in asked else None,
            "value": Decimal(self.chance.randrange(0, 5000)) if has_value else None,
            "corrects": latest if latest and not repeats and self.chance.random() < 0.25 else None,
        }

    def edit(self) -> None:
        """One edit, inside or outside a change."""
        inside = self.chance.random() < 0.6
        with plan_change(by=self.by[0], reason=self.word()) if inside else nullcontext():
            what, apply = self._an_edit()
        self.note(stamp(), what, apply)

    def edit_together(self) -> None:
        """Several edits in one change; some touch the same row twice."""
        with plan_change(by=self.by[0], reason=self.word()):
            done = [self._an_edit() for _ in range(self.chance.randrange(2, 6))]
        at = stamp()
        for what, apply in done:
            self.note(at, what, apply)

    def _an_edit(self) -> tuple[str, Apply]:
        edits = (
            self._retitle, self._move, self._rename, self._add_lead, self._answer_lead, self._drop_lead, self._mark,
            self._unmark, self._add_measure, self._drop_measure, self._move_measure, self._date_measure,
        )  # fmt: skip
        return self.chance.choice(edits)()

    def rename_a_person(self) -> None:
        """People have no versions; their updates keep the name they had."""
        User.objects.filter(pk=self.chance.choice(self.by).pk).update(name=f"Person {self.word()}")

    # Edits of the plan: each makes the edit and returns what it does to the state

    def _one(self, model: Any, **of: Any) -> Any:
        return self.chance.choice(list(model.objects.filter(**of).order_by("pk")))

    def _set(self, kind: str, row: Any, **values: Any) -> tuple[str, Apply]:
        type(row).objects.filter(pk=row.pk).update(**values)
        key = row.pk
        return f"{kind} {row}: {values}", lambda state: getattr(state, kind)[key].update(values)

    def _retitle(self) -> tuple[str, Apply]:
        return self._set("actions", self._one(Action), title=self.word())

    def _move(self) -> tuple[str, Apply]:
        action, theme, cluster = self._one(Action), self._one(Theme), self._one(Cluster)
        Action.objects.filter(pk=action.pk).update(theme=theme, cluster=cluster)
        key, values = action.pk, {"theme": theme.pk, "cluster": cluster.pk}
        return f"move {action}", lambda state: state.actions[key].update(values)

    def _rename(self) -> tuple[str, Apply]:
        kind = self.chance.choice(sorted(NAMED))
        row, name = self._one(NAMED[kind]), f"{kind} {self.word()}"
        NAMED[kind].objects.filter(pk=row.pk).update(name=name)
        key = row.pk

        def apply(state: State) -> None:
            state.names[kind][key] = name

        return f"rename {row}", apply

    def _add_lead(self) -> tuple[str, Apply]:
        action = self._one(Action)
        taken = Lead.objects.filter(action=action)
        partner = self.chance.choice(
            list(Partner.objects.exclude(pk__in=taken.values("partner")).order_by("pk"))
        )
        order = (taken.aggregate(last=Max("order"))["last"] or 0) + 1
        made = Lead.objects.create(action=action, partner=partner, order=order)
        values = {"action": action.pk, "partner": partner.pk, "order": order, "acceptance": "suggested"}
        return f"add {made}", lambda state: state.leads.update({made.pk: dict(values)})

    def _answer_lead(self) -> tuple[str, Apply]:
        if not Lead.objects.exists():
            return self._add_lead()
        return self._set(
            "leads", self._one(Lead), acceptance=self.chance.choice(("accepted", "declined", "suggested"))
        )

    def _drop_lead(self) -> tuple[str, Apply]:
        lead = self._one(Lead)
        key = lead.pk
        Lead.objects.filter(pk=key).delete()
        return f"drop {lead}", drops("leads", key)

    def _mark(self) -> tuple[str, Apply]:
        action, vital_few, strength = self._one(Action), self._one(VitalFew), self.chance.choice("XO")
        found = Relationship.objects.filter(action=action, vital_few=vital_few).first()
        if found:
            return self._set("marks", found, strength=strength)
        made = Relationship.objects.create(action=action, vital_few=vital_few, strength=strength)
        values = {"action": action.pk, "vital_few": vital_few.pk, "strength": strength}
        return f"mark {made}", lambda state: state.marks.update({made.pk: dict(values)})

    def _unmark(self) -> tuple[str, Apply]:
        mark = self._one(Relationship)
        key = mark.pk
        Relationship.objects.filter(pk=key).delete()
        return f"unmark {mark}", drops("marks", key)

    def _next_order(self, action: Action) -> int:
        last: int | None = OutcomeMeasure.objects.filter(action=action).aggregate(last=Max("order"))["last"]
        return (last or 0) + 1

    def _add_measure(self) -> tuple[str, Apply]:
        action = self._one(Action)
        values: dict[str, Any] = {
            "order": self._next_order(action),
            "text": self.word(),
            "target": Decimal(100) if self.chance.random() < 0.5 else None,
            "target_date": None,
            "revised_date": None,
        }
        made = OutcomeMeasure.objects.create(action=action, year=2008, **values)
        values["action"] = action.pk
        return f"add {made}", lambda state: state.measures.update({made.pk: dict(values)})

    def _drop_measure(self) -> tuple[str, Apply]:
        unused = list(OutcomeMeasure.objects.filter(updates=None).order_by("pk"))
        if not unused:
            return self._add_measure()
        measure = self.chance.choice(unused)
        key = measure.pk
        OutcomeMeasure.objects.filter(pk=key).delete()
        return f"drop {measure}", drops("measures", key)

    def _move_measure(self) -> tuple[str, Apply]:
        measure, action = self._one(OutcomeMeasure), self._one(Action)
        order = self._next_order(action)
        OutcomeMeasure.objects.filter(pk=measure.pk).update(action=action, order=order)
        key, values = measure.pk, {"action": action.pk, "order": order}
        return f"move {measure} to {action}", lambda state: state.measures[key].update(values)

    def _date_measure(self) -> tuple[str, Apply]:
        measure = self._one(OutcomeMeasure)
        day = london_day(self.now) + timedelta(days=self.chance.randrange(-30, 60))
        if measure.target_date is None:
            return self._set("measures", measure, target_date=day)
        if day == measure.target_date:
            day += timedelta(days=1)
        return self._set("measures", measure, revised_date=day)

    # Periods and meetings

    def arrange(self) -> None:
        period = ReportingPeriod.objects.order_by("-opens").first()
        if self.chance.random() < 0.3:
            self._meet()
        elif period is None or period.state == "closed":
            self._plan_period(period)
        elif period.state == "planned":
            self._set_period(period, opened_at=clock.now())
        elif self.chance.random() < 0.5:
            self._set_period(period, closed_at=clock.now())

    def _plan_period(self, last: ReportingPeriod | None) -> None:
        opens = london_day(self.now) - timedelta(days=self.chance.randrange(0, 20))
        if last:
            opens = max(opens, last.closes + timedelta(days=1))
        due = opens + timedelta(days=self.chance.randrange(3, 15))
        values = {"opens": opens, "due": due, "closes": due + timedelta(days=10)}
        name = self.word()
        made = ReportingPeriod.objects.create(name=name, slug=name.lower().replace(" ", "-"), **values)
        said = values | {"opened_at": None, "closed_at": None}
        self.note(stamp(), f"period {name}", lambda state: state.periods.update({made.pk: dict(said)}))

    def _set_period(self, period: ReportingPeriod, **values: Any) -> None:
        what, apply = self._set("periods", period, **values)
        self.note(stamp(), what, apply)

    def _meet(self) -> None:
        held_on = london_day(self.now) + timedelta(days=self.chance.randrange(-12, 4))
        if BoardMeeting.objects.filter(held_on=held_on).exists():
            return
        name = self.word()
        made = BoardMeeting.objects.create(name=name, slug=name.lower().replace(" ", "-"), held_on=held_on)
        self.note(
            stamp(),
            f"meeting on {held_on}",
            lambda state: state.meetings.update({made.pk: {"held_on": held_on}}),
        )


def drops(kind: str, key: int) -> Apply:
    def apply(state: State) -> None:
        del getattr(state, kind)[key]

    return apply


def stamp() -> datetime:
    """The last stamp."""
    return clock.moment_of(Clock.objects.get().stamp)


def as_seeded() -> Apply:
    """The plan as it is now, where the replay begins."""
    actions = {
        one.pk: {"number": one.number, "title": one.title, "theme": one.theme_id, "cluster": one.cluster_id}
        for one in Action.objects.all()
    }
    leads = {
        one.pk: {
            "action": one.action_id,
            "partner": one.partner_id,
            "order": one.order,
            "acceptance": one.acceptance,
        }
        for one in Lead.objects.all()
    }
    marks = {
        one.pk: {"action": one.action_id, "vital_few": one.vital_few_id, "strength": one.strength}
        for one in Relationship.objects.all()
    }
    measures = {
        one.pk: {
            "action": one.action_id, "order": one.order, "text": one.text, "target": one.target,
            "target_date": one.target_date, "revised_date": one.revised_date,
        }
        for one in OutcomeMeasure.objects.all()
    }  # fmt: skip
    names = {kind: {row.pk: row.name for row in model.objects.all()} for kind, model in NAMED.items()}
    names["vital_few"] = {row.pk: row.code for row in VitalFew.objects.all()}

    def apply(state: State) -> None:
        for kind, rows in (("actions", actions), ("leads", leads), ("marks", marks), ("measures", measures)):
            getattr(state, kind).update({key: dict(values) for key, values in rows.items()})
        state.names = {kind: dict(rows) for kind, rows in names.items()}

    return apply
