"""The statuses that the update form offers: their order, and the field that each requires."""

from typing import NamedTuple

from django.forms.boundfield import BoundField, BoundWidget

from actions.models import Status

# The form has a box of its own for each meaning of the model's `next_step`.
NEXT_STEP = {Status.AT_RISK: "recovery_step", Status.OFF_TRACK: "board_request"}
ASKED_BESIDE = {**NEXT_STEP, Status.CLOSED: "decided_on"}  # shown under the choice that requires it


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
