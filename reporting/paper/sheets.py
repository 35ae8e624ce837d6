"""What the sheets of the progress workbook have in common: columns with a meaning, and rows that fill them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from actions.looks import LOOKS
from actions.tables import Column
from web.spreadsheets import A4, Sheet, SheetColumn

STATUS_HEADINGS = frozenset(("Status", "Last meeting", "From", "To"))


@dataclass(frozen=True)
class Print:
    """How the columns of a sheet are printed. Without `columns`, all are; others are folded away.

    `widths` are in characters, for columns that are wider in other files.
    """

    paper: int = A4
    columns: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)
    right: frozenset[str] = frozenset()
    formats: Mapping[str, str] = field(default_factory=dict)
    one_page: bool = False


@dataclass(frozen=True)
class PaperSheet:
    """One sheet of the workbook: `count` rows, of which `columns` take their cells. `rows` are read once."""

    title: str
    columns: list[Column]
    rows: Iterable[Any]
    count: int
    empty: str
    printed: Print = Print()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return slug_of(self.title)

    def made(self) -> Sheet:
        return Sheet(
            self.title,
            [self._column(column) for column in self.columns],
            ([column.value(row) for column in self.columns] for row in self.rows),
            paper=self.printed.paper,
            table=self.title.replace(" ", "_"),
            empty=self.empty,
            one_page=self.printed.one_page,
            links=self.links,
        )

    def _column(self, column: Column) -> SheetColumn:
        heading, printed = column.heading, self.printed
        return SheetColumn(
            heading,
            printed.widths.get(heading, column.width),
            looks=LOOKS if heading in STATUS_HEADINGS else {},
            number_format=printed.formats.get(heading, ""),
            right=heading in printed.right,
            printed=not printed.columns or heading in printed.columns,
        )


def slug_of(title: str) -> str:
    return title.lower().replace(" ", "-")
