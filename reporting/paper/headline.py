"""The headline of the board's paper: one sentence, made of its figures by rule."""

from typing import TYPE_CHECKING

from actions.models import Status

if TYPE_CHECKING:
    from reporting.paper.figures import BoardPaper


def headline_of(paper: "BoardPaper") -> str:
    """“4 of 32 actions are off track and 4 at risk; 5 are worse and 1 better than on 20 September 2007; …”."""
    parts = [_troubled(paper), _moved(paper), _requests(paper.request_count), _overdue(paper)]
    said = "; ".join(part for part in parts if part)
    return f"{said[0].upper()}{said[1:]}."


def _troubled(paper: "BoardPaper") -> str:
    off_track, at_risk = (
        paper.counts.by_rank.get(status.rank, 0) for status in (Status.OFF_TRACK, Status.AT_RISK)
    )
    total = f"{paper.counts.total} action{_s(paper.counts.total)}"
    if not off_track and not at_risk:
        return f"none of {total} is off track or at risk"
    return f"{off_track or 'none'} of {total} {_are(off_track)} off track and {at_risk or 'none'} at risk"


def _moved(paper: "BoardPaper") -> str:
    if not paper.moved or not paper.since:
        return ""
    worse, better, new = (paper.moved.counts[way] for way in ("worse", "better", "new"))
    day = f"{paper.since.held_on:%-d %B %Y}"
    first = f", and {new} reported for the first time" if new else ""
    if not worse and not better:
        return f"none is worse or better than on {day}{first}"
    return f"{worse or 'none'} {_are(worse)} worse and {better or 'none'} better than on {day}{first}"


def _requests(count: int) -> str:
    if not count:
        return "no decision is asked of the board"
    return f"{count} decision{_s(count)} {_are(count)} asked of the board"


def _overdue(paper: "BoardPaper") -> str:
    if not paper.counts.overdue:
        return "no update is overdue"
    said = f"{paper.counts.overdue} action{_s(paper.counts.overdue)} {_have(paper.counts.overdue)} an update overdue"
    most = paper.silent[0] if paper.silent else None
    return f"{said}, {most.count} of them led by {most.partner.name}" if most else said


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _are(count: int) -> str:
    return "is" if count <= 1 else "are"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
