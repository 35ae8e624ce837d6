"""The sheets of exceptions, actions and outcome measures: one row each."""

from actions.measure_table import MeasureTable, measure_columns_of
from actions.rows import ActionState
from actions.tables import Column, columns_of, ordered
from reporting.exceptions import ActionException, every_exception
from reporting.paper.figures import BoardPaper
from reporting.paper.sheets import PaperSheet, Print
from web.spreadsheets import A3

ON_ONE_PAGE = 24  # exceptions that can still be read on one A4 page
DATES = {"Target date": 11, "Revised date": 11}
# Of the actions, what prints legibly on A3. The other columns are there, folded away.
PRINTED_ACTIONS = frozenset(
    (
        "Action No",
        "Cluster",
        "Action",
        "Suggested Lead",
        "Status",
        "Direction",
        "Comment",
        "Recovery step or ask",
        "Target date",
        "Revised date",
        "Update overdue",
    )
)
MEASURE_WIDTHS = {
    "Action No": 10,
    "Measure": 10,
    "Suggested Lead": 20,
    "Unit": 13,
    "Value reported": 11,
    "Status": 15,
    **DATES,
}
PRINTED_MEASURES = frozenset(
    (*MEASURE_WIDTHS, "Baseline", "Target", "Latest value", "% of target", "Direction", "Update overdue")
)


def latest_words(row: ActionState) -> str | None:
    """The comment of the last update; for “no change”, the comment that it confirms and when."""
    return of_measure(row, row.update.comment_in_full) if row.update else None


def next_step(row: ActionState) -> str | None:
    """At risk: the recovery step. Off track: what is needed from the board."""
    update = row.words or row.update
    return of_measure(row, update.next_step) if update and row.status.needs_the_board else None


def of_measure(row: ActionState, text: str) -> str | None:
    """Names the measure where the action has several."""
    if not text:
        return None
    return f"Measure {row.worst_order} of {row.measure_count}: {text}" if row.measure_count > 1 else text


def _reasons(one: ActionException) -> str:
    said = "; ".join(one.reasons)
    return f"{said[:1].upper()}{said[1:]}"


def _direction(one: ActionException) -> str | None:
    return one.row.direction.label if one.row.direction else None


EXCEPTION_COLUMNS = [
    Column("Action No", lambda one: one.row.number, "The action’s number in the framework.", 11),
    Column("Action", lambda one: one.row.title, "The action, in the framework’s words.", 36),
    Column("Lead", lambda one: one.row.leads_in_words, "Who leads. “/” separates joint leads.", 21),
    Column(
        "Status", lambda one: one.row.status.label, "The status of the worst of its outcome measures.", 15
    ),
    Column("Direction", _direction, "Since the last board meeting: Better, Same, Worse or New.", 10),
    Column("Reasons", _reasons, "Every reason that makes the action an exception.", 37),
    Column("Since", lambda one: one.since, "The day the earliest of the reasons began.", 12),
    Column(
        "Latest update",
        lambda one: latest_words(one.row),
        "The comment of the last update; for “no change”, the comment that it confirms and when.",
        46,
    ),
    Column(
        "Recovery step or request to the board",
        lambda one: next_step(one.row),
        "At risk: the recovery step. Off track: what is needed from the board.",
        42,
    ),
]


def exceptions_sheet(paper: BoardPaper) -> PaperSheet:
    count, first = paper.exceptions.count, paper.exceptions.first
    return PaperSheet(
        "Exceptions",
        EXCEPTION_COLUMNS,
        first if len(first) == count else every_exception(paper.plan),
        count,
        "None",
        Print(one_page=count <= ON_ONE_PAGE),
    )


def actions_sheet(paper: BoardPaper) -> PaperSheet:
    plan = paper.plan
    printed = PRINTED_ACTIONS | {plan.outcome_heading}
    return PaperSheet(
        "Actions",
        columns_of(plan),
        plan.in_chunks(plan.actions()),
        plan.size,
        "None",
        Print(A3, printed, {"Action No": 11}),
    )


def measures_sheet(paper: BoardPaper) -> PaperSheet:
    plan = paper.plan
    printed = Print(
        columns=PRINTED_MEASURES | {plan.outcome_heading},
        widths=MEASURE_WIDTHS | {plan.outcome_heading: 44},
        right=frozenset(("Baseline", "Target", "Latest value", "% of target")),
        formats={"Value reported": "d mmm yyyy"},
    )
    rows = plan.measures_in_chunks(ordered(plan, MeasureTable, plan.measures(), "number"))
    count: int = plan.measure_size
    return PaperSheet("Outcome measures", measure_columns_of(plan), rows, count, "None", printed)
