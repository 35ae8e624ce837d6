"""The coverage as files: a workbook with a sheet for each table, and a CSV of both tables of counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from actions.exports import NOTES_COLUMNS, invented, notes_of
from actions.models.status import WORST_FIRST
from partners.models import User
from reporting.coverage import Coverage, Row
from reporting.coverage_gaps import gaps_of, in_doubt
from web.spreadsheets import A3, Sheet, SheetColumn

Cells = Sequence[Any]
COUNTS = (SheetColumn("Strong (X)", 11, right=True), SheetColumn("Supporting (O)", 15, right=True))
VITAL_FEW = (SheetColumn("Vital few", 11), SheetColumn("Name", 44))
CLUSTER, ACTIONS = SheetColumn("Cluster", 18), SheetColumn("Actions", 10, right=True)
MEANINGS = (
    ("Strong (X), Supporting (O)", "How many actions; empty where the filter leaves that strength out."),
    ("Of a vital few", "Actions with that relationship to it. An action counts under each vital few it is related to."),
    ("Of a theme", "Its actions that are strong, or supporting, for at least one vital few. An action may be both."),
    ("Gaps", "Where the plan has no action, which vital fews have few strong ones, and only strong ones in doubt."),
)  # fmt: skip


def csv_sheet(coverage: Coverage) -> Sheet:
    """Both tables of counts, one cell a row."""
    columns = [SheetColumn("Table", 18), SheetColumn("Row", 30), CLUSTER, ACTIONS, *COUNTS]
    tables = (("Vital few", coverage.vital_few_rows), ("Theme", coverage.theme_rows))
    rows = (
        (table, _name(row), *cells) for table, of_table in tables for row in of_table for cells in _cells(row)
    )
    return Sheet("Coverage", columns, rows)


def sheets_of(coverage: Coverage, *, by: User, address: str) -> list[Sheet]:
    """The sheets of the workbook; `address` opens the same view again."""
    vital_fews = (
        (row.item.code, row.item.name, *cells) for row in coverage.vital_few_rows for cells in _cells(row)
    )
    themes = ((row.item.name, *cells) for row in coverage.theme_rows for cells in _cells(row))
    return [
        Sheet("Vital few by cluster", [*VITAL_FEW, CLUSTER, ACTIONS, *COUNTS], vital_fews),
        Sheet("Theme by cluster", [SheetColumn("Theme", 24), CLUSTER, ACTIONS, *COUNTS], themes),
        Sheet("Status of each vital few", _standing_columns(), list(_standings(coverage)), paper=A3),
        Sheet("Gaps", [SheetColumn("Gap", 100), SheetColumn("Action No", 11)], list(_gaps(coverage))),
        Sheet("Notes", NOTES_COLUMNS, list(_notes(coverage, by, address))),
    ]


def _name(row: Row) -> str:
    return str(getattr(row.item, "code", row.item.name))


def _cells(row: Row) -> Iterator[Cells]:
    for cell in row.cells:
        assert cell.cluster  # noqa: S101  the whole row has none, and is not among them
        yield cell.cluster.name, cell.actions, cell.number("strong"), cell.number("supporting")


def _standing_columns() -> list[SheetColumn]:
    statuses = [SheetColumn(status.label, 13, right=True) for status in WORST_FIRST]
    late = SheetColumn("Update overdue", 10, right=True)
    share = [SheetColumn(heading, 14, right=True) for heading in ("Weighted %", "Points", "Out of")]
    return [*VITAL_FEW, SheetColumn("Strength", 14), *statuses, ACTIONS, late, *share]


def _standings(coverage: Coverage) -> Iterator[Cells]:
    for one in coverage.standings:
        name = (one.vital_few.code, one.vital_few.name)
        for strength in coverage.strengths:
            counts = getattr(one, strength)
            by_rank = [counts.by_rank.get(rank, 0) for rank in range(len(WORST_FIRST))]
            yield *name, strength.capitalize(), *by_rank, counts.total, counts.overdue, None, None, None
        if len(coverage.strengths) > 1:
            by_rank = [one.together.by_rank.get(rank, 0) for rank in range(len(WORST_FIRST))]
            share = (one.share.percent, one.share.points, one.share.of)
            yield *name, "Together", *by_rank, one.together.total, one.together.overdue, *share


def _gaps(coverage: Coverage) -> Iterator[Cells]:
    for words in gaps_of(coverage):
        yield words, None
    for one in in_doubt(coverage):
        late = ", update overdue" if one.row.overdue else ""
        words = f"The only strong action for {one.places} is {one.row.status.label}{late}: {one.row.title}"
        yield words, one.row.number


def _notes(coverage: Coverage, by: User, address: str) -> Iterator[tuple[str, str]]:
    filterset = coverage.filterset
    yield from invented(filterset.plan)
    yield "Actions in this file", f"{coverage.total} of {filterset.plan.size}"
    yield from notes_of(filterset, by=by, address=address)
    yield from MEANINGS
    yield "Weighted %", weighting()


def weighting() -> str:
    """The rule of the weighted share, with its weights."""
    return (
        f"A strong action counts {_points(settings.STRONG_WEIGHT)}, a supporting action {settings.SUPPORTING_WEIGHT}. "
        "The percentage is the points of actions On track or Complete, divided by the points of all actions that "
        "are neither Not yet reported nor Closed. Those are left out, not counted as zero."
    )


def _points(count: int) -> str:
    return f"{count} point{'' if count == 1 else 's'}"
