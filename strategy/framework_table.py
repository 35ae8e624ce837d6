"""Parses a strategy action framework table: bytes in, rows out, no models.

The layout is that of fixtures/framework.txt: tab-separated text with a list of vital fews on top, one heading
row, then one row for each action. What has only one possible reading is corrected and listed in `Framework.mends`;
everything else is a fault, and all faults are raised together. The time taken is linear in the number of rows.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import slugify

from strategy.framework_document import LEADING_COLUMNS, Layout, decoded, layout_of, vital_fews_of
from strategy.framework_rows import (
    Fault,
    Framework,
    FrameworkFaults,
    Mend,
    ParsedAction,
    ParsedCell,
    ParsedName,
)
from strategy.outcome_text import measures_in

THEME, CLUSTER, TITLE, NUMBER, LEAD, OUTCOME = 0, 1, 2, 3, 4, -1
ACTION_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
EVERYONE = "All"


@dataclass(slots=True)
class _RawRow:
    """A row of the table while it is parsed: its cells by position, and the mends in each."""

    line: int
    raw: list[str]  # in the columns of the layout
    shifted: bool = False  # was one cell too far left in the document
    malformed: bool = False  # too few or too many cells: which is in which column is not known
    mends: dict[int, list[str]] = field(default_factory=dict)
    cells: list[str] = field(init=False)  # without the blanks around them

    def __post_init__(self) -> None:
        self.cells = [cell.strip() for cell in self.raw]

    def document_column(self, position: int) -> int:
        """The column in the document, from 1, of the cell at `position`, from 0."""
        return max(position % len(self.raw) + (0 if self.shifted else 1), 1)

    def mend(self, position: int, message: str) -> None:
        self.mends.setdefault(position % len(self.raw), []).append(message)

    def fault(self, position: int, message: str) -> Fault:
        return Fault(self.line, self.document_column(position), message)


@dataclass(frozen=True, slots=True)
class _Names:
    """The theme, cluster and leads of one row, as spelt there."""

    theme: str
    cluster: str
    leads: list[str]


@dataclass(frozen=True, slots=True)
class _Spellings:
    """The chosen spelling of each theme, cluster and lead, by its case-folded name."""

    themes: dict[str, str]
    clusters: dict[str, str]
    leads: dict[str, str]


def parse(source: bytes) -> Framework:
    """Parse the table.

    Raises FrameworkFaults with every fault of the document if it has any.
    """
    faults: list[Fault] = []
    mends: list[Mend] = []
    lines = decoded(source, faults, mends)
    if not any(line.strip() for line in lines):
        raise FrameworkFaults(
            faults or [Fault(1, 1, "the document is empty; a framework table was expected")]
        )
    list_faults: list[Fault] = []
    vital_fews = vital_fews_of(lines, list_faults)
    layout = layout_of(lines, [] if list_faults else vital_fews, faults)
    faults += list_faults
    rows = _raw_rows(lines, layout, faults) if layout else []
    if layout and not rows:
        faults.append(
            Fault(layout.heading_line, 1, "no row follows the heading; at least one action was expected")
        )
    actions = _actions(rows, layout, faults) if layout else []
    if faults:
        raise FrameworkFaults(faults)
    assert layout is not None  # noqa: S101  no layout is a fault, raised above
    return Framework(
        year=layout.year,
        vital_fews=tuple(vital_fews),
        themes=_named(action.theme for action in actions),
        clusters=_named(action.cluster for action in actions),
        leads=_named(lead for action in actions for lead in action.leads),
        actions=tuple(actions),
        mends=tuple(sorted([*mends, *_mends(rows)])),
    )


def _mends(rows: Iterable[_RawRow]) -> Iterable[Mend]:
    for row in rows:
        for position, messages in row.mends.items():
            for message in messages:
                yield Mend(row.line, row.document_column(position), message)


def _raw_rows(lines: list[str], layout: Layout, faults: list[Fault]) -> list[_RawRow]:
    rows = []
    for number, line in enumerate(lines[layout.heading_line :], start=layout.heading_line + 1):
        if not line.strip():
            continue
        row = _RawRow(number, line.split("\t"))
        if len(row.raw) != layout.width:
            row.malformed = True
            many = "few" if len(row.raw) < layout.width else "many"
            message = f"{len(row.raw)} cells are too {many}; {layout.width} were expected"
            faults.append(Fault(number, min(len(row.raw), layout.width + 1), message))
        elif _is_one_cell_left(row.cells):
            row = _RawRow(number, ["", *row.raw[:-1]], shifted=True)
            cluster = row.cells[CLUSTER]
            row.mend(CLUSTER, f"the row was one cell too far left; “{cluster}” was read as its cluster")
        rows.append(row)
    return rows


def _is_one_cell_left(cells: list[str]) -> bool:
    """The number is in the column before its own, and the last cell is empty: no other reading is possible."""
    return (
        bool(cells[0])
        and not cells[-1]
        and ACTION_NUMBER.fullmatch(cells[NUMBER - 1]) is not None
        and ACTION_NUMBER.fullmatch(cells[NUMBER]) is None
    )


def _actions(rows: list[_RawRow], layout: Layout, faults: list[Fault]) -> list[ParsedAction]:
    themes = _inherited(rows, THEME, "theme", faults)
    clusters = _inherited(rows, CLUSTER, "cluster", faults, restart_at=THEME)
    rows = [row for row in rows if not row.malformed]
    leads = [_lead_names(row, faults) for row in rows]
    spellings = _Spellings(
        _spellings(zip(themes, strict=True)), _spellings(zip(clusters, strict=True)), _spellings(leads)
    )
    first_line: dict[str, int] = {}
    actions = []
    for row, theme, cluster, lead_names in zip(rows, themes, clusters, leads, strict=True):
        number = _number(row, first_line, faults)
        names = _Names(theme, cluster, lead_names)
        action = _action(row, number or 0, names, spellings, layout, faults)
        if number is not None:
            actions.append(action)
    return actions


def _action(
    row: _RawRow, number: int, names: _Names, spellings: _Spellings, layout: Layout, faults: list[Fault]
) -> ParsedAction:
    for position, what in ((TITLE, "action"), (OUTCOME, "outcome measure")):
        if not row.cells[position]:
            faults.append(row.fault(position, f"the {what} is empty; text was expected"))
    measures = measures_in(row.cells[OUTCOME])
    if len(measures) > 1:
        row.mend(OUTCOME, f"{len(measures)} sentences were read as {len(measures)} outcome measures")
    return ParsedAction(
        number=number,
        title=row.cells[TITLE],
        theme=_spelled(row, THEME, names.theme, spellings.themes),
        cluster=_spelled(row, CLUSTER, names.cluster, spellings.clusters),
        leads=tuple(_spelled(row, LEAD, lead, spellings.leads) for lead in names.leads),
        marks=_marks(row, layout, faults),
        outcome_text=row.cells[OUTCOME],
        measures=measures,
        cells=_cells(row, layout),  # last: it takes in what was mended above
    )


def _inherited(
    rows: list[_RawRow], position: int, what: str, faults: list[Fault], restart_at: int | None = None
) -> list[str]:
    """The text of one column, empty cells read as the cell above; a filled cell of column `restart_at` ends that.

    Malformed rows have no text here. An empty cell below one inherits the unknown, which is not another fault.
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
            faults.append(row.fault(position, f"an action before any {what}; a {what} was expected"))
        texts.append(above or "")
    return texts


