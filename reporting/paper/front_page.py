"""The first page of the paper, in words. It must fit one A4 page: long lists and texts are cut, and it says so.

How much fits is known only when it is laid out. So each part that can be long comes in several lengths, and the
template takes the longest that fits.
"""

from typing import Any, NamedTuple

from actions.counts import StatusCounts
from actions.models import Direction, Status
from actions.models.status import TROUBLED
from actions.rows import ActionState
from reporting.exceptions import ActionException
from reporting.paper.counts import CountLine
from reporting.paper.figures import BoardPaper, BoardRequest, Silent, TrendPoint
from reporting.paper.words import cut, day, short_day
from reporting.standing import VitalFewStanding
from web.days import how_long


class Room(NamedTuple):
    """How many of each list are printed, and how many characters of a text."""

    requests: int
    exceptions: int
    partners: int
    text: int
    title: int


NOTE_ROOMS = 3  # the covering note may be three texts long
ROOMS = (
    Room(8, 12, 12, 240, 120),
    Room(8, 12, 12, 160, 90),
    Room(8, 12, 12, 120, 76),
    Room(6, 10, 10, 90, 64),
    Room(6, 8, 8, 80, 56),
    Room(4, 6, 6, 70, 50),
    Room(3, 4, 4, 50, 40),
)


def data_of(paper: BoardPaper) -> dict[str, Any]:
    since = paper.since.known_on if paper.since and paper.before else None
    period = paper.plan.calendar.period
    return {
        "headline": paper.headline,
        "compared": paper.compared_with if since else "",
        "since": day(since),
        "since_day": short_day(since),
        "counts": [_count_line(line) for line in paper.count_lines],
        "request_count": paper.request_count,
        "overdue": paper.counts.overdue,
        "due": day(period.due) if period else "",
        "vital_fews": [_vital_few(one) for one in paper.vital_fews],
        "trend": [_trend(one) for one in paper.trend],
    }


def layout_of(paper: BoardPaper) -> dict[str, Any]:
    """The lists in each of their lengths."""
    shortest = NOTE_ROOMS * min(room.text for room in ROOMS)
    return {
        "lists": [_lists(paper, room) for room in ROOMS],
        "long_note": paper.occasion.note if len(paper.occasion.note) > shortest else "",
    }


def _count_line(line: CountLine) -> dict[str, str]:
    return {
        "label": line.label,
        "status": line.status.value if line.status else "",
        "now": str(line.now_shown),
        "then": str(line.then_shown) if line.is_compared else "",
        "change": line.change_in_words,
    }


def _lists(paper: BoardPaper, room: Room) -> dict[str, Any]:
    """The lists as long as `room` has it, and how much more there is of each."""
    requests = paper.requests[: room.requests]
    groups = _troubled(paper, room)
    return {
        "note": cut(paper.occasion.note, NOTE_ROOMS * room.text),
        "requests": [_request(one, room) for one in requests],
        "more_requests": paper.request_count - len(requests),
        "troubled": groups,
        "more_troubled": paper.trouble_count - sum(len(group["rows"]) for group in groups),
        "silent": [_silent(one) for one in paper.silent[: room.partners]],
        "more_silent": max(len(paper.silent) - room.partners, 0),
    }


def counts_of(counts: StatusCounts) -> dict[str, Any]:
    """A set of actions by status: the parts of its bar, and every number in words."""
    present = [{"status": share.status.value, "count": share.count} for share in counts.present]
    words = ", ".join(f"{share.count} {in_a_sentence(share.status)}" for share in counts.present)
    return {"total": counts.total, "parts": present, "words": words or "no actions"}


def in_a_sentence(status: Status) -> str:
    return status.label[0].lower() + status.label[1:]


def name_of(row: ActionState) -> dict[str, str]:
    return {"number": str(row.number), "title": row.title, "leads": row.leads_in_words}


def _request(one: BoardRequest, room: Room) -> dict[str, Any]:
    row = one.measure.action
    return {
        "name": one.measure.name,
        "title": cut(row.title, room.title),
        "leads": row.leads_in_words,
        "words": cut(one.words, room.text),
        "asked": short_day(one.asked_on),
    }


def _troubled(paper: BoardPaper, room: Room) -> list[dict[str, Any]]:
    """Off track, then At risk: for each status how many there are, and the first of them."""
    shown = paper.in_trouble[: room.exceptions]
    requests = {one.measure.action.id: place for place, one in reversed(list(enumerate(paper.requests, 1)))}
    groups = []
    for status in TROUBLED:
        rows = [_exception(paper, one, requests, room) for one in shown if one.row.status == status]
        if rows:
            count = paper.counts.by_rank.get(status.rank, 0)
            groups.append({"status": status.value, "label": status.label, "count": count, "rows": rows})
    return groups


def _exception(
    paper: BoardPaper, one: ActionException, requests: dict[int, int], room: Room
) -> dict[str, Any]:
    row = one.row
    words = row.words or row.update
    doing = cut(words.next_step, room.text) if words else ""
    if row.id in requests and requests[row.id] <= room.requests:
        doing = f"Request to the board: decision {requests[row.id]}."
    return name_of(row) | {
        "title": cut(row.title, room.title),
        "reasons": _reasons(row),
        "why": cut(words.comment, room.text) if words else "",
        "doing": doing,
        "since": short_day(one.since),
        "for": how_long(one.since, paper.plan.today) if one.since else "",
    }


def _reasons(row: ActionState) -> str:
    """Beside the status, in few words; the appendix has them with their dates."""
    found = []
    if row.direction == Direction.WORSE and row.meeting_status:
        found.append(f"Worse: was {row.meeting_status.label}.")
    if row.overdue:
        found.append("Update overdue.")
    if row.past_target:
        found.append("Past its target date.")
    return " ".join(found)


def _silent(one: Silent) -> dict[str, str]:
    numbers = ", ".join(map(str, one.numbers))
    return {
        "partner": one.partner.name,
        "count": str(one.count),
        "numbers": numbers + (f" and {one.more} more" if one.more else ""),
    }


def _vital_few(one: VitalFewStanding) -> dict[str, Any]:
    return {
        "code": one.vital_few.code,
        "name": one.vital_few.name,
        "strong": counts_of(one.strong),
        "supporting": counts_of(one.supporting),
    }


def _trend(point: TrendPoint) -> dict[str, Any]:
    label = short_day(point.meeting.known_on) if point.meeting else "This paper"
    numbers = {share.status.value: str(share.count) for share in point.counts.shares}
    return counts_of(point.counts) | {"label": label, "numbers": numbers}
