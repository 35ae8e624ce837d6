"""The plan as at a moment: what every page and file reads from, now and in the past alike.

Everything computed is worked out by the database (`actions.known`) or in this package, and nowhere else: awaited,
overdue, past target date, direction, counts.
"""

from actions.plan.counting import CountedPlan
from actions.plan.measures import MeasuresPlan
from actions.plan.reading import ReadPlan


class Plan(CountedPlan, MeasuresPlan, ReadPlan):
    """The plan as known just before `moment`; at present, without one."""


__all__ = ["Plan"]
