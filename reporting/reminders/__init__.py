"""Reminders: who owes an update, the e-mails they get, by the calendar or sent by staff."""

from reporting.reminders.by_hand import Choice, Selection, occasion_of, remind, selected
from reporting.reminders.planned import Due, last_reminded, open_period, plan_reminders, reminders_due

__all__ = [
    "Choice",
    "Due",
    "Selection",
    "last_reminded",
    "occasion_of",
    "open_period",
    "plan_reminders",
    "remind",
    "reminders_due",
    "selected",
]
