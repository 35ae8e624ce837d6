"""Cell styles: each look registered with the workbook once, and known by its number."""

from collections.abc import Sequence

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from web.spreadsheets.cells import Place
from web.spreadsheets.sheets import INK, RULE, Look, SheetColumn

FONT = "Calibri"  # a font without a name prints in serif
HEADER = Look(fill="3B2A4A", ink="FFFFFF", bold=True)
BODY = Look()
DATE_FORMAT, TIME_FORMAT = "d mmm yyyy", "d mmm yyyy hh:mm"


class Styles:
    """Style numbers of the workbook that `page` belongs to; the cells made for them are no part of it."""

    def __init__(self, page: Worksheet) -> None:
        self._page = page

    def number_of(
        self, look: Look, number_format: str = "", *, right: bool = False, wraps: bool = True
    ) -> int:
        cell = Cell(self._page)
        cell.font = Font(
            name=FONT, size=look.size, bold=look.bold, color=None if look.ink == INK else look.ink
        )
        cell.number_format = f'"{look.symbol} "@' if look.symbol else number_format or "General"
        cell.alignment = Alignment(
            wrap_text=wraps, vertical="top", horizontal="right" if right else "left", indent=int(right)
        )
        if look.ruled:
            cell.border = _dashed() if look.dashed else Border(bottom=Side(style="thin", color=RULE))
        if look.fill:
            cell.fill = PatternFill("solid", fgColor=look.fill)
        return int(cell.style_id)

    def line(self, look: Look) -> int:
        return self.number_of(look, wraps=False)

    def headings(self, columns: Sequence[SheetColumn], widths: Sequence[int]) -> list[Place]:
        return [
            self._place(n, width, column, HEADER)
            for n, (column, width) in enumerate(zip(columns, widths, strict=False), start=1)
        ]

    def places(self, columns: Sequence[SheetColumn], widths: Sequence[int]) -> list[Place]:
        return [
            self._place(n, width, column, BODY)
            for n, (column, width) in enumerate(zip(columns, widths, strict=False), start=1)
        ]

    def _place(self, number: int, width: int, column: SheetColumn, look: Look) -> Place:
        right, wraps = column.right, column.wraps or look is HEADER
        looks = {} if look is HEADER else column.looks
        formats = (
            column.number_format,
            column.number_format or DATE_FORMAT,
            column.number_format or TIME_FORMAT,
        )
        body, day, moment = (self.number_of(look, one, right=right, wraps=wraps) for one in formats)
        return Place(
            get_column_letter(number),
            width if wraps else 1000,
            body,
            day,
            moment,
            {text: self.number_of(one, right=right, wraps=wraps) for text, one in looks.items()},
        )


def _dashed() -> Border:
    side = Side(style="dashed", color="1C1A1E")
    return Border(left=side, right=side, top=side, bottom=side)
