"""The headline of the board's paper: one sentence, made of its figures by rule."""

from typing import TYPE_CHECKING

from actions.models import Status

if TYPE_CHECKING:
    from reporting.paper.figures import BoardPaper

NAMED_AT_MOST = 2  # partners with equally many overdue updates


def headline_of(paper: "BoardPaper") -> str:
    """“4 of 32 actions are off track and 4 at risk; 5 are worse and 1 better than on 20 September 2007; …”."""
    parts = [_troubled(paper), _moved(paper), _requests(paper.request_count), _overdue(paper)]
    said = "; ".join(part for part in parts if part)
    return f"{said[0].upper()}{said[1:]}."


def _troubled(paper: "BoardPaper") -> str:
    off_track, at_risk = (
        paper.counts.by_rank.get(status.rank, 0) for status in (Status.OFF_TRACK, Status.AT_RISK)
    )
    total = paper.counts.total
    if not off_track and not at_risk:
        of_all = f"none of the {total} actions" if total > 1 else "no action"
        return f"{of_all} is off track or at risk"
    if not off_track:
        return f"no action is off track and {at_risk} of {total} {_are(at_risk)} at risk"
    said = f"{off_track} of {total} action{_s(total)} {_are(off_track)} off track"
    return f"{said} and {_other(off_track, at_risk)} at risk"


def _moved(paper: "BoardPaper") -> str:
    if not paper.moved or not paper.since:
        return ""
    worse, better, new = (paper.moved.counts[way] for way in ("worse", "better", "new"))
    day = f"{paper.since.known_on:%-d %B %Y}"
    first = f", and {new} reported for the first time" if new else ""
    if not worse and not better:
        return f"none is worse or better than on {day}{first}"
    return f"{worse or 'none'} {_are(worse)} worse and {_other(worse, better)} better than on {day}{first}"


def _other(first: int, second: int) -> str:
    """The second number of two. It takes the verb of the first, unless only the first is singular."""
    return f"{second} are" if first <= 1 < second else str(second or "none")


def _requests(count: int) -> str:
    if not count:
        return "no decision is asked of the board"
    return f"{count} decision{_s(count)} {_are(count)} asked of the board"


def _overdue(paper: "BoardPaper") -> str:
    count = paper.counts.overdue
    if not paper.plan.calendar.period:
        return "no reporting period is open, so no update is due"
    if not count:
        return "no update is overdue"
    return f"{count} action{_s(count)} {_have(count)} an update overdue{_led_by(paper)}"


def _led_by(paper: "BoardPaper") -> str:
    """The partner with the most overdue updates; both of two with equally many, and none of more."""
    most = [one for one in paper.silent if one.count == paper.silent[0].count]
    if not 0 < len(most) <= NAMED_AT_MOST:
        return ""
    names, count = " and ".join(one.partner.name for one in most), most[0].count
    if count == paper.counts.overdue:
        return f", led by {names}" if count == 1 else f", all of them led by {names}"
    return f": {names} lead {count} each" if len(most) > 1 else f", {count} of them led by {names}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _are(count: int) -> str:
    return "is" if count <= 1 else "are"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
