"""The table that is printed: what was measured, the target of issue 6, and whether it is reached."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADINGS = ("what", "actions", "measured", "for information", "target", "reached")
RIGHT = {"actions", "measured"}


@dataclass(frozen=True)
class Row:
    """One figure. `most` or `least` is its target, in the unit of the figure; without either there is none."""

    what: str
    actions: int
    figure: float | None
    unit: str = "×"
    note: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def measured(self) -> str:
        return "–" if self.figure is None else with_unit(self.figure, self.unit)

    @property
    def target(self) -> str:
        if self.most is not None:
            return f"≤ {with_unit(self.most, self.unit)}"
        return "" if self.least is None else f"≥ {with_unit(self.least, self.unit)}"

    @property
    def reached(self) -> str:
        if self.figure is None or (self.most is None and self.least is None):
            return ""
        fits = (self.most is None or self.figure <= self.most) and (
            self.least is None or self.figure >= self.least
        )
        return "yes" if fits else "no"

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.what, f"{self.actions:,}", self.measured, self.note, self.target, self.reached)


def with_unit(figure: float, unit: str) -> str:
    """Three significant digits, and all of a whole number: 2.48 ×, 12.3 ms, 1,234 ms."""
    size = abs(figure)
    digits = 2 if size < 10 else 1 if size < 100 else 0
    text = f"{figure:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}".strip()


def markdown(rows: Iterable[Row]) -> str:
    """A Markdown table of the rows, in their order."""
    rule = ["---:" if heading in RIGHT else "---" for heading in HEADINGS]
    lines = [HEADINGS, rule, *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
