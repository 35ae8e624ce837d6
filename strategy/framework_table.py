"""Read a strategy action framework table: bytes in, rows out, no models.

The layout is that of fixtures/framework.txt: tab-separated text with a list of vital fews on top, one heading
row, then one row an action. What can be mended with certainty is mended and said (`Framework.mends`);
everything else is a fault, and all faults are raised together.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import slugify

from strategy.framework_document import LEADING_COLUMNS, Layout, decoded, layout_of, vital_fews_of
from strategy.framework_rows import (
    ActionRow,
    Cell,
    Fault,
    Framework,
    FrameworkFaults,
    Mend,
    NamedRow,
)
from strategy.outcome_text import measures_in

ACTION_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
EVERYONE = "All"


@dataclass
class _RawRow:
    """A row of the table while it is being read: cells by position, with what was mended in each."""

    line: int
    raw: list[str]
    shifted: bool = False
    malformed: bool = False  # too few or too many cells: what stands in its columns is not known
    mends: dict[int, list[str]] = field(default_factory=dict)

    @property
    def cells(self) -> list[str]:
        standing = ["", *self.raw[:-1]] if self.shifted else self.raw
        return [cell.strip() for cell in standing]

    def document_column(self, position: int) -> int:
        """The column in the document, from 1, of the cell that was read at `position`, from 0."""
        return max(position + (0 if self.shifted else 1), 1)

    def mend(self, position: int, message: str) -> None:
        self.mends.setdefault(position, []).append(message)


def parse(source: bytes) -> Framework:
    """Read the table.

    Raises FrameworkFaults with every fault of the document when it cannot be read whole.
    """
    faults: list[Fault] = []
    mends: list[Mend] = []
    lines = decoded(source, faults, mends)
    if not any(line.strip() for line in lines):
        raise FrameworkFaults(
            faults or [Fault(1, 1, "the document is empty; a framework table was expected")]
        )
    faults_of_the_list: list[Fault] = []
    vital_fews = vital_fews_of(lines, faults_of_the_list)
    layout = layout_of(lines, [] if faults_of_the_list else vital_fews, faults)
    faults += faults_of_the_list
    rows = _raw_rows(lines, layout, faults) if layout else []
    if layout and not rows:
        faults.append(
            Fault(layout.heading_line, 1, "no row follows the heading; at least one action was expected")
        )
    actions = _actions(rows, layout, faults) if layout else []
    if faults:
        raise FrameworkFaults(faults)
    mends += [
        Mend(row.line, row.document_column(position), message)
        for row in rows
        for position, messages in row.mends.items()
        for message in messages
    ]
    assert layout is not None  # noqa: S101  no layout is a fault, raised above
    return Framework(
        year=layout.year,
        vital_fews=tuple(vital_fews),
        themes=_named(action.theme for action in actions),
        clusters=_named(action.cluster for action in actions),
        leads=_named(lead for action in actions for lead in action.leads),
        actions=tuple(actions),
        mends=tuple(sorted(mends)),
    )


def _raw_rows(lines: list[str], layout: Layout, faults: list[Fault]) -> list[_RawRow]:
    rows = []
    for number, line in enumerate(lines[layout.heading_line :], start=layout.heading_line + 1):
        if not line.strip():
            continue
        raw = line.split("\t")
        if len(raw) != layout.width:
            many = "few" if len(raw) < layout.width else "many"
            faults.append(
                Fault(
                    number,
                    min(len(raw), layout.width + 1),
                    f"{len(raw)} cells are too {many}; {layout.width} were expected",
                )
            )
            rows.append(_RawRow(number, raw, malformed=True))
            continue
        row = _RawRow(number, raw)
        if _stands_one_cell_left(row.cells):
            row.shifted = True
            row.mend(1, f"the row stood one cell to the left; “{raw[0].strip()}” was read as its cluster")
        rows.append(row)
    return rows


def _stands_one_cell_left(cells: list[str]) -> bool:
    """The number is in the column before its own, and the last cell is empty: no other reading is possible."""
    return (
        bool(cells[0])
        and not cells[-1]
        and ACTION_NUMBER.fullmatch(cells[2]) is not None
        and ACTION_NUMBER.fullmatch(cells[3]) is None
    )


def _actions(rows: list[_RawRow], layout: Layout, faults: list[Fault]) -> list[ActionRow]:
    themes = _inherited(rows, 0, "theme", faults)
    clusters = _inherited(rows, 1, "cluster", faults, restart_at=0)
    rows = [row for row in rows if not row.malformed]
    leads = [_lead_names(row, faults) for row in rows]
    theme_spelling = _spellings(zip(themes, strict=True))
    cluster_spelling = _spellings(zip(clusters, strict=True))
    lead_spelling = _spellings(leads)
    first_line: dict[str, int] = {}
    actions = []
    for row, theme_text, cluster_text, lead_texts in zip(rows, themes, clusters, leads, strict=True):
        cells = row.cells
        number = _number(row, first_line, faults)
        marks = _marks(row, layout, faults)
        for position, what in ((2, "action"), (layout.width - 1, "outcome measure")):
            if not cells[position]:
                faults.append(
                    Fault(row.line, row.document_column(position), f"the {what} is empty; text was expected")
                )
        theme = _spelled(row, 0, theme_text, theme_spelling)
        cluster = _spelled(row, 1, cluster_text, cluster_spelling)
        lead_names = tuple(_spelled(row, 4, text, lead_spelling) for text in lead_texts)
        measures = measures_in(cells[-1])
        if len(measures) > 1:
            row.mend(
                layout.width - 1, f"{len(measures)} sentences were read as {len(measures)} outcome measures"
            )
        if number is None:
            continue
        actions.append(
            ActionRow(
                number=number,
                title=cells[2],
                theme=theme,
                cluster=cluster,
                leads=lead_names,
                marks=marks,
                outcome_text=cells[-1],
                measures=measures,
                cells=_cells(row, layout),
            )
        )
    return actions


def _inherited(
    rows: list[_RawRow], position: int, what: str, faults: list[Fault], restart_at: int | None = None
) -> list[str]:
    """The text of one column, empty cells read as the cell above; `restart_at` is a column that ends inheritance.

    Malformed rows have no text here, and what an empty cell below one inherits is not known: no fault of its own.
    """
    texts: list[str] = []
    above: str | None = ""
    for row in rows:
        if row.malformed:
            above = None
            continue
        cell = row.cells[position]
        if restart_at is not None and row.cells[restart_at]:
            above = ""
        if cell:
            above = cell
        elif above:
            row.mend(position, f"the empty {what} cell was read as the one above, “{above}”")
        elif above is not None:
            faults.append(
                Fault(
                    row.line,
                    row.document_column(position),
                    f"an action before any {what}; a {what} was expected",
                )
            )
        texts.append(above or "")
    return texts


def _lead_names(row: _RawRow, faults: list[Fault]) -> list[str]:
    cell, column = row.cells[4], row.document_column(4)
    names = [name.strip() for name in cell.split("/")]
    if not all(names):
        found = f"“{cell}” has an empty name" if cell else "no suggested lead"
        faults.append(
            Fault(row.line, column, f"{found}; a name, or names with “/” between them, was expected")
        )
        return [name for name in names if name]
    if len({name.casefold() for name in names}) < len(names):
        faults.append(Fault(row.line, column, f"“{cell}” names a lead twice; each lead once was expected"))
    if len(names) > 1:
        row.mend(4, f"“{cell}” was read as a joint lead of {len(names)}: " + ", then ".join(names))
    return names


def _spellings(texts: Iterable[Iterable[str]]) -> dict[str, str]:
    """Which spelling stands for names that differ in capitals alone: the commonest, of equals the first."""
    counts = Counter(name for row in texts for name in row if name)
    best: dict[str, str] = {}
    for name, count in counts.items():
        standing = best.get(name.casefold())
        if standing is None or count > counts[standing]:
            best[name.casefold()] = name
    return best


def _spelled(row: _RawRow, position: int, text: str, spellings: dict[str, str]) -> str:
    name = spellings.get(text.casefold(), text)
    if name != text and row.cells[position]:
        row.mend(position, f"“{text}” was read as “{name}”, spelt so elsewhere")
    return name


def _number(row: _RawRow, first_line: dict[str, int], faults: list[Fault]) -> int | None:
    cell, column = row.cells[3], row.document_column(3)
    if not ACTION_NUMBER.fullmatch(cell):
        found = f"“{cell}” is no action number" if cell else "no action number"
        faults.append(Fault(row.line, column, f"{found}; a whole number from 1 to 9999 was expected"))
        return None
    if cell in first_line:
        faults.append(
            Fault(
                row.line,
                column,
                f"action {cell} stands on line {first_line[cell]} already; each number once was expected",
            )
        )
        return None
    first_line[cell] = row.line
    return int(cell)


def _marks(row: _RawRow, layout: Layout, faults: list[Fault]) -> dict[str, str]:
    marks = {}
    for position, code in enumerate(layout.codes, start=len(LEADING_COLUMNS)):
        mark = row.cells[position]
        if mark in {"X", "O"}:
            marks[code] = mark
        elif mark:
            faults.append(
                Fault(
                    row.line,
                    row.document_column(position),
                    f"“{mark}” for {code}; X, O or an empty cell was expected",
                )
            )
    return marks


def _cells(row: _RawRow, layout: Layout) -> tuple[Cell, ...]:
    standing = ["", *row.raw[:-1]] if row.shifted else row.raw
    return tuple(
        Cell(row.line, row.document_column(position), heading, raw, "; ".join(row.mends.get(position, [])))
        for position, (heading, raw) in enumerate(zip(layout.headings, standing, strict=True))
        if not (row.shifted and position == 0)  # a shifted row has no theme cell of its own
    )


def _named(names: Iterable[str]) -> tuple[NamedRow, ...]:
    """Each name once, with a slug of its own: lower case, hyphens, “&” dropped; numbered where two would be alike."""
    rows: dict[str, NamedRow] = {}
    for name in names:
        if name in rows:
            continue
        stem = "all-partners" if name == EVERYONE else slugify(name) or "name"
        taken = {row.slug for row in rows.values()}
        slug = next(
            s for n in range(1, len(taken) + 2) if (s := stem if n == 1 else f"{stem}-{n}") not in taken
        )
        rows[name] = NamedRow(name, slug)
    return tuple(rows.values())
