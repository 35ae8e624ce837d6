"""Edits of the plan, at random: each makes one and returns what it was and what it does to the state."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, ProtectedError

from actions.models import Action, Lead, OutcomeMeasure, Relationship
from history import clock
from history.models import Clock
from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew
from tests.replay.seeded import NAMED, Apply, row_of
from tests.replay.state import State, london_day

Done = tuple[str, Apply]
LAST_OF_SOURCE = 32


def stamp() -> datetime:
    """The last stamp."""
    return clock.moment_of(Clock.objects.get().stamp)


def drops(kind: str, *keys: int) -> Apply:
    def apply(state: State) -> None:
        for key in keys:
            del getattr(state, kind)[key]

    return apply


def adds(kind: str, row: Any) -> Apply:
    key, values = row.pk, row_of(kind, row)
    return lambda state: getattr(state, kind).update({key: dict(values)})


def amount(chance: random.Random, most: int = 5000) -> Decimal:
    return Decimal(chance.randrange(0, most * 100)) / (100 if chance.random() < 0.3 else 1)


class Editor:
    """Chooses edits by `chance`."""

    chance: random.Random
    now: datetime
    count = 0

    def word(self) -> str:
        """A text that occurs once."""
        self.count += 1
        return f"Said {self.count}"

    @property
    def today(self) -> date:
        return london_day(self.now)

    def an_edit(self) -> Done:
        edits = (
            self._retitle, self._move, self._rename, self._add_lead, self._answer_lead, self._drop_lead, self._mark,
            self._unmark, self._add_measure, self._drop_measure, self._move_measure, self._date_measure,
            self._date_measure, self._reword_measure, self._retarget, self._renumber, self._restate,
            self._rename_vital_few, self._add_action, self._drop_action,
        )  # fmt: skip
        return self.chance.choice(edits)()

    def one(self, model: Any, **of: Any) -> Any:
        return self.chance.choice(list(model.objects.filter(**of).order_by("pk")))

    def set(self, kind: str, row: Any, **values: Any) -> Done:
        """Set columns of a row; a row given for a foreign key is its key to the oracle."""
        type(row).objects.filter(pk=row.pk).update(**values)
        key = row.pk
        keys = {name: getattr(value, "pk", value) for name, value in values.items()}
        return f"{kind} {row}: {keys}", lambda state: getattr(state, kind)[key].update(keys)

    # Actions, and the names of what they belong to

    def _retitle(self) -> Done:
        return self.set("actions", self.one(Action), title=self.word())

    def _restate(self) -> Done:
        return self.set("actions", self.one(Action), outcome_text=self.word())

    def _renumber(self) -> Done:
        return self.set("actions", self.one(Action), number=self._next_number())

    def _next_number(self) -> int:
        last: int = Action.objects.aggregate(last=Max("number"))["last"]
        return last + 1

    def _move(self) -> Done:
        return self.set("actions", self.one(Action), theme=self.one(Theme), cluster=self.one(Cluster))

    def _add_action(self) -> Done:
        made = Action.objects.create(
            number=self._next_number(), title=self.word(), outcome_text=self.word(), theme=self.one(Theme),
            cluster=self.one(Cluster),
        )  # fmt: skip
        return f"add {made}", adds("actions", made)

    def _drop_action(self) -> Done:
        """One that is not of the source and that nothing belongs to."""
        for action in Action.objects.filter(number__gt=LAST_OF_SOURCE).order_by("pk"):
            owned = [
                model.objects.filter(action=action).exists() for model in (Lead, Relationship, OutcomeMeasure)
            ]
            key = action.pk
            if not any(owned):
                try:
                    action.delete()
                except ProtectedError:  # renumbered, and still of the source
                    continue
                return f"drop {action}", drops("actions", key)
        return self._add_action()

    def _rename(self) -> Done:
        kind = self.chance.choice(sorted(NAMED))
        return self._name(kind, self.one(NAMED[kind]), f"{kind} {self.word()}")

    def _rename_vital_few(self) -> Done:
        return self._name("vital_few_name", self.one(VitalFew), f"vital {self.word()}")

    def _name(self, kind: str, row: Any, name: str) -> Done:
        type(row).objects.filter(pk=row.pk).update(name=name)
        key = row.pk

        def apply(state: State) -> None:
            state.names[kind][key] = name

        return f"rename {row}", apply

    # Leads and relationships

    def _add_lead(self) -> Done:
        action = self.one(Action)
        taken = Lead.objects.filter(action=action)
        partner = self.chance.choice(
            list(Partner.objects.exclude(pk__in=taken.values("partner")).order_by("pk"))
        )
        order = (taken.aggregate(last=Max("order"))["last"] or 0) + 1
        made = Lead.objects.create(action=action, partner=partner, order=order)
        return f"add {made}", adds("leads", made)

    def _answer_lead(self) -> Done:
        if not Lead.objects.exists():
            return self._add_lead()
        return self.set(
            "leads", self.one(Lead), acceptance=self.chance.choice(("accepted", "declined", "suggested"))
        )

    def _drop_lead(self) -> Done:
        lead = self.one(Lead)
        key = lead.pk
        Lead.objects.filter(pk=key).delete()
        return f"drop {lead}", drops("leads", key)

    def _mark(self) -> Done:
        action, vital_few, strength = self.one(Action), self.one(VitalFew), self.chance.choice("XO")
        found = Relationship.objects.filter(action=action, vital_few=vital_few).first()
        if found:
            return self.set("marks", found, strength=strength)
        made = Relationship.objects.create(action=action, vital_few=vital_few, strength=strength)
        return f"mark {made}", adds("marks", made)

    def _unmark(self) -> Done:
        mark = self.one(Relationship)
        key = mark.pk
        Relationship.objects.filter(pk=key).delete()
        return f"unmark {mark}", drops("marks", key)

    # Outcome measures

    def _next_order(self, action: Action) -> int:
        last: int | None = OutcomeMeasure.objects.filter(action=action).aggregate(last=Max("order"))["last"]
        return (last or 0) + 1

    def _add_measure(self) -> Done:
        action = self.one(Action)
        target = Decimal(100) if self.chance.random() < 0.5 else None
        made = OutcomeMeasure.objects.create(
            action=action, order=self._next_order(action), text=self.word(), year=2008, target=target
        )
        return f"add {made}", adds("measures", made)

    def _drop_measure(self) -> Done:
        unused = list(OutcomeMeasure.objects.filter(updates=None).order_by("pk"))
        if not unused:
            return self._add_measure()
        measure = self.chance.choice(unused)
        key = measure.pk
        OutcomeMeasure.objects.filter(pk=key).delete()
        return f"drop {measure}", drops("measures", key)

    def _move_measure(self) -> Done:
        measure, action = self.one(OutcomeMeasure), self.one(Action)
        return self.set("measures", measure, action=action, order=self._next_order(action))

    def _reword_measure(self) -> Done:
        return self.set("measures", self.one(OutcomeMeasure), text=self.word())

    def _retarget(self) -> Done:
        """Give a measure a target, or another one; a target of 0 has no percentage."""
        values: dict[str, Any] = {
            "target": self.chance.choice((Decimal(0), Decimal(80), amount(self.chance), amount(self.chance))),
            "baseline": self.chance.choice((None, Decimal(0), amount(self.chance))),
            "unit": self.chance.choice(("", self.word())),
            "year": self.chance.choice((2008, 2008, 2008, 2009)),
        }
        return self.set("measures", self.one(OutcomeMeasure), **values)

    def _date_measure(self) -> Done:
        """Set the original target date, or else the revised one, which may also be removed."""
        measure = self.one(OutcomeMeasure)
        day = self.today + timedelta(days=self.chance.randrange(-30, 60))
        if measure.target_date is None:
            return self.set("measures", measure, target_date=day)
        if measure.revised_date and self.chance.random() < 0.2:
            return self.set("measures", measure, revised_date=None)
        if day == measure.target_date:
            day += timedelta(days=1)
        return self.set("measures", measure, revised_date=day)
