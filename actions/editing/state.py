"""An action as its form shows it: a text for each field, at the moment of a stamp. Two states are easily compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.models import ActionVersion, LeadVersion, OutcomeMeasureVersion, RelationshipVersion, as_number
from history.clock import MICROSECOND, moment_of

MEASURE_FIELDS = ("text", "year", "baseline", "target", "unit", "target_date", "revised_date")


@dataclass(frozen=True)
class ActionAtStamp:
    """The rows of an action as known at a stamp."""

    action: ActionVersion
    leads: list[LeadVersion]
    marks: list[RelationshipVersion]
    measures: list[OutcomeMeasureVersion]

    @property
    def texts(self) -> dict[str, str]:
        """The text of each field of the form, by its name there."""
        return dict(self._texts())

    def _texts(self) -> Iterator[tuple[str, str]]:
        for name in ("title", "outcome_text"):
            yield name, same_lines(getattr(self.action, name))
        yield "theme", str(self.action.theme_id)
        yield "cluster", str(self.action.cluster_id)
        for mark in self.marks:
            yield mark_name(mark.vital_few_id), mark.strength
        for lead in self.leads:
            yield lead_name(lead.partner_id), lead.acceptance
        for measure in self.measures:
            for field in MEASURE_FIELDS:
                yield measure_name(measure.row_id, field), as_text(getattr(measure, field))


def at_stamp(action_id: int, stamp: int) -> ActionAtStamp | None:
    """The action as known at `stamp`, a time of the history's clock; None if there was none. Four queries."""
    moment = moment_of(stamp) + MICROSECOND
    action = ActionVersion.objects.at(moment).filter(row_id=action_id).first()
    if action is None:
        return None
    return ActionAtStamp(action, *(_of_action(model, action_id, moment) for model in _PARTS))


_PARTS: tuple[type[Any], ...] = (LeadVersion, RelationshipVersion, OutcomeMeasureVersion)


def _of_action(model: type[Any], action_id: int, moment: datetime) -> list[Any]:
    rows: Any = model.objects.at(moment).filter(action=action_id)
    return list(rows)


def mark_name(vital_few_id: int) -> str:
    return f"mark_{vital_few_id}"


def lead_name(partner_id: int) -> str:
    return f"lead_{partner_id}"


def measure_name(measure_id: int, field: str) -> str:
    return f"measure_{measure_id}_{field}"


def as_text(value: Any) -> str:
    """A value as a box of the form shows it."""
    if value is None:
        return ""
    if hasattr(value, "as_tuple"):
        return as_number(value).replace(",", "")
    return same_lines(str(value))


def same_lines(text: str) -> str:
    """Without the carriage returns that browsers add, and without space at either end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
