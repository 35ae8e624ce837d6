"""The parsed framework table, and the faults and mends found on the way."""

from collections.abc import Iterable
from dataclasses import dataclass

from strategy.outcome_text import ParsedMeasure


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong, at `line` and `column` (a cell, not a character), both from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class FrameworkFaults(ValueError):
    """The table cannot be parsed; `faults` lists every reason, in document order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, order=True, slots=True)
class Mend:
    """One thing that the parser corrected, because only one reading is possible."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """A cell as in the document, and how it was read where that differs."""

    line: int
    column: int
    heading: str
    raw: str
    mend: str = ""


@dataclass(frozen=True)
class ParsedVitalFew:
    code: str
    name: str
    cells: tuple[ParsedCell, ...]


@dataclass(frozen=True)
class ParsedName:
    """A theme, a cluster or a lead: its name, and its slug in addresses."""

    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class ParsedAction:
    number: int
    title: str
    theme: str
    cluster: str
    leads: tuple[str, ...]
    marks: dict[str, str]
    outcome_text: str
    measures: tuple[ParsedMeasure, ...]
    cells: tuple[ParsedCell, ...]


@dataclass(frozen=True)
class Framework:
    """The whole table. Themes, clusters and leads are in the order in which they first appear."""

    year: int
    vital_fews: tuple[ParsedVitalFew, ...]
    themes: tuple[ParsedName, ...]
    clusters: tuple[ParsedName, ...]
    leads: tuple[ParsedName, ...]
    actions: tuple[ParsedAction, ...]
    mends: tuple[Mend, ...]
