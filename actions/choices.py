"""What the update form asks: its statuses, their order, the field that each requires, and what has happened."""

from typing import NamedTuple

from django.forms.boundfield import BoundField, BoundWidget

from actions.models import Status

# The form has a box of its own for each meaning of the model's `next_step`.
NEXT_STEP = {Status.AT_RISK: "recovery_step", Status.OFF_TRACK: "board_request"}
ASKED_BESIDE = {**NEXT_STEP, Status.CLOSED: "decided_on"}  # shown under the choice that requires it

# What the comment answers, and the error without one: in a first update, in a later one and in a correction.
FIRST = ("What has happened so far?", "Say in a sentence or two what has happened so far.")
NEXT = (
    "What has happened since the last update?",
    "Say in a sentence or two what has happened since the last update.",
)
CORRECTION = ("What should the update say?", "Enter what the update should say.")


class Choice(NamedTuple):
    """A status to choose: its radio button, and the field that it alone requires."""

    option: BoundWidget
    status: Status
    asked: BoundField | None


def as_chosen(status: Status) -> int:
    """The most common first; Complete last, because its evidence and date follow the list."""
    return (
        Status.ON_TRACK,
        Status.AT_RISK,
        Status.OFF_TRACK,
        Status.NOT_STARTED,
        Status.CLOSED,
        Status.COMPLETE,
    ).index(status)