def _lead_names(row: _RawRow, faults: list[Fault]) -> list[str]:
    cell = row.cells[LEAD]
    names = [name.strip() for name in cell.split("/")]
    if not all(names):
        found = f"“{cell}” has an empty name" if cell else "no suggested lead"
        faults.append(row.fault(LEAD, f"{found}; a name, or names with “/” between them, was expected"))
        return [name for name in names if name]
    if len({name.casefold() for name in names}) < len(names):
        faults.append(row.fault(LEAD, f"“{cell}” names a lead twice; each lead was expected only once"))
    if len(names) > 1:
        row.mend(LEAD, f"“{cell}” was read as a joint lead of {len(names)}: " + ", then ".join(names))
    return names


def _spellings(texts: Iterable[Iterable[str]]) -> dict[str, str]:
    """The spelling to use for names that differ only in capitals: the commonest, the first of equals."""
    counts = Counter(name for row in texts for name in row if name)
    best: dict[str, str] = {}
    for name, count in counts.items():
        known = best.get(name.casefold())
        if known is None or count > counts[known]:
            best[name.casefold()] = name
    return best


def _spelled(row: _RawRow, position: int, text: str, spellings: dict[str, str]) -> str:
    name = spellings.get(text.casefold(), text)
    if name != text and row.cells[position]:
        row.mend(position, f"“{text}” was read as “{name}”, as it is spelt elsewhere")
    return name


def _number(row: _RawRow, first_line: dict[str, int], faults: list[Fault]) -> int | None:
    cell = row.cells[NUMBER]
    if not ACTION_NUMBER.fullmatch(cell):
        found = f"“{cell}” is not an action number" if cell else "no action number"
        faults.append(row.fault(NUMBER, f"{found}; a whole number from 1 to 9,999,999 was expected"))
        return None
    if cell in first_line:
        found = f"action {cell} is already on line {first_line[cell]}"
        faults.append(row.fault(NUMBER, f"{found}; each number was expected only once"))
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
            faults.append(row.fault(position, f"“{mark}” for {code}; X, O or an empty cell was expected"))
    return marks


def _cells(row: _RawRow, layout: Layout) -> tuple[ParsedCell, ...]:
    return tuple(
        ParsedCell(
            row.line, row.document_column(position), heading, raw, "; ".join(row.mends.get(position, ()))
        )
        for position, (heading, raw) in enumerate(zip(layout.headings, row.raw, strict=True))
        if not (row.shifted and position == 0)  # a shifted row has no theme cell of its own
    )


def _named(names: Iterable[str]) -> tuple[ParsedName, ...]:
    """Each name once, with a slug: lower case, hyphens, “&” dropped; numbered if another name has it already."""
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    next_number: Counter[str] = Counter()
    for name in dict.fromkeys(names):
        slug = stem = "all-partners" if name == EVERYONE else slugify(name) or "name"
        while slug in taken:
            next_number[stem] += 1
            slug = f"{stem}-{next_number[stem] + 1}"
        taken.add(slug)
        slugs[name] = slug
    return tuple(ParsedName(name, slug) for name, slug in slugs.items())
