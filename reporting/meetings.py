"""Adding, editing and deleting a board meeting: the one place where it is done."""

from django.db import IntegrityError

from history import clock
from history.clock import day_of, plan_change
from partners.models import User
from reporting.edits import EditRefused, check_seen, free_slug
from reporting.models import BoardMeeting, BoardMeetingVersion, ReportingPeriodVersion

RESERVED = ("new",)
FIELDS = ("name", "held_on", "note")


def add_meeting(*, meeting: BoardMeeting, by: User) -> BoardMeeting:
    """Save a new meeting under an address of its own. Raises EditRefused."""
    try:
        with plan_change(by=by, reason=f"{meeting} added"):
            meeting.slug = free_slug(BoardMeeting, meeting.name, RESERVED)
            meeting.save()
    except IntegrityError as error:
        raise EditRefused("Somebody has just added a meeting on that day.") from error
    return meeting


def edit_meeting(*, meeting: BoardMeeting, seen: int, reason: str, by: User) -> None:
    """Save name, date and note. `seen` is the version its editor opened. Raises EditRefused."""
    try:
        with plan_change(by=by, reason=reason):
            check_seen(BoardMeetingVersion, meeting, seen)
            saved = BoardMeeting.objects.get(pk=meeting.pk)
            if saved.held_on != meeting.held_on and (why := why_date_is_fixed(saved)):
                raise EditRefused(why)
            meeting.save(update_fields=FIELDS)
    except IntegrityError as error:
        raise EditRefused("There is already a board meeting on that day.") from error


def delete_meeting(*, meeting: BoardMeeting, reason: str, by: User) -> None:
    """Delete a meeting that is still to come and that no period ever served. Raises EditRefused."""
    with plan_change(by=by, reason=reason):
        if why := why_kept(meeting):
            raise EditRefused(why)
        BoardMeeting.objects.filter(pk=meeting.pk).delete()


def why_date_is_fixed(meeting: BoardMeeting) -> str:
    """Why the date of this meeting cannot move; empty if it can."""
    if _has_paper(meeting):
        return (
            f"You cannot change the date from {meeting.held_on:%-d %B %Y}: a paper has been published for this "
            "meeting."
        )
    if _was_held(meeting):
        return (
            "You cannot change the date: this meeting has been held, and later figures are compared with it."
        )
    return ""


def why_kept(meeting: BoardMeeting) -> str:
    """Why this meeting cannot be deleted; empty if it can."""
    if _has_paper(meeting):
        return "A paper has been published for this meeting, so it cannot be deleted."
    if _was_held(meeting):
        return "This meeting has been held, so it cannot be deleted."
    if period := ReportingPeriodVersion.objects.filter(meeting=meeting.pk).first():
        return f"The history of {period} names this meeting, so it cannot be deleted. Edit its name and date instead."
    return ""


def _was_held(meeting: BoardMeeting) -> bool:
    return meeting.held_on < day_of(clock.now())


def _has_paper(meeting: BoardMeeting) -> bool:
    closed = ReportingPeriodVersion.objects.filter(meeting=meeting.pk, closed_at__isnull=False)
    return closed.exists()
