"""The sheets of breakdowns and of changes since the last meeting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from actions.counts import NOTHING, StatusCounts
from actions.models import Status
from actions.models.status import WORST_FIRST
from actions.plan_edits import PlanEdit, edits_between
from actions.tables import Column
from reporting.paper.figures import BoardPaper
from reporting.paper.moved import StatusMove, every_move
from reporting.paper.sheets import PaperSheet, Print

WAYS = {
    "worse": "Worse",
    "better": "Better",
    "new": "New",
    "closed": "Closed",
    "reopened": "Reopened",
}


@dataclass(frozen=True)
class Breakdown:
    """The actions of one vital few, theme, cluster or lead, by status."""

    by: str
    name: str
    relationship: str | None
    counts: StatusCounts


def _count_of(status: Status) -> Column:
    rank = status.rank
    return Column(
        status.label,
        lambda one: one.counts.by_rank.get(rank, 0),
        f"How many of them show this status: {status.meaning}",
        9,
    )


def _share_of(status: Status) -> Column:
    rank = status.rank
    return Column(
        f"{status.label} %",
        lambda one: one.counts.shares[rank].percent,
        "That number as a percentage of the actions, rounded; empty if the group has no actions.",
        10,
    )


BREAKDOWN_COLUMNS = [
    Column("By", lambda one: one.by, "What the actions are grouped by.", 11),
    Column("Name", lambda one: one.name, "The vital few, theme, cluster or lead partner.", 44),
    Column(
        "Relationship",
        lambda one: one.relationship,
        "Vital fews only: strong (X), supporting (O), or together: either of them.",
        13,
    ),
    Column("Actions", lambda one: one.counts.total, "How many actions there are.", 9),
    *(column for status in WORST_FIRST for column in (_count_of(status), _share_of(status))),
    Column(
        "Update awaited",
        lambda one: one.counts.awaited,
        "An unfinished measure has no update in the open reporting period yet.",
        9,
    ),
    Column("Update overdue", lambda one: one.counts.overdue, "Awaited, and the due date has passed.", 9),
    Column("Past target date", lambda one: one.counts.past_target, "Unfinished after the original date.", 9),
]


def breakdowns_of(paper: BoardPaper) -> list[Breakdown]:
    """All actions, then those of each vital few, theme, cluster and lead partner."""
    plan = paper.plan
    found = [Breakdown("All", "All actions", None, paper.counts)]
    for one in paper.vital_fews:
        name = f"{one.vital_few.code} {one.vital_few.name}"
        strengths = (("strong", one.strong), ("supporting", one.supporting), ("together", one.together))
        found += [Breakdown("Vital few", name, strength, counts) for strength, counts in strengths]
    groups: tuple[tuple[str, str, list[Any]], ...] = (
        ("Theme", "theme", plan.themes),
        ("Cluster", "cluster", plan.clusters),
        ("Lead", "leads", plan.partners),
    )
    for label, field, items in groups:
        by_key = plan.counts_by(field)
        found += [Breakdown(label, one.name, None, by_key.get(str(one.row_id), NOTHING)) for one in items]
    return found


def breakdowns_sheet(paper: BoardPaper) -> PaperSheet:
    rows = breakdowns_of(paper)
    numbers = frozenset(column.heading for column in BREAKDOWN_COLUMNS[3:])
    return PaperSheet("Breakdowns", BREAKDOWN_COLUMNS, rows, len(rows), "None", Print(right=numbers))


@dataclass(frozen=True)
class Change:
    """A status that has changed, a target date that was revised, or another edit of the plan."""

    when: datetime
    number: int
    what: str
    by: str | None
    direction: str | None = None
    before: str | None = None
    now: str | None = None
    words: str | None = None
    original: date | None = None
    previous: date | None = None
    new: date | None = None
    why: str | None = None


CHANGE_COLUMNS = [
    Column("When", lambda one: timezone.localtime(one.when).replace(tzinfo=None), "Europe/London.", 17),
    Column("Action No", lambda one: one.number, "The action’s number in the framework.", 8),
    Column(
        "What", lambda one: one.what, "Status, target date, or the part of the plan that was changed.", 16
    ),
    Column(
        "Direction",
        lambda one: one.direction,
        "Of a status: Worse, Better, New (reported for the first time), Closed or Reopened.",
        10,
    ),
    Column("From", lambda one: one.before, "The status in the last paper.", 16),
    Column("To", lambda one: one.now, "The status in this paper.", 16),
    Column("By", lambda one: one.by, "Who submitted the update or made the change.", 24),
    Column("Comment or change", lambda one: one.words, "The update in words, or what was changed.", 46),
    Column("Original date", lambda one: one.original, "The original target date; it never changes.", 12),
    Column("Previous date", lambda one: one.previous, "The target date before the revision.", 12),
    Column("New date", lambda one: one.new, "The target date after it.", 12),
    Column("Why", lambda one: one.why, "The reason given for the change.", 30),
]


def changes_of(paper: BoardPaper) -> Iterator[Change]:
    """Status changes, then target dates that were revised, then other edits. None without a meeting before."""
    moved = paper.moved
    if paper.before is None or moved is None:
        return
    plan, since = paper.plan, paper.before.moment
    all_moves = len(moved.moves) == moved.move_count
    for move in moved.moves if all_moves else every_move(plan, paper.before):
        yield _of_move(move)
    all_edits = len(moved.edits) == moved.edit_count
    edits = moved.edits if all_edits else edits_between(plan, since)
    yield from (_of_edit(edit) for edit in edits if edit.dates)
    yield from (_of_edit(edit) for edit in edits if not edit.dates)


def _of_move(move: StatusMove) -> Change:
    return Change(
        when=move.when,
        number=move.row.number,
        what="Status",
        by=move.by,
        direction=WAYS[move.way],
        before=move.before.label,
        now=move.row.status.label,
        words=move.words or None,
    )


def _of_edit(edit: PlanEdit) -> Change:
    dates = edit.dates
    return Change(
        when=edit.when,
        number=edit.number,
        what="Target date" if dates else edit.kind,
        by=edit.who,
        words=edit.line,
        original=dates.original if dates else None,
        previous=dates.previous if dates else None,
        new=dates.new if dates else None,
        why=edit.why or None,
    )


def changes_sheet(paper: BoardPaper) -> PaperSheet:
    moved = paper.moved
    count = moved.move_count + moved.edit_count if moved else 0
    empty = "None" if moved else "Nothing is compared: there was no board meeting before."
    return PaperSheet("Changes", CHANGE_COLUMNS, changes_of(paper), count, empty)
