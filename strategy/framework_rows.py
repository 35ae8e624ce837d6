"""What a framework table says, row by row, and what was wrong with it or mended."""

from collections.abc import Iterable
from dataclasses import dataclass

from strategy.outcome_text import MeasureRow


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: `line` and `column` (a cell, not a character) count from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class FrameworkFaults(ValueError):
    """The table cannot be read; `faults` holds every reason, in the order of the document."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, order=True)
class Mend:
    """One thing that was put right with certainty."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in the document, and how it was read where that differs."""

    line: int
    column: int
    heading: str
    raw: str
    mend: str = ""


@dataclass(frozen=True)
class VitalFewRow:
    code: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class NamedRow:
    """A theme, a cluster or a partner: its name, and the slug it has in addresses."""

    name: str
    slug: str


@dataclass(frozen=True)
class ActionRow:
    number: int
    title: str
    theme: str
    cluster: str
    leads: tuple[str, ...]
    marks: dict[str, str]
    outcome_text: str
    measures: tuple[MeasureRow, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Framework:
    """The whole table. Themes, clusters and leads are in the order of their first row."""

    year: int
    vital_fews: tuple[VitalFewRow, ...]
    themes: tuple[NamedRow, ...]
    clusters: tuple[NamedRow, ...]
    leads: tuple[NamedRow, ...]
    actions: tuple[ActionRow, ...]
    mends: tuple[Mend, ...]
